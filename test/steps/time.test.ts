import { describe, expect, it } from 'vitest';
import type { Service } from '../../src/facts/services.ts';
import { time } from '../../src/steps/time.ts';
import { bookworm, cluster, ids, reasons } from './answers.ts';

type Is = Parameters<typeof time.plan>[1];

const none: Service = { load: 'not-found', active: 'inactive', sub: 'dead', file: '', path: '' };
const running: Service = { load: 'loaded', active: 'active', sub: 'running', file: 'enabled', path: '/x' };
const asleep: Service = { load: 'loaded', active: 'inactive', sub: 'dead', file: 'disabled', path: '/x' };
const machine = { kernel: '6.1', virtualisation: 'kvm', container: false, memory: 1, cpus: 1, init: 'systemd', machineId: '', bootId: '' };

const is = (units: Record<string, Service>, more: Partial<Is> = {}): Is => ({
  os: bookworm,
  machine,
  units: new Map(Object.entries(units).map(([name, unit]) => [`${name}.service`, unit])),
  debs: new Map(),
  rpms: null,
  record: 'time-1',
  absent: { accounts: ['chrony'], folders: ['/var/lib/chrony'] },
  ...more,
});
const rocky = { os: { ...bookworm, family: 'el' as const }, debs: null, rpms: new Map() };
const planned = (...of: Parameters<typeof is>) => ids(time.plan({}, is(...of)));

describe('the step time', () => {
  it('is for all nodes, unless the file says to leave it', () => {
    expect(time.jobs(cluster({ time: 'manage' })).map(({ node }) => node)).toEqual(['node-1', 'node-2']);
    expect(time.jobs(cluster({ time: 'leave' }))).toEqual([]);
  });

  it.each(['chrony', 'chronyd', 'systemd-timesyncd', 'ntpd', 'ntpsec', 'ntp'])(
    'leaves %s to it when that runs, and at every boot',
    (unit) => {
      expect(planned({ [unit]: running })).toEqual([]);
    },
  );

  it('installs chrony where there is nothing, by the name that it has there', () => {
    expect(planned({})).toEqual(['chrony', 'keep']);
    const [, debian] = time.plan({}, is({}));
    const [, el] = time.plan({}, is({}, rocky));
    expect([debian?.do.text, el?.do.text]).toEqual([
      'systemctl enable --now -- chrony.service',
      'systemctl enable --now -- chronyd.service',
    ]);
  });

  it('wakes what is there and sleeps, rather than bringing a second one', () => {
    const [change, ...more] = time.plan({}, is({ 'systemd-timesyncd': asleep }));
    expect(more).toEqual([]);
    expect(change?.do.text).toBe('systemctl enable --now -- systemd-timesyncd.service');
    expect(String(change?.undo)).toContain('systemctl disable -- systemd-timesyncd.service');
    expect(String(change?.undo)).toContain('systemctl stop -- systemd-timesyncd.service');
  });

  it('takes back only what it changed', () => {
    const [change] = time.plan({}, is({ chrony: { ...asleep, file: 'enabled' } }));
    expect(String(change?.undo)).not.toContain('disable');
  });

  it('does nothing in a container, and says why', () => {
    const inside = is({}, { machine: { ...machine, container: true } });
    expect(time.plan({}, inside)).toEqual([]);
    expect(time.notes?.({}, inside)).toHaveLength(1);
    expect(time.notes?.({}, is({}))).toEqual([]);
  });

  it('is refused where chrony is masked, or no package manager is known', () => {
    expect(reasons(() => time.plan({}, is({ chrony: { ...none, load: 'masked' } })))).toEqual([
      expect.stringContaining('chrony.service is masked'),
    ]);
    expect(reasons(() => time.plan({}, is({}, { debs: null })))).toEqual([expect.stringContaining('cannot install chrony')]);
  });
});

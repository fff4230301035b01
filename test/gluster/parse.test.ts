import { describe, expect, it } from 'vitest';
import type { Answer } from '../../src/gluster/answer.ts';
import { parseHeal } from '../../src/gluster/heal.ts';
import { isMember, parsePool } from '../../src/gluster/pool.ts';
import { parseVolumes, splitBrick } from '../../src/gluster/volume-info.ts';
import { joinStatus, parseStatus } from '../../src/gluster/volume-status.ts';
import { recorded } from './recorded.ts';

const value = <T>(answer: Answer<T>): T => {
  if (!answer.ok) throw new Error(`${answer.problem.code}: ${answer.problem.text}`);
  return answer.value;
};
const volume = (name: string, of = 'info-all') => {
  const found = value(parseVolumes(recorded(of))).find((v) => v.name === name);
  if (!found) throw new Error(`no volume ${name}`);
  return found;
};

describe('the pool', () => {
  it('of one node is that node', () => {
    expect(value(parsePool(recorded('pool-empty'))).peers).toEqual([
      expect.objectContaining({ hostname: 'localhost', self: true, connected: true, state: null }),
    ]);
  });

  it('of three lists all, whichever is asked, under all their names', () => {
    const one = value(parsePool(recorded('pool-three'))).peers;
    const two = value(parsePool(recorded('pool-three-from-2'))).peers;
    expect(one.map((p) => p.hostname).sort()).toEqual(['localhost', 'n2', 'n3']);
    expect(one.find((p) => p.hostname === 'n3')?.hostnames).toEqual(['n3', '10.99.0.3']);
    expect(one.every(isMember)).toBe(true);
    expect(new Set(one.map((p) => p.uuid))).toEqual(new Set(two.map((p) => p.uuid)));
  });

  it('shows a member that is away as no member to rely on, though its state is still 3', () => {
    const away = value(parsePool(recorded('pool-one-down'))).peers.filter((p) => !isMember(p));
    expect(away).toEqual([expect.objectContaining({ hostname: 'n3', connected: false, state: 3 })]);
    expect(value(parsePool(recorded('pool-back'))).peers.every(isMember)).toBe(true);
  });
});

describe('volumes', () => {
  it('are none where there are none', () => {
    expect(value(parseVolumes(recorded('volumes-none')))).toEqual([]);
  });

  it.each([
    ['gv0', { type: 'replicate', typeText: 'Replicate', setSize: 3, redundancy: 0, status: 'started' }],
    ['arb', { type: 'arbiter', typeText: 'Replicate', setSize: 3, status: 'created' }],
    ['dsp', { type: 'disperse', setSize: 3, redundancy: 1 }],
    ['dst', { type: 'distribute', setSize: 1 }],
    ['dr', { type: 'replicate', typeText: 'Distributed-Replicate', setSize: 3 }],
  ])('%s has its type and set size', (name, is) => {
    expect(volume(name)).toMatchObject(is);
  });

  it('have bricks in order, by name and by the UUID of their node', () => {
    const dr = volume('dr');
    expect(dr.bricks.map((b) => `${b.host}:${b.path}`)).toEqual([
      'n1:/srv/bricks/dr1',
      'n2:/srv/bricks/dr1',
      'n3:/srv/bricks/dr1',
      'n2:/srv/bricks/dr2',
      'n3:/srv/bricks/dr2',
      'n1:/srv/bricks/dr2',
    ]);
    expect(dr.bricks[0]?.hostUuid).toBe(dr.bricks[5]?.hostUuid);
    expect(volume('arb').bricks.map((b) => b.arbiter)).toEqual([false, false, true]);
    expect(splitBrick('fd00::1:/a:/b')).toEqual({ host: 'fd00::1', path: '/a:/b' });
  });

  it('have the options that were set', () => {
    const { options } = volume('gv0');
    expect(options.get('network.ping-timeout')).toBe('20');
    expect(options.get('features.shard')).toBe('on');
  });
});

describe('volume status', () => {
  const state = (name: string) =>
    joinStatus(
      volume('gv0'),
      value(parseStatus(recorded(name))).find((v) => v.name === 'gv0'),
    );

  it('shows every brick with port and process', () => {
    const { bricks, services } = state('status');
    expect(bricks.map((b) => [b.host, b.online, b.reported])).toEqual([
      ['n1', true, true],
      ['n2', true, true],
      ['n3', true, true],
    ]);
    for (const b of bricks) expect(b.port).toBeGreaterThanOrEqual(49152);
    expect(services.map((s) => [s.name, s.online])).toEqual(Array(3).fill(['Self-heal Daemon', true]));
  });

  it('shows the brick of a disconnected peer as down, which gluster leaves out', () => {
    expect(recorded('status-one-down').stdout).not.toContain('n3');
    expect(state('status-one-down').bricks.map((b) => [b.host, b.online, b.reported])).toEqual([
      ['n1', true, true],
      ['n2', true, true],
      ['n3', false, false],
    ]);
  });

  it('tells space and filesystem with detail', () => {
    const space = state('status-detail').bricks[0]?.space;
    expect(space?.fstype).toBe('tmpfs');
    expect(space?.total).toBeGreaterThanOrEqual(space?.free ?? Number.POSITIVE_INFINITY);
  });

  it('is empty in a pool without volumes, and shows all bricks of a stopped one as down', () => {
    expect(value(parseStatus(recorded('status-no-volumes')))).toEqual([]);
    expect(joinStatus(volume('dst'), undefined).bricks).toEqual([
      expect.objectContaining({ host: 'n1', online: false, reported: false }),
      expect.objectContaining({ host: 'n2', online: false, reported: false }),
    ]);
    expect(value(parseStatus(recorded('status-all'))).map((v) => v.name)).toEqual(['arb', 'gv0']);
  });
});

describe('what waits to be healed', () => {
  it('is nothing on a healthy volume, by either command', () => {
    expect(value(parseHeal(recorded('heal-info')))).toMatchObject({ entries: 0 });
    expect(value(parseHeal(recorded('heal-summary')))).toMatchObject({ entries: 0, splitBrain: 0 });
  });

  it.each(['heal-info-one-down', 'heal-summary-one-down'])('%s: unknown, never 0, where a brick is down', (name) => {
    const heal = value(parseHeal(recorded(name)));
    expect(heal.entries).toBeNull();
    expect(heal.bricks[2]).toMatchObject({ host: 'n3', path: '/srv/bricks/gv0', hostUuid: null, connected: false, entries: null });
    expect(heal.bricks[2]?.status).toMatch(/Transport endpoint is not connected\)?$/);
    expect(heal.bricks[0]?.entries).toBeGreaterThan(0);
  });
});

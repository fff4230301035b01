import { describe, expect, it } from 'vitest';
import type { BlockDevice } from '../../src/facts/block-graph.ts';
import { classify } from '../../src/facts/disks.ts';
import type { Link } from '../../src/steps/disk/rule.ts';
import { ruleText } from '../../src/steps/disk/rule.ts';
import type { WantDisk } from '../../src/steps/disk/wish.ts';
import { diskLink } from '../../src/steps/disk-link.ts';
import { blank } from '../facts/block-graphs.ts';
import { file, ids, reasons } from './answers.ts';

const entry = (over: Partial<WantDisk> = {}): WantDisk => ({
  select: { by: 'device', value: '/dev/vdb' },
  link: 'data',
  use: 'none',
  mount: null,
  raid: null,
  wipe: false,
  ...over,
});
const want = (...disks: WantDisk[]) => ({ cluster: 'c', node: 'n', disks });

const facts = (
  devices: BlockDevice[],
  { rule = null as string | null, to = '', udev = true, identity = null as Link['identity'] } = {},
) => ({
  disks: classify({ devices, unknown: [] }),
  records: new Map(),
  names: new Map(),
  links: new Map([['data', { identity, to }]]),
  rules: new Map([['data', file(rule)]]),
  udev,
});

const serial = { property: 'ID_SERIAL' as const, value: 'S-vdb' };

describe('disk-link', () => {
  it('leads to a disk by its serial, whatever is on it, and has then nothing to do', () => {
    const used = blank('vdb', { mounts: ['/'], signatures: [{ type: 'ext4', label: '', uuid: '' }] });
    const [change] = diskLink.plan(want(entry()), facts([used]));
    expect(change?.diff).toMatchObject({
      path: '/etc/udev/rules.d/90-glusterctl-data.rules',
      after: expect.stringContaining('ENV{ID_SERIAL}=="S-vdb", SYMLINK+="disk/data"'),
    });
    expect(change?.do.text).toMatch(/udevadm control --reload\nudevadm trigger .*--property-match='ID_SERIAL=S-vdb'\nudevadm settle/);
    const done = facts([used], { rule: ruleText('data', serial), to: 'vdb', identity: serial });
    expect(diskLink.plan(want(entry()), done)).toEqual([]);
    // The rule is there, the link is not.
    expect(ids(diskLink.plan(want(entry()), facts([used], { rule: ruleText('data', serial), identity: serial })))).toEqual(['link:data']);
  });

  it('leads to a place where there is no serial, and says so', () => {
    const is = facts([blank('vdb', { serial: '', idSerial: '', idPath: 'pci-0000:00:12.0' })]);
    expect(diskLink.plan(want(entry()), is)[0]?.diff?.after).toContain('ENV{ID_PATH}=="pci-0000:00:12.0"');
    expect(diskLink.notes?.(want(entry()), is)).toEqual([
      '/dev/vdb has no serial: /dev/disk/data leads to whatever disk is plugged in at pci-0000:00:12.0',
    ]);
  });

  it('leads to a partition by its UUID', () => {
    const ownUuid = { property: 'ID_PART_ENTRY_UUID' as const, value: 'p-3' };
    const devices = [blank('vdb', { children: ['vdb3'] }), blank('vdb3', { type: 'part', parents: ['vdb'], idSerial: 'S-vdb', ownUuid })];
    const [change] = diskLink.plan(want(entry({ select: { by: 'device', value: '/dev/vdb3' } })), facts(devices));
    expect(change?.diff?.after).toContain('ENV{DEVTYPE}=="partition", ENV{ID_PART_ENTRY_UUID}=="p-3"');
  });

  it('follows the file to another disk, since nothing was written to the one before', () => {
    const devices = [blank('vdb'), blank('vdc')];
    const is = facts(devices, { rule: ruleText('data', serial), to: 'vdb', identity: serial });
    const [change] = diskLink.plan(want(entry({ select: { by: 'serial', value: 'S-vdc' } })), is);
    expect(change?.diff?.after).toContain('"S-vdc"');
    expect(change?.undo.toString()).toContain('S-vdb');
  });

  it.each([
    [
      'nothing tells the disk from others',
      facts([blank('vdb', { serial: '', idSerial: '' })]),
      /nothing but its name tells it from others/,
    ],
    ['udev does not run', facts([blank('vdb')], { udev: false }), /udev does not run here/],
    ['the name leads elsewhere', facts([blank('vdb')], { to: 'vda' }), /is there already, and leads to \/dev\/vda/],
    ['there is no such disk', facts([blank('vdx')]), /there is no disk with device \/dev\/vdb/],
  ])('refuses where %s', (_, is, expected) => {
    expect(reasons(() => diskLink.plan(want(entry()), is))[0]).toMatch(expected);
  });
});

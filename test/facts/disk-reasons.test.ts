import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlockDevice } from '../../src/facts/block-graph.ts';
import { isWipeable, NEVER, reasonsAgainst, sharedBetweenNodes } from '../../src/facts/disk-reasons.ts';
import { classify } from '../../src/facts/disks.ts';
import { above, beneath, blank, graphs, inUse } from './block-graphs.ts';

const codes = (device: BlockDevice, ...others: BlockDevice[]) =>
  reasonsAgainst(device, { devices: [device, ...others], unknown: [] }).map((r) => r.code);

describe('10,000 block device graphs', () => {
  it('never a device that is in use, holds what is, or is held by it; never one with content, or not known well enough', () => {
    let usable = 0;
    let refused = 0;
    fc.assert(
      fc.property(graphs, (g) => {
        for (const [i, disk] of classify(g.graph).entries()) {
          const made = g.made[i];
          if (made === undefined || made.device.name !== disk.name) throw new Error('order');
          expect(disk.usable).toBe(disk.reasons.length === 0);
          for (const { text } of disk.reasons) expect(text.length).toBeGreaterThan(3);
          if (!disk.usable) {
            refused++;
            continue;
          }
          usable++;
          const up = above(g, made.device);
          const down = beneath(g, made.device);
          expect([disk.name, inUse(made), up.length, made.content]).toEqual([disk.name, false, 0, 'none']);
          // A path that multipath has claimed is what a multipath device is made of.
          expect(down.filter((m) => inUse(m) && m.use !== 'claimed' && m.use !== 'group').map((m) => m.device.name)).toEqual([]);
          expect(disk).toMatchObject({ readOnly: false, removable: false, mounts: [], swap: false, signatures: [], children: [] });
          expect(disk.type).toMatch(/^(disk|mpath|raid\d+)$/);
          expect(disk.size).toBeGreaterThan(512 * 2 ** 20);
          expect(disk.name).toMatch(/^(sd|vd|nvme|dm-|md)/);
          expect(g.graph.unknown).toEqual([]);
        }
      }),
      { numRuns: 12_000 },
    );
    // Neither side may be empty, or this has proven nothing.
    expect(usable).toBeGreaterThan(2000);
    expect(refused).toBeGreaterThan(20_000);
  }, 120_000);

  it('no consent for what is in use, in it or on it', () => {
    fc.assert(
      fc.property(graphs, (g) => {
        for (const [i, disk] of classify(g.graph).entries()) {
          const made = g.made[i];
          if (made === undefined || !isWipeable(disk.reasons)) continue;
          expect([made, ...above(g, made.device)].filter(inUse).map((m) => m.device.name)).toEqual([]);
          expect(
            [made, ...above(g, made.device)].filter((m) => m.content === 'unreadable' && (m === made || m.device.type === 'part')).length,
          ).toBe(0);
          // What stands on it may only be partitions: anything else holds it open.
          expect(above(g, made.device).filter((m) => m.device.type !== 'part').length).toBe(0);
        }
      }),
      { numRuns: 3000 },
    );
  }, 60_000);

  it('every blank disk is taken, whatever its neighbours are', () => {
    fc.assert(
      fc.property(graphs, fc.constantFrom('sdq', 'vdz', 'xvdf', 'nvme9n1', 'nvme0n12', 'mmcblk5', 'cciss!c0d9', 'sdaa'), (g, name) => {
        const graph = { devices: [...g.graph.devices, blank(name)], unknown: [] };
        expect(reasonsAgainst(blank(name), graph)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('ends on graphs that no kernel would make', () => {
    const a = blank('sda', { children: ['sdb', 'sda', 'gone'], parents: ['sdb'] });
    const b = blank('sdb', { children: ['sda'], parents: ['sda'], mounts: ['/'] });
    expect(codes(a, b)).toEqual(expect.arrayContaining(['holder', 'system-disk', 'unknown']));
  });
});

describe('reasons', () => {
  it.each([
    ['a path of a multipath device (gluster-ansible-infra#63)', { multipath: true }, 'multipath'],
    ['an LVM group', { group: 'rhel', signatures: [{ type: 'LVM2_member', label: '', uuid: '' }] }, 'lvm-group'],
    ['a GlusterD2 group', { group: 'gluster-dev-sdb' }, 'gluster-brick'],
    ['a group with our tag', { group: 'data', groupTags: ['glusterctl'] }, 'gluster-brick'],
    ['a USB stick that says it is fixed', { transport: 'usb' }, 'removable'],
    ['the log of a mounted filesystem', { usedBy: ['the filesystem on /srv'] }, 'in-use'],
    ['an old RAID controller', { signatures: [{ type: 'promise_fasttrack_raid_member', label: '', uuid: '' }] }, 'md'],
  ])('%s', (_, over, code) => {
    expect(codes(blank('sda', over as Partial<BlockDevice>))).toContain(code);
  });

  it.each(['loop0', 'ram0', 'zram0', 'nbd0', 'zd16', 'drbd0', 'rbd0', 'mmcblk0boot0', 'nvme0c0n1', 'sr0', 'fd0', 'bcache0', 'sda1'])(
    '%s is no disk, even where lsblk says so',
    (name) => {
      expect(codes(blank(name))).toEqual(['type']);
    },
  );

  it('a multipath device is a disk, its paths are not (voice 3)', () => {
    const path = (name: string) =>
      blank(name, { children: ['dm-0'], wwn: '0x500a', signatures: [{ type: 'mpath_member', label: '', uuid: '' }] });
    const whole = blank('dm-0', { type: 'mpath', path: '/dev/mapper/mpatha', parents: ['sda', 'sdb'] });
    expect(codes(whole, path('sda'), path('sdb'))).toEqual([]);
    expect(codes(path('sda'), whole, path('sdb'))).toContain('multipath');
  });

  it('two disks with one WWN are two paths to one disk', () => {
    expect(codes(blank('sda', { wwn: '0x500a' }), blank('sdb', { wwn: '0x500a' }))).toEqual(['duplicate-wwn']);
    expect(codes(blank('sda', { wwn: '0x500a' }), blank('sdb', { wwn: '0x500b' }))).toEqual([]);
  });

  it('an array is refused when a member is used beside it', () => {
    const array = blank('md0', { type: 'raid1', parents: ['sda', 'sdb'] });
    const member = (name: string, over: Partial<BlockDevice> = {}) => blank(name, { children: ['md0'], ...over });
    expect(codes(array, member('sda'), member('sdb'))).toEqual([]);
    expect(codes(array, member('sda', { mounts: ['/srv'] }), member('sdb'))).toContain('mounted');
    expect(
      codes(array, member('sda', { children: ['md0', 'dm-3'] }), member('sdb'), blank('dm-3', { type: 'lvm', parents: ['sda'] })),
    ).toContain('holder');
  });

  it('a disk shared between nodes is seen by its WWN, a default serial is not', () => {
    const disk = (wwn: string) => ({ path: '/dev/sdb', wwn });
    expect(
      sharedBetweenNodes({ n1: [disk('0x500a')], n2: [disk('0x500a'), disk('')], n3: [disk('')] }).map((s) => [s.node, s.reason.text]),
    ).toEqual([
      ['n1', 'the same WWN 0x500a is on n2: a shared disk'],
      ['n2', 'the same WWN 0x500a is on n1: a shared disk'],
    ]);
  });

  it('what consent can never lift stays apart from what it can', () => {
    expect(NEVER.has('system-disk') && NEVER.has('mounted') && NEVER.has('lvm-group') && NEVER.has('unknown')).toBe(true);
    expect(
      isWipeable([
        { code: 'filesystem', text: 'x' },
        { code: 'partitions', text: 'y' },
      ]),
    ).toBe(true);
    expect(
      isWipeable([
        { code: 'filesystem', text: 'x' },
        { code: 'mounted', text: 'y' },
      ]),
    ).toBe(false);
  });
});

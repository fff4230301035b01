import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BlockDevice } from '../../../src/facts/block-graph.ts';
import { classify, type Disk } from '../../../src/facts/disks.ts';
import { CannotPlan, type Change } from '../../../src/model/step.ts';
import type { DiskRecord } from '../../../src/steps/disk/record.ts';
import type { Link } from '../../../src/steps/disk/rule.ts';
import type { WantDisk, WantDisks } from '../../../src/steps/disk/wish.ts';
import { diskLink } from '../../../src/steps/disk-link.ts';
import { diskRaw } from '../../../src/steps/disk-raw.ts';
import { diskThin } from '../../../src/steps/disk-thin.ts';
import { diskXfs } from '../../../src/steps/disk-xfs.ts';
import { above, beneath, blank, type Generated, graphs, inUse } from '../../facts/block-graphs.ts';
import { file } from '../answers.ts';

const entry = (over: Partial<WantDisk> = {}): WantDisk => ({
  select: { by: 'device', value: '/dev/vdb' },
  link: null,
  use: 'thin',
  mount: '/data/brick1',
  raid: null,
  wipe: false,
  ...over,
});

const want = (...disks: WantDisk[]): WantDisks => ({ cluster: 'prod', node: 'node-1', disks });

interface More {
  records?: Record<string, DiskRecord>;
  links?: Record<string, Link>;
}

const seen = (disks: readonly Disk[], wanted: WantDisks, { records = {}, links = {} }: More = {}) => ({
  disks,
  records: new Map(wanted.disks.flatMap(({ mount }) => (mount === null ? [] : [[mount, records[mount] ?? null] as const]))),
  links: new Map(wanted.disks.flatMap(({ link }) => (link === null ? [] : [[link, links[link] ?? { identity: null, to: '' }] as const]))),
  names: new Map<string, string>(),
  lvm: null,
  profile: file(null),
  rules: new Map(wanted.disks.flatMap(({ link }) => (link === null ? [] : [[link, file(null)] as const]))),
  udev: true,
});

interface Outcome {
  changes: Change[];
  refused: string[];
}

/** All steps that write to disks, together. */
const planned = (wanted: WantDisks, disks: readonly Disk[], more?: More): Outcome => {
  const is = seen(disks, wanted, more);
  const out: Outcome = { changes: [], refused: [] };
  const steps = { thin: diskThin, xfs: diskXfs, heketi: diskRaw };
  for (const [use, step] of Object.entries(steps)) {
    if (!wanted.disks.some((disk) => disk.use === use)) continue;
    try {
      out.changes.push(...step.plan(wanted, is));
    } catch (error) {
      if (!(error instanceof CannotPlan)) throw error;
      for (const { what, why, next } of error.reasons) {
        expect(what.length).toBeGreaterThan(5);
        expect(next?.length).toBeGreaterThan(5);
        out.refused.push([what, why].filter(Boolean).join(': '));
      }
    }
  }
  return out;
};

/** Every script that touches a disk finds it first; the others work inside of an LVM group that carries our tags. */
const writes = (change: Change): boolean => /^ *find_disk [A-Z]/m.test(change.do.text);

/** The device that a change finds for itself on the node. */
const target = (change: Change, disks: readonly Disk[]): Disk | undefined => {
  const [, property, value = ''] = /^ *find_disk ([A-Z_]+) (\S+) /m.exec(change.do.text) ?? [];
  return disks.find((d) => {
    if (property === 'ID_SERIAL') return d.idSerial === value && d.type !== 'part';
    return property === 'NAME' ? d.name === value : d.ownUuid?.value === value;
  });
};

const wishes = fc.array(
  fc.record({
    which: fc.nat(20),
    by: fc.constantFrom('device', 'serial', 'match' as const),
    use: fc.constantFrom('thin', 'xfs', 'heketi' as const),
    wipe: fc.constantFrom(true, true, false),
  }),
  { minLength: 1, maxLength: 3, size: 'small' },
);

/** Partitions get what tells them apart, so that they can be named. */
const named = (g: Generated): Generated => {
  for (const { device } of g.made) {
    if (device.type === 'part') device.ownUuid = { property: 'ID_PART_ENTRY_UUID', value: `uuid-${device.name}` };
  }
  return g;
};

const wishOf = (g: Generated, list: typeof wishes extends fc.Arbitrary<infer T> ? T : never): WantDisks =>
  want(
    ...list.map(({ which, by, use, wipe }, i) => {
      const device = g.made[which % g.made.length]?.device as BlockDevice;
      const mount = use === 'heketi' ? null : `/data/brick${i}`;
      if (by === 'match') {
        const select = { by, minSize: 2 ** 30, maxSize: null, model: null, rotational: null, limit: mount === null ? 2 : 1 };
        return entry({ select, use, mount, wipe });
      }
      return entry({ select: { by, value: by === 'device' ? device.path : device.serial }, use, mount, wipe });
    }),
  );

/** Something other than being a partition speaks against it. */
const content = (disk: Disk): boolean => disk.reasons.some(({ code }) => code !== 'type');

describe('12,000 block device graphs', () => {
  it('nothing is ever written to what is in use, holds it or is held by it, nor to any content without its serial (voice 10)', () => {
    const counts = { written: 0, wiped: 0, refused: 0 };
    fc.assert(
      fc.property(graphs.map(named), wishes, (g, list) => {
        const disks = classify(g.graph);
        const wanted = wishOf(g, list);
        const { changes, refused } = planned(wanted, disks);
        counts.refused += refused.length;
        const wiped = new Set<string>();
        const given = new Set<string>();
        for (const change of changes.filter(writes)) {
          const disk = target(change, disks);
          const made = g.made.find((m) => m.device.name === disk?.name);
          if (disk === undefined || made === undefined) throw new Error(`no device: ${change.title}`);
          const over = above(g, made.device);
          expect([made, ...over].filter(inUse).map((m) => m.device.name)).toEqual([]);
          const below = beneath(g, made.device).filter((m) => inUse(m) && m.use !== 'claimed' && m.use !== 'group');
          expect(below.map((m) => m.device.name)).toEqual([]);
          expect(disk.type).toMatch(/^(disk|part|mpath|raid\d+)$/);
          // A partition only where its own name was given.
          const byName = wanted.disks.some(({ select }) => select.by === 'device' && select.value === disk.path);
          expect(disk.type !== 'part' || byName).toBe(true);
          expect(change.do.text).toMatch(/^ *(idle|blank)$/m);
          if (change.risk === 'destructive') {
            counts.wiped++;
            wiped.add(disk.name);
            expect(change.device).toMatchObject({ path: disk.path, serial: disk.serial || disk.idPath || disk.path });
            expect(change.device?.loses.length).toBeGreaterThan(3);
            expect(change.undo).toBe('nothing');
            continue;
          }
          counts.written++;
          // What is not blank was named, and its loss agreed to, by an entry with wipe: true before.
          const dirty = [made, ...over].some((m) => m.content !== 'none') || over.length > 0;
          expect(dirty && !wiped.has(disk.name)).toBe(false);
          expect(given.has(disk.name) && change.id.startsWith('group:')).toBe(false);
          given.add(disk.name);
        }
      }),
      { numRuns: 12_000 },
    );
    expect(counts.written).toBeGreaterThan(1000);
    expect(counts.wiped).toBeGreaterThan(100);
    expect(counts.refused).toBeGreaterThan(5000);
  }, 240_000);

  it('every disk that is named and not taken has a reason; every blank one is taken without one, and without a serial', () => {
    fc.assert(
      fc.property(graphs.map(named), fc.constantFrom('thin', 'xfs', 'heketi' as const), fc.boolean(), (g, use, wipe) => {
        const spare = blank('vdz', { serial: 'SPARE', idSerial: 'SPARE' });
        const disks = classify({ devices: [...g.graph.devices, spare], unknown: g.graph.unknown });
        for (const disk of disks) {
          const wanted = want(
            entry({ select: { by: 'device', value: disk.path }, use, mount: use === 'heketi' ? null : '/data/brick1', wipe }),
          );
          const { changes, refused } = planned(wanted, disks);
          expect([disk.name, changes.some(writes)]).toEqual([disk.name, refused.length === 0 && (use !== 'heketi' || content(disk))]);
          if (disk.usable) expect(changes.filter((c) => c.risk === 'destructive')).toEqual([]);
          if (content(disk) && !wipe) expect(refused.length).toBe(1);
        }
        if (g.graph.unknown.length === 0) expect(disks.find((d) => d.name === 'vdz')?.usable).toBe(true);
      }),
      { numRuns: 1500 },
    );
  }, 120_000);
});

const disks = (...devices: BlockDevice[]) => classify({ devices, unknown: [] });
const signed = (type: string, uuid = '') => ({ signatures: [{ type, label: '', uuid }] });

describe('choosing', () => {
  it('plans the same text for a bare node and for one that has the tools by now', () => {
    const wanted = want(entry());
    const bare = planned(wanted, disks(blank('vdb'))).changes;
    const later = diskThin.plan(wanted, {
      ...seen(disks(blank('vdb')), wanted),
      lvm: { pvs: [], vgs: [], lvs: [] },
      profile: { ...file(null), parent: false },
    });
    expect(later.map((c) => c.do.text)).toEqual(bare.map((c) => c.do.text));
    expect(bare.map((c) => c.id)).toEqual([
      'file:/etc/lvm/profile/glusterctl-thin.profile',
      'group:/data/brick1',
      'pool:/data/brick1',
      'filesystem:/data/brick1',
    ]);
    for (const { do: deed } of bare) expect(deed.text).not.toMatch(/\/dev\/vdb/);
  });

  // Voice 9: sdb and sdc swap on reboot.
  it('finds the disk that a mount point was set up on by what it is, not by the name that the file gives', () => {
    const wanted = want(entry({ use: 'xfs' }), entry({ use: 'xfs', mount: '/data/brick2', select: { by: 'device', value: '/dev/vdc' } }));
    const record = (serial: string, uuid: string) => ({
      identity: { property: 'ID_SERIAL' as const, value: serial },
      uuid,
      formatted: true,
    });
    const swapped = disks(
      blank('vdb', { serial: 'B', idSerial: 'B', ...signed('xfs', 'u2'), mounts: ['/data/brick2'] }),
      blank('vdc', { serial: 'A', idSerial: 'A', ...signed('xfs', 'u1'), mounts: ['/data/brick1'] }),
    );
    const records = { '/data/brick1': record('A', 'u1'), '/data/brick2': record('B', 'u2') };
    expect(planned(wanted, swapped, { records })).toEqual({ changes: [], refused: [] });
    expect(diskLink.notes?.(wanted, seen(swapped, wanted, { records }))).toEqual([
      '/data/brick1: its disk, /dev/vdb in the file, is /dev/vdc (serial A) now',
      '/data/brick2: its disk, /dev/vdc in the file, is /dev/vdb (serial B) now',
    ]);
  });

  it('takes no other disk in the place of one that is not plugged in', () => {
    const records = { '/data/brick1': { identity: { property: 'ID_SERIAL' as const, value: 'GONE' }, uuid: 'u1', formatted: true } };
    const { changes, refused } = planned(want(entry({ use: 'xfs' })), disks(blank('vdb')), { records });
    expect([changes, refused[0]]).toEqual([[], expect.stringContaining('the disk of /data/brick1 is not there')]);
  });

  it('does not make a brick anew on its own disk that has become blank', () => {
    const records = { '/data/brick1': { identity: { property: 'ID_SERIAL' as const, value: 'S-vdb' }, uuid: 'u1', formatted: true } };
    for (const use of ['xfs', 'thin'] as const) {
      const { changes, refused } = planned(want(entry({ use })), disks(blank('vdb')), { records });
      expect([changes.filter(writes), refused[0]]).toEqual([
        [],
        expect.stringContaining('does not carry the filesystem of /data/brick1 any more'),
      ]);
    }
  });

  it('goes on where a run was cut off between pvcreate and vgcreate, and only there', () => {
    const records = { '/data/brick1': { identity: { property: 'ID_SERIAL' as const, value: 'S-vdb' }, uuid: null, formatted: false } };
    const orphan = disks(blank('vdb', { ...signed('LVM2_member'), group: '' }));
    expect(planned(want(entry()), orphan, { records }).changes.map((c) => c.id)).toContain('group:/data/brick1');
    expect(planned(want(entry()), orphan).refused).toHaveLength(1);
    const foreign = disks(blank('vdb', { ...signed('LVM2_member'), group: 'rhel' }));
    expect(planned(want(entry({ wipe: true })), foreign, { records }).refused).toHaveLength(1);
    const ext4 = disks(blank('vdb', signed('ext4')));
    expect(planned(want(entry()), ext4, { records }).refused).toHaveLength(1);
  });

  it('asks for the place of a disk without a serial, so that consent to lose one covers no other', () => {
    const without = { serial: '', idSerial: '', ...signed('ext4') };
    const { changes } = planned(
      want(
        entry({ use: 'xfs', wipe: true }),
        entry({ use: 'xfs', wipe: true, mount: '/data/brick2', select: { by: 'device', value: '/dev/vdc' } }),
      ),
      disks(blank('vdb', { ...without, idPath: 'pci-0000:00:12.0' }), blank('vdc', without)),
    );
    const wipes = changes.filter(({ risk }) => risk === 'destructive');
    expect(wipes.map(({ device, title }) => [device?.serial, title])).toEqual([
      ['pci-0000:00:12.0', 'erase what is on /dev/vdb, which has no serial: pci-0000:00:12.0 in its place'],
      ['/dev/vdc', 'erase what is on /dev/vdc, which has no serial: /dev/vdc in its place'],
    ]);
  });

  it('does not take a disk for its own because a link of ours leads to it', () => {
    const links = { data: { identity: { property: 'ID_SERIAL' as const, value: 'S-vdb' }, to: 'vdb' } };
    const { changes, refused } = planned(want(entry({ link: 'data' })), disks(blank('vdb', signed('ext4'))), { links });
    expect([changes, refused]).toEqual([[], ['/dev/vdb (serial S-vdb) is not taken for /data/brick1: ext4 filesystem']]);
  });

  // Voice 1: backend setup is not idempotent.
  it('knows its own LVM group by all of its tags', () => {
    const tags = ['glusterctl', 'glusterctl.cluster=prod', 'glusterctl.node=node-1', 'glusterctl.mount=/data/brick1'];
    const group = (groupTags: string[]) =>
      disks(blank('vdb', { ...signed('LVM2_member'), group: 'gluster_node_1_data_brick1', groupTags }));
    expect(planned(want(entry()), group(tags)).changes.map((c) => c.id)).not.toContain('group:/data/brick1');
    for (const missing of tags)
      expect(planned(want(entry({ wipe: true })), group(tags.filter((t) => t !== missing))).refused).toHaveLength(1);
  });

  it('gives a filter free disks only, in the order of their names, and never one that another entry has', () => {
    const match = (limit: number) => ({ by: 'match' as const, minSize: null, maxSize: null, model: null, rotational: false, limit });
    const some = disks(blank('sdaa'), blank('sdb', signed('ext4')), blank('sdc'), blank('sdd', { rotational: true }), blank('sde'));
    const wanted = want(
      entry({ select: match(1), mount: '/data/a' }),
      entry({ select: { by: 'device', value: '/dev/sdc' }, mount: '/data/b' }),
      entry({ select: match(1), mount: '/data/c' }),
      entry({ select: match(1), mount: '/data/d', wipe: true }),
    );
    const { changes, refused } = planned(wanted, some);
    expect(changes).toEqual([]);
    expect(refused).toEqual([expect.stringContaining('no free disk fits what /data/d wants')]);
    const titles = planned(want(...wanted.disks.slice(0, 3)), some).changes.flatMap((c) => (c.id.startsWith('group') ? c.title : []));
    expect(titles.map((t) => t.replace(/.* on /, ''))).toEqual([
      '/dev/sde (serial S-sde)',
      '/dev/sdc (serial S-sdc)',
      '/dev/sdaa (serial S-sdaa)',
    ]);
  });

  // Voice 10: dirty disk.
  it('leaves Heketi what Heketi has, and gives it no more than the limit', () => {
    const heketi = (limit: number | null) =>
      want(
        entry({ use: 'heketi', mount: null, select: { by: 'match', minSize: null, maxSize: null, model: null, rotational: null, limit } }),
      );
    const own = blank('sdb', { ...signed('LVM2_member'), group: `vg_${'0a'.repeat(16)}` });
    expect(planned(heketi(1), disks(own, blank('sdc')))).toEqual({ changes: [], refused: [] });
    expect(planned(heketi(null), disks(own))).toEqual({ changes: [], refused: [] });
    expect(planned(heketi(2), disks(blank('sdb', signed('ext4')))).refused).toHaveLength(1);
    expect(planned(want(entry({ use: 'heketi', mount: null })), disks(blank('vdb', signed('ext4')))).refused[0]).toContain('ext4');
  });

  // Voice 3: a multipath member taken for a free disk.
  it('refuses a serial that two disks report, and takes the multipath device of several paths', () => {
    const twins = disks(blank('sda', { serial: 'X', idSerial: 'X' }), blank('sdb', { serial: 'X', idSerial: 'X' }));
    const wanted = want(entry({ select: { by: 'serial', value: 'X' } }));
    expect(planned(wanted, twins).refused[0]).toContain('2 disks have serial X: /dev/sda, /dev/sdb');
    const path = (name: string) => blank(name, { serial: 'X', idSerial: 'X', children: ['dm-0'], ...signed('mpath_member') });
    const ownUuid = { property: 'DM_UUID' as const, value: 'mpath-x' };
    const whole = blank('dm-0', { type: 'mpath', path: '/dev/mapper/mpatha', serial: 'X', idSerial: '', parents: ['sda', 'sdb'], ownUuid });
    expect(planned(wanted, disks(path('sda'), path('sdb'), whole)).changes.find((c) => c.id.startsWith('group'))?.do.text).toContain(
      'find_disk DM_UUID mpath-x disk',
    );
  });

  it('asks for a serial before it writes to a blank partition of the system disk, and takes none by serial', () => {
    const root = blank('vda', { children: ['vda1', 'vda3'], ...signed('gpt') });
    const system = blank('vda1', { type: 'part', parents: ['vda'], mounts: ['/'] });
    const ownUuid = { property: 'ID_PART_ENTRY_UUID' as const, value: 'p-3' };
    const free = blank('vda3', { type: 'part', parents: ['vda'], serial: 'S-vda', idSerial: 'S-vda', ownUuid });
    const all = disks(root, system, free);
    const { changes, refused } = planned(want(entry({ select: { by: 'device', value: '/dev/vda3' } })), all);
    expect(refused).toEqual([]);
    expect(changes[1]).toMatchObject({ risk: 'destructive', device: { path: '/dev/vda3', serial: 'S-vda' } });
    expect(changes[2]?.do.text).toContain('find_disk ID_PART_ENTRY_UUID p-3 partition');
    expect(planned(want(entry({ select: { by: 'serial', value: 'S-vda' }, wipe: true })), all).refused).toHaveLength(1);
    expect(planned(want(entry({ select: { by: 'device', value: '/dev/vda1' }, wipe: true })), all).refused).toHaveLength(1);
  });
});

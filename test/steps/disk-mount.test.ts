import { describe, expect, it } from 'vitest';
import { classify } from '../../src/facts/disks.ts';
import type { LvmTree } from '../../src/facts/lvm.ts';
import type { BrickMount } from '../../src/steps/disk/mount-state.ts';
import { brickUnit } from '../../src/steps/disk/mount-unit.ts';
import type { DiskRecord } from '../../src/steps/disk/record.ts';
import { diskMount } from '../../src/steps/disk-mount.ts';
import { blank } from '../facts/block-graphs.ts';
import { ids, reasons, run } from './answers.ts';

type Is = Parameters<typeof diskMount.plan>[1];

const entry = { select: { by: 'serial' as const, value: 'S' }, link: null, mount: '/data/b', raid: null, wipe: false };
const want = (use: 'thin' | 'xfs') => ({ cluster: 'prod', node: 'n', disks: [{ ...entry, use }] });

const nowhere: BrickMount = {
  systemd: true,
  kind: 'none',
  missing: ['/data/b', '/data'],
  immutable: null,
  device: null,
  unit: null,
  enabled: false,
  fstab: false,
  label: '',
};

const DEVICE = '/dev/mapper/gluster_n_data_b-brick';
const what = '/dev/disk/by-id/dm-uuid-LVM-vgidlvid';
const lvm = {
  pvs: [],
  vgs: [{ name: 'gluster_n_data_b', uuid: 'vg-id' }],
  lvs: [{ group: 'gluster_n_data_b', name: 'brick', uuid: 'lv-id' }],
} as unknown as LvmTree;
const lv = (mounts: string[]) =>
  classify({
    devices: [blank('dm-4', { type: 'lvm', path: DEVICE, mounts, signatures: [{ type: 'xfs', label: '', uuid: 'u' }] })],
    unknown: [],
  });

const facts = (at: Partial<BrickMount> = {}, more: Partial<Is> = {}): Is => ({
  disks: [],
  lvm: null,
  records: new Map<string, DiskRecord | null>(),
  at: new Map([['/data/b', { ...nowhere, ...at }]]),
  selinux: { mode: 'absent', configured: null },
  ...more,
});

const mounted = { kind: 'mounted' as const, missing: [], device: '253:4', enabled: true };

describe('disk-mount', () => {
  it('makes the mount point and mounts it there; on a bare node it plans the same text as later', () => {
    const bare = diskMount.plan(want('thin'), facts());
    expect(ids(bare)).toEqual(['folder:/data/b', 'mount:/data/b']);
    const later = diskMount.plan(want('thin'), facts({}, { lvm, disks: lv([]) }));
    expect(later.map((c) => c.do.text)).toEqual(bare.map((c) => c.do.text));
    expect(bare[1]?.do.text).not.toContain('vgidlvid');
  });

  it('names a thin volume by its own UUID, since snapshots carry the one of its filesystem', () => {
    const [, mount] = diskMount.plan(want('thin'), facts());
    expect(mount?.do.text).toContain('/dev/disk/by-id/dm-uuid-');
    expect(mount?.do.text).not.toContain('/dev/disk/by-uuid/');
    expect(diskMount.plan(want('xfs'), facts())[1]?.do.text).toContain('/dev/disk/by-uuid/');
  });

  it('mounts a disk that comes late when it comes', () => {
    for (const use of ['thin', 'xfs'] as const) expect(diskMount.plan(want(use), facts())[1]?.do.text).toContain('\nWants=data-b.mount\n');
  });

  it('has nothing to do where all is as wanted, and something where any of it is not', () => {
    const right = { ...mounted, unit: brickUnit('/data/b', what) };
    const on = { lvm, disks: lv(['/data/b']) };
    expect(diskMount.plan(want('thin'), facts(right, on))).toEqual([]);
    expect(ids(diskMount.plan(want('thin'), facts({ ...right, enabled: false }, on)))).toEqual(['mount:/data/b']);
    expect(ids(diskMount.plan(want('thin'), facts({ ...right, unit: brickUnit('/data/b', '/dev/disk/by-uuid/u') }, on)))).toEqual([
      'mount:/data/b',
    ]);
    const off = facts({ ...right, kind: 'empty', device: null, immutable: true }, { lvm, disks: lv([]) });
    expect(ids(diskMount.plan(want('thin'), off))).toEqual(['mount:/data/b']);
  });

  // Voice 20: the brick unmounted and Gluster wrote to root.
  it('makes a directory immutable that was there, and mutable again', () => {
    const [folder] = diskMount.plan(want('thin'), facts({ kind: 'empty', missing: [], immutable: false }));
    expect(folder?.do.text).toContain('chattr +i');
    expect(folder?.undo.toString()).toContain('chattr -i');
    const kept = diskMount.plan(want('thin'), facts({ kind: 'empty', missing: [], immutable: true }));
    expect(ids(kept)).toEqual(['mount:/data/b']);
  });

  it.each([
    ['something else', { ...mounted, device: '8:1' }, /something else is mounted at \/data\/b/],
    ['a line in fstab', { fstab: true }, /\/etc\/fstab has a line for \/data\/b/],
    ['a file', { kind: 'other' as const }, /is not a directory/],
    ['files', { kind: 'full' as const, missing: [] }, /is not empty \| what is in it would be hidden/],
    ['no systemd', { systemd: false }, /systemd does not run here/],
  ])('refuses a place with %s', (_, at, expected) => {
    const [reason] = reasons(() => diskMount.plan(want('thin'), facts(at, { lvm, disks: lv([]) })));
    expect(reason).toMatch(expected);
  });

  it('labels the brick where SELinux is on, by semanage where that is there and by chcon where it is not', () => {
    const selinux = { mode: 'enforcing' as const, configured: 'enforcing' };
    const labelled = { ...mounted, unit: brickUnit('/data/b', what), label: 'glusterd_brick_t' };
    const on = { lvm, disks: lv(['/data/b']), selinux };
    expect(diskMount.plan(want('thin'), facts(labelled, on))).toEqual([]);
    const [change] = diskMount.plan(want('thin'), facts({ ...labelled, label: 'unlabeled_t' }, on));
    if (!change) throw new Error('nothing is planned');
    const with_ = (tools: string) => run({ ...change.do, text: `${tools}\n${change.do.text}` } as typeof change.do).stdout.trim();
    const stubs = 'semanage() { echo semanage "$@"; }; restorecon() { echo restorecon "$@"; }; chcon() { echo chcon "$@"; }';
    expect(with_(stubs)).toBe('semanage fcontext -a -t glusterd_brick_t /data/b(/.*)?\nrestorecon -RF -- /data/b');
    const none = `${stubs}; command() { [ "$2" != semanage ]; }`;
    expect(with_(none)).toBe('chcon -R -t glusterd_brick_t -- /data/b');
  });
});

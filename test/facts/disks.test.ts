import { describe, expect, it } from 'vitest';
import { isWipeable, type ReasonCode } from '../../src/facts/disk-reasons.ts';
import { type Disk, disks } from '../../src/facts/disks.ts';
import type { FactOutput } from '../../src/model/fact.ts';
import { cases, type Part, recordedDisks } from './recorded-disks.ts';

const FILESYSTEMS =
  'ext2 ext3 ext4 ext4_hostile_label ext4_old_tools ext4_journal xfs gluster_brick vfat fat16 exfat ntfs f2fs reiserfs jfs nilfs2 udf iso9660 squashfs erofs minix cramfs vmfs oracle_asm ocfs2 apfs hfsplus ext4_and_swap vmfs_member';

/** What each recorded disk must be refused for; other reasons may stand beside it. [] is a disk to be used. */
const EXPECTED: Record<string, ReasonCode[]> = {
  blank: [],
  blank_old_tools: [],
  wiped: [],
  pv_removed: [],
  small: ['too-small'],
  read_only: ['read-only'],
  gpt_empty: ['partition-table'],
  gpt_partitions: ['partition-table'],
  gpt_old_tools: ['partition-table'],
  gpt_droplet: ['partition-table'],
  gpt_backup_only: ['partition-table'],
  gpt_over_ext4: ['partition-table'],
  dos_empty: ['partition-table'],
  dos_partitions: ['partition-table'],
  mbr_bootable: ['partition-table'],
  mac_table: ['partition-table'],
  sun_table: ['partition-table'],
  sgi_table: ['partition-table'],
  parts_blank: ['partitions', 'partition-table'],
  parts_content: ['partitions', 'partition-table', 'filesystem', 'lvm'],
  parts_mounted: ['partitions', 'mounted', 'filesystem'],
  parts_swap_on: ['partitions', 'swap', 'system-disk'],
  xfs_mounted: ['mounted', 'filesystem'],
  btrfs: ['btrfs'],
  btrfs_mounted: ['btrfs', 'mounted'],
  gluster_brick_mounted: ['gluster-brick', 'mounted', 'filesystem'],
  swap: ['swap-signature'],
  swap_on: ['swap', 'swap-signature', 'system-disk'],
  hibernated: ['swap-signature'],
  luks1: ['luks'],
  luks2: ['luks'],
  lvm_pv: ['lvm'],
  lvm_group: ['lvm', 'lvm-group'],
  lvm_heketi: ['lvm', 'lvm-group', 'gluster-brick'],
  lvm_glusterctl: ['lvm', 'lvm-group', 'gluster-brick'],
  lvm_partial: ['lvm'],
  md_090: ['md'],
  md_10: ['md'],
  md_11: ['md'],
  md_12: ['md'],
  md_imsm: ['md'],
  ddf_raid: ['md'],
  promise_raid: ['md'],
  zfs: ['zfs'],
  ceph_bluestore: ['ceph'],
  bcache_backing: ['bcache'],
  bcache_cache: ['bcache'],
  drbd: ['drbd'],
  ...Object.fromEntries(FILESYSTEMS.split(' ').map((name): [string, ReasonCode[]] => [name, ['filesystem']])),
};

/** In use, or of no use, whatever anybody agrees to lose. */
const NEVER = [
  'small',
  'read_only',
  'parts_mounted',
  'parts_swap_on',
  'xfs_mounted',
  'btrfs_mounted',
  'gluster_brick_mounted',
  'swap_on',
  'lvm_group',
  'lvm_heketi',
  'lvm_glusterctl',
  'lvm_partial',
];

const vdb = (name: string): Disk => {
  const disk = disks.parse(recordedDisks(name)).find((d) => d.name === 'vdb');
  if (!disk) throw new Error(`${name} has no vdb`);
  return disk;
};

describe('recorded disks', () => {
  it('are at least 40 dirty ones, and each has its expectation', () => {
    expect(cases.filter((name) => EXPECTED[name]?.length).length).toBeGreaterThanOrEqual(40);
    expect(Object.keys(EXPECTED).sort()).toEqual(cases);
  });

  it.each(cases)('%s', (name) => {
    const disk = vdb(name);
    const codes = disk.reasons.map((r) => r.code);
    const expected = EXPECTED[name] ?? [];
    expect(codes).toEqual(expect.arrayContaining(expected));
    expect(disk.usable).toBe(expected.length === 0);
    expect(codes).not.toContain('unknown');
    expect(codes).not.toContain('type');
    expect(isWipeable(disk.reasons)).toBe(!NEVER.includes(name));
    for (const { text } of disk.reasons) expect(text).toMatch(/^[^\n]+$/);
  });

  it('say what is there, by name', () => {
    const texts = (name: string) => vdb(name).reasons.map((r) => r.text);
    expect(texts('lvm_group')).toContain('LVM physical volume of group data');
    expect(texts('lvm_pv')).toContain('LVM physical volume of no group');
    expect(texts('xfs_mounted')).toContain('mounted on /mnt');
    expect(texts('parts_mounted')).toContain('mounted on /mnt, by vdbp2');
    expect(texts('gluster_brick_mounted')).toContain('Gluster brick at /mnt/brick');
    expect(texts('ext4')).toContain('ext4 filesystem "data"');
    expect(texts('parts_content')).toEqual(expect.arrayContaining(['partitions (vdbp1, vdbp2)', 'ext4 filesystem on vdbp1']));
  });

  it('have sizes and sectors, from new and old tools alike', () => {
    const is = {
      size: 2 ** 30,
      logicalSector: 512,
      physicalSector: 512,
      readOnly: false,
      removable: false,
      rotational: false,
      type: 'disk',
      path: '/dev/vdb',
    };
    expect(vdb('blank')).toMatchObject(is);
    expect(vdb('blank_old_tools')).toMatchObject(is);
    expect(vdb('blank').remarks).toEqual([expect.stringContaining('unstable name')]);
  });

  it('fail closed when any part of the answer is missing', () => {
    const usable = (out: FactOutput) => disks.parse(out).some((d) => d.usable);
    const blank = (change?: (parts: Part[]) => Part[]) => usable(recordedDisks('blank', change));
    const coded = (name: string, code: string) => (parts: Part[]) =>
      parts.map((part) => (part.name === name ? { ...part, code, text: '' } : part));
    expect(blank()).toBe(true);
    for (const name of ['mounts', 'swaps', 'end']) expect(blank((parts) => parts.filter((part) => part.name !== name))).toBe(false);
    expect(blank((parts) => parts.filter(({ name }) => !/^(wipefs|blkid):/.test(name)))).toBe(false);
    expect(blank(coded('wipefs:vdb', '1'))).toBe(false);
    expect(blank(coded('blkid:vdb', '4'))).toBe(false);
    expect(blank(coded('blkid:vdb', '8'))).toBe(false);
    const { stdout } = recordedDisks('blank');
    for (let cut = 0; cut < stdout.length - 4; cut += 5) expect(usable({ stdout: stdout.slice(0, cut), code: 0 })).toBe(false);
  });

  it('never become usable when one tool is blind', () => {
    for (const name of cases.filter((c) => EXPECTED[c]?.length && c !== 'gpt_backup_only')) {
      for (const tool of ['wipefs', 'blkid']) {
        const code = tool === 'blkid' ? '2' : '0';
        const blind = recordedDisks(name, (parts) =>
          parts.map((part) => (part.name.startsWith(`${tool}:`) ? { ...part, code, text: '' } : part)),
        );
        expect([name, tool, disks.parse(blind).some((d) => d.usable)]).toEqual([name, tool, false]);
      }
    }
  });
});

import fc from 'fast-check';
import type { BlockDevice, BlockGraph } from '../../src/facts/block-graph.ts';

/** A disk of 100 GB with nothing on it that nobody uses. */
export const blank = (name: string, over: Partial<BlockDevice> = {}): BlockDevice => ({
  name,
  path: `/dev/${name}`,
  type: 'disk',
  size: 100 * 2 ** 30,
  model: 'QEMU HARDDISK',
  serial: `S-${name}`,
  idSerial: `S-${name}`,
  idPath: '',
  wwn: '',
  transport: '',
  readOnly: false,
  removable: false,
  rotational: false,
  logicalSector: 512,
  physicalSector: 512,
  byId: [],
  byPath: [],
  parents: [],
  children: [],
  mounts: [],
  swap: false,
  usedBy: [],
  signatures: [],
  multipath: false,
  ...over,
});

/** How a device is, or is not, in use; and what it holds. The oracle judges by these alone, never by the product's rules. */
type Use = 'none' | 'mounted' | 'system' | 'swap' | 'opened' | 'group' | 'brick' | 'claimed';
type Content = 'none' | 'filesystem' | 'table' | 'lvm' | 'md' | 'luks' | 'zfs' | 'unreadable';

interface Made {
  device: BlockDevice;
  use: Use;
  content: Content;
}

const SIGNATURE: Record<Content, string | null> = {
  none: '',
  filesystem: 'ext4',
  table: 'gpt',
  lvm: 'LVM2_member',
  md: 'linux_raid_member',
  luks: 'crypto_LUKS',
  zfs: 'zfs_member',
  unreadable: null,
};

/** Mostly as it should be, or no graph at all would have a disk to give. */
const mostly = <T>(good: T, weight: number, ...bad: T[]) =>
  fc.oneof({ arbitrary: fc.constant(good), weight }, { arbitrary: fc.constantFrom(...bad), weight: 1 });
const use = mostly<Use>('none', 5, 'mounted', 'system', 'swap', 'opened', 'group', 'brick', 'claimed');
const content = mostly<Content>('none', 4, 'filesystem', 'table', 'lvm', 'md', 'luks', 'zfs', 'unreadable');
const flaw = mostly('none', 8, 'ro', 'rm', 'tiny', 'usb', 'ro?', 'rm?', 'size?', 'type?');

const make = (name: string, type: string, how: Use, what: Content, bad: string): Made => {
  const signature = SIGNATURE[what];
  return {
    use: how,
    content: what,
    device: blank(name, {
      type: bad === 'type?' ? null : type,
      path: name.startsWith('dm-') ? `/dev/mapper/x-${name}` : `/dev/${name}`,
      mounts: how === 'mounted' ? ['/srv/data'] : how === 'system' ? ['/boot'] : how === 'brick' ? ['/data/brick1'] : [],
      swap: how === 'swap',
      usedBy: how === 'opened' ? ['loop7'] : [],
      group: how === 'group' ? 'vg0' : undefined,
      brick: how === 'brick' ? '/data/brick1/gv0' : undefined,
      multipath: how === 'claimed',
      signatures: signature === null ? null : signature === '' ? [] : [{ type: signature, label: '', uuid: '' }],
      readOnly: bad === 'ro?' ? null : bad === 'ro',
      removable: bad === 'rm?' ? null : bad === 'rm',
      size: bad === 'size?' ? null : bad === 'tiny' ? 2 ** 20 : 100 * 2 ** 30,
      transport: bad === 'usb' ? 'usb' : '',
    }),
  };
};

const link = (parent: BlockDevice, child: BlockDevice): void => {
  parent.children = [...parent.children, child.name];
  child.parents = [...child.parents, parent.name];
};

export interface Generated {
  graph: BlockGraph;
  made: Made[];
}

/**
 * Disks, other whole devices, and up to three layers on top: each new device is a partition of one, or a logical
 * volume, crypt mapping, array, multipath or loop device over some of those that are there.
 */
export const graphs = fc
  .record({
    roots: fc.array(fc.tuple(fc.constantFrom('sd', 'sd', 'sd', 'vd', 'nvme', 'loop', 'zram', 'sr', 'nbd', 'zd'), use, content, flaw), {
      minLength: 1,
      maxLength: 6,
    }),
    layers: fc.array(
      fc.tuple(
        fc.constantFrom('part', 'part', 'lvm', 'crypt', 'raid1', 'mpath', 'loop', 'dm'),
        fc.array(fc.nat(30), { minLength: 1, maxLength: 3 }),
        use,
        content,
        flaw,
      ),
      { maxLength: 8 },
    ),
    sameWwn: mostly(false, 5, true),
    unknown: mostly<string[]>([], 10, ['what is mounted']),
  })
  .map(({ roots, layers, sameWwn, unknown }): Generated => {
    const made: Made[] = roots.map(([kind, u, c, f], i) => {
      const letter = String.fromCharCode(97 + i);
      const name = kind === 'sd' || kind === 'vd' ? `${kind}${letter}` : kind === 'nvme' ? `nvme${i}n1` : `${kind}${i}`;
      return make(name, kind === 'loop' ? 'loop' : kind === 'sr' ? 'rom' : 'disk', u, c, f);
    });
    for (const [i, [type, over, u, c, f]] of layers.entries()) {
      const below = [...new Set(over.map((n) => made[n % made.length] as Made))].slice(0, type === 'part' || type === 'crypt' ? 1 : 3);
      const name =
        type === 'part' ? `${below[0]?.device.name}p${i}` : type === 'raid1' ? `md${i}` : type === 'loop' ? `loop${i + 20}` : `dm-${i}`;
      const one = make(name, type, u, c, f);
      for (const b of below) link(b.device, one.device);
      made.push(one);
    }
    if (sameWwn) for (const m of made.slice(0, 2)) m.device.wwn = '0x5000c500a1b2c3d4';
    return { made, graph: { devices: made.map((m) => m.device), unknown } };
  });

const around = (g: Generated, from: BlockDevice, side: 'children' | 'parents'): Made[] => {
  const direct = g.made.filter((m) => from[side].includes(m.device.name));
  return [...new Set([...direct, ...direct.flatMap((m) => around(g, m.device, side))])];
};

/** Devices made of this one, and those it is made of. */
export const above = (g: Generated, device: BlockDevice): Made[] => around(g, device, 'children');
export const beneath = (g: Generated, device: BlockDevice): Made[] => around(g, device, 'parents');

export const inUse = (m: Made): boolean => m.use !== 'none';

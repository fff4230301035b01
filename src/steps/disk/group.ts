import type { Mounted } from './wish.ts';

/** LVM names as they stand in /dev/mapper: without "-", which would be doubled there. */
export interface ThinNames {
  group: string;
  /** `/dev/mapper/GROUP-brick`. */
  device: string;
  /** By which a group is known as ours, wherever its disk is plugged in. */
  tags: readonly string[];
}

export const POOL = 'pool';
export const BRICK = 'brick';

const plain = (text: string): string => text.replace(/[^A-Za-z0-9]/g, '_');

/** No two mount points give the same name: "/" becomes "_", "-" becomes ".", and the rest of what LVM's names lack +HEX. */
const coded = (mount: string): string =>
  mount
    .slice(1)
    .replace(/[^A-Za-z0-9/-]/g, (c) => `+${c.charCodeAt(0).toString(16)}`)
    .replaceAll('/', '_')
    .replaceAll('-', '.');

/** lvm(8): a tag may hold A-Z a-z 0-9 _ + . - / = ! : # &, not "@". */
const tag = (key: string, value: string): string => `glusterctl.${key}=${value.replaceAll('@', '&40')}`;

export const thinNames = (cluster: string, node: string, { mount }: Pick<Mounted, 'mount'>): ThinNames => {
  const group = `gluster_${plain(node)}_${coded(mount)}`;
  return {
    group,
    device: `/dev/mapper/${group}-${BRICK}`,
    tags: ['glusterctl', tag('cluster', cluster), tag('node', node), tag('mount', mount)],
  };
};

/** `dmsetup` takes names of at most 127 bytes; LVM adds endings such as `-pool_tmeta` (lvm2 2.03). */
export const isTooLong = ({ group }: ThinNames): boolean => group.length > 100;

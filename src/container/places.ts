import type { Cluster, Node } from '../model/cluster.ts';

/** Folders of every system. An image brings them itself: one of the host's in their place would hide what glusterd is made of. */
export const SYSTEM_FOLDERS = [
  '/bin',
  '/boot',
  '/dev',
  '/etc',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/proc',
  '/root',
  '/run',
  '/sbin',
  '/sys',
  '/tmp',
  '/usr',
  '/var',
];

/** Where Heketi mounts the bricks that it makes. */
const HEKETI = '/var/lib/heketi';

const top = (path: string): string => /^\/[^/]+/.exec(path)?.[0] ?? '/';

/** The folder of the image that `path` lies in; null where it lies in none, so that bricks may be there. */
export const cannotHold = (path: string): string | null => SYSTEM_FOLDERS.find((folder) => folder === top(path)) ?? null;

/**
 * Folders of the host that hold bricks, for the container to have too: for each brick and each disk the first folder of its path, and
 * not the mount point itself. A filesystem that is mounted later, or mounted anew, reaches the container only below a folder that
 * it shares with the host: a mount point that was taken into the container keeps what was mounted there at its start, busy and
 * out of date.
 */
export const bricksPlaces = ({ name, disks }: Node, { volumes }: Pick<Cluster, 'volumes'>): string[] => {
  const bricks = volumes.flatMap((volume) => volume.bricks.filter(({ node }) => node === name).map(({ path }) => path));
  const mounts = disks.flatMap(({ mount }) => mount ?? []);
  const heketi = disks.some(({ use }) => use === 'heketi') ? [HEKETI] : [];
  return [...new Set([...[...bricks, ...mounts].map(top), ...heketi])].sort();
};

import type { Filesystem } from '../facts/filesystems.ts';
import { type Check, onEachNode } from './check.ts';

const MIB = 2 ** 20;

/** The filesystem that a path is on. */
const under = (path: string, all: readonly Filesystem[]): Filesystem | undefined =>
  all
    .filter(({ target }) => target === '/' || path === target || path.startsWith(`${target}/`))
    .sort((a, b) => b.target.length - a.target.length)[0];

/** Each filesystem is judged once, by the path that asks most of it. */
const short = (all: readonly Filesystem[], least: Readonly<Record<string, number>>): { target: string; free: number }[] => {
  const found = new Map<string, { target: string; free: number }>();
  for (const [path, mib] of Object.entries(least)) {
    const on = under(path, all);
    if (on && on.size > 0 && on.free < mib * MIB) found.set(on.target, on);
  }
  return [...found.values()];
};

const said = ({ target, free }: { target: string; free: number }): string => `${target} has ${Math.floor(free / MIB)} MiB left`;

export const space: readonly Check[] = [
  onEachNode(
    {
      id: 'disk-full',
      title: 'A system filesystem is full',
      severity: 'stop',
      cause: 'packages of GlusterFS take about 100 MiB below /usr and as much in the cache of downloads below /var',
      remedy: 'free some: journalctl --vacuum-size=100M; apt-get clean or dnf clean all',
    },
    ({ filesystems }) => short(filesystems, { '/': 150, '/usr': 150, '/var': 150, '/var/cache': 150, '/var/lib': 50 }).map(said),
  ),
  onEachNode(
    {
      id: 'disk-low',
      title: 'A system filesystem is nearly full',
      severity: 'warn',
      cause: 'logs and upgrades will fill it; glusterd stops when it can no longer write to /var/lib/glusterd',
      remedy: 'give it 1 GiB of room or more',
    },
    ({ filesystems }) => {
      const full = new Set(
        short(filesystems, { '/': 150, '/usr': 150, '/var': 150, '/var/cache': 150, '/var/lib': 50 }).map(({ target }) => target),
      );
      return short(filesystems, { '/': 1024, '/var': 1024, '/var/lib': 512 })
        .filter(({ target }) => !full.has(target))
        .map(said);
    },
  ),
  onEachNode(
    {
      id: 'log-space',
      title: 'There is little room for logs',
      severity: 'warn',
      cause: 'Gluster writes a log for each brick, mount and daemon below /var/log/glusterfs, and much of it when a peer is away',
      remedy: 'give /var/log 500 MiB of room or more',
    },
    ({ filesystems }) => {
      const on = under('/var/log', filesystems);
      return on?.target.startsWith('/var/log') === true && on.size > 0 && on.free < 500 * MIB && said(on);
    },
  ),
  onEachNode(
    {
      id: 'inodes',
      title: 'A filesystem is nearly out of inodes',
      severity: 'warn',
      cause: 'very many small files: no further file can be made, although there is room',
      remedy: 'see: df -i; remove what nobody needs',
    },
    ({ host: { fewInodes } }) => fewInodes.map((target) => `less than a twentieth of the inodes of ${target} is free`),
  ),
];

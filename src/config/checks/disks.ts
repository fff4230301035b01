import { SYSTEM_FOLDERS } from '../../container/places.ts';
import type { Draft, DraftNode, Fail } from '../draft.ts';
import type { Path } from '../problem.ts';
import { type DiskInput, SELECTORS } from '../schema/node.ts';
import { parseSize } from '../size.ts';

const SYSTEM = [...SYSTEM_FOLDERS, '/home', '/var/lib', '/var/log', '/var/tmp'];
const NEVER_UNDER = ['/dev', '/proc', '/sys', '/run', '/etc', '/usr', '/boot', '/var/lib/glusterd'];

/** True for the folder itself and for all that is in it. */
export const isIn = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

/** Why nothing may be mounted there; null where it may. */
export const systemFolder = (path: string): string | null =>
  SYSTEM.includes(path)
    ? `${path} belongs to the system`
    : (NEVER_UNDER.find((folder) => isIn(path, folder)) ?? null) && `${path} is inside a folder of the system`;

/** Disks in the smallest array of a level (10: pairs). */
const LEAST: Readonly<Record<number, number>> = { 0: 1, 1: 2, 5: 3, 6: 4, 10: 4 };

const checkRaid = ({ raid, use }: DiskInput, path: Path, fail: Fail): void => {
  if (raid === undefined) return;
  if (use !== 'thin' && use !== 'xfs') fail([...path, 'raid'], `has no use with use: ${use}`, { at: 'key', suggestion: 'leave it out' });
  const least = LEAST[raid.level] ?? 1;
  if (raid.disks < least || (raid.level === 10 && raid.disks % 2 === 1)) {
    fail([...path, 'raid', 'disks'], `RAID ${raid.level} is not made of ${raid.disks} disk${raid.disks === 1 ? '' : 's'}`, {
      allowed: `${least} or more${raid.level === 10 ? ', an even number' : ''}`,
    });
  }
  if ((parseSize(raid.stripeUnit) ?? 0) % 4096 !== 0)
    fail([...path, 'raid', 'stripeUnit'], 'is not a multiple of 4K', { found: raid.stripeUnit });
};

const checkMatch = ({ match, link, mount }: DiskInput, path: Path, fail: Fail): void => {
  if (match === undefined) return;
  const [least, most] = [parseSize(match.minSize ?? ''), parseSize(match.maxSize ?? '')];
  if (least !== null && most !== null && least > most) {
    fail([...path, 'match', 'maxSize'], `no disk is at least ${match.minSize} and at most ${match.maxSize}`);
  }
  if ((match.limit ?? 1) > 1 && (link !== undefined || mount !== undefined)) {
    fail([...path, 'match', 'limit'], `one ${mount === undefined ? 'link' : 'mount'} cannot serve ${match.limit} disks`, {
      suggestion: 'write limit: 1, and an entry of its own for each disk',
    });
  }
};

const checkDisk = (disk: DiskInput, path: Path, node: DraftNode, fail: Fail): void => {
  const chosen = SELECTORS.filter((key) => disk[key] !== undefined);
  if (chosen.length !== 1) {
    fail(path, chosen.length === 0 ? 'nothing says which disk is meant' : `${chosen.join(' and ')} both say which disk is meant`, {
      allowed: `exactly one of ${SELECTORS.join(', ')}`,
    });
  }
  const formatted = disk.use === 'thin' || disk.use === 'xfs';
  if (formatted && disk.mount === undefined) {
    fail([...path, 'mount'], `mount is missing: use: ${disk.use} makes a filesystem`, {
      suggestion: 'add mount: /data/brick1, or another path',
    });
  }
  if (!formatted && disk.mount !== undefined) {
    fail([...path, 'mount'], `nothing is mounted with use: ${disk.use}`, {
      at: 'key',
      suggestion: 'leave mount out, or write use: thin or use: xfs',
    });
  }
  if (disk.use === 'none' && disk.wipe)
    fail([...path, 'wipe'], 'nothing is written to the disk with use: none', { suggestion: 'leave wipe out' });
  if (disk.use === 'none' && disk.link === undefined)
    fail([...path, 'use'], 'use: none does nothing without a link', { suggestion: 'add link: NAME, or remove the disk' });
  const system = disk.mount === undefined ? null : systemFolder(disk.mount);
  if (system !== null)
    fail([...path, 'mount'], `${system}: no disk may be mounted there`, { suggestion: 'take a path such as /data/brick1' });
  if (disk.device !== undefined && disk.device === node.partition?.disk) {
    fail([...path, 'device'], `${disk.device} carries the root filesystem, as partition.disk says`, {
      suggestion: 'the new partition is its own device: choose that',
    });
  }
  checkMatch(disk, path, fail);
  checkRaid(disk, path, fail);
};

/** Disks and the partition of each node. */
export const checkDisks = ({ nodes }: Draft, fail: Fail): void => {
  nodes.forEach((node, i) => {
    if (node === null) return;
    const seen = new Map<string, Path>();
    const once = (what: string, value: string | undefined, path: Path): void => {
      if (value === undefined) return;
      if (seen.has(`${what}\0${value}`)) fail(path, `an earlier entry of ${node.name} has the ${what} ${value} too`);
      else seen.set(`${what}\0${value}`, path);
    };
    node.disks.forEach((disk, d) => {
      if (disk === null) return;
      const path = ['nodes', i, 'disks', d];
      checkDisk(disk, path, node, fail);
      for (const key of ['device', 'serial', 'wwn', 'path', 'link', 'mount'] as const) once(key, disk[key], [...path, key]);
    });
    once('link', node.partition?.link, ['nodes', i, 'partition', 'link']);
  });
};

import type { Report } from '../errors.ts';
import type { Ext } from './filesystem.ts';
import { down, GIB, MIB, sizeText, up } from './size.ts';
import { endOf, isExtended, type Table, type TablePartition } from './table.ts';

/** All in bytes. */
export interface Limits {
  /** What root must have beyond the least that resize2fs estimates, whatever that is. */
  room: number;
  /** The same as a share of that least. */
  share: number;
  /**
   * By how much the filesystem is shrunk below the partition, before it is grown to fill it. More than what resize2fs leaves at the
   * end: a last group without room for its own tables and 50 blocks is not made (e2fsprogs 1.47, resize2fs.c).
   */
  below: number;
  /** The smallest new partition that is worth a reboot. */
  least: number;
}

/**
 * resize2fs -P is an estimate (resize2fs(8)), and a root filesystem without free space breaks the first service that writes:
 * hence `room`. `below` makes the order filesystem, table, filesystem safe whatever is rounded where.
 */
export const LIMITS: Limits = { room: 512 * MIB, share: 0.1, below: 64 * MIB, least: GIB };

export interface Wish {
  /** What the root partition may have, in bytes. */
  rootSize: number;
  /** Name of the new partition; MBR has no names. */
  label: string;
  /** Type of the new partition. */
  type: 'linux' | 'lvm';
}

/** Sectors, where nothing else is said. */
export interface Layout {
  label: Table['label'];
  sector: number;
  root: { number: number; start: number; size: number };
  fresh: { number: number; start: number; size: number; name: string; type: string };
  /** In blocks of the filesystem. */
  filesystem: { blockSize: number; shrinkTo: number; blocks: number; minimum: number };
  /** Where the table ends, and where what follows root begins. */
  end: number;
  /** What is still to be done; nothing of it: the partition is there. */
  pending: { shrinkFilesystem: boolean; shrinkPartition: boolean; create: boolean; fill: boolean };
}

export type Planned = { layout: Layout; reasons?: never } | { layout?: never; reasons: readonly Report[] };

/** UEFI 2.10 and the Discoverable Partitions Specification; the MBR numbers next to them. */
const TYPES = {
  gpt: { linux: '0FC63DAF-8483-4772-8E79-3D69D8477DE4', lvm: 'E6D6D379-F507-44C2-A23C-238F2A3DF928' },
  dos: { linux: '83', lvm: '8e' },
} as const;

const refuse = (...reasons: Report[]): Planned => ({ reasons });

/** What sfdisk --append takes: the first number that is free. */
const freeNumber = ({ label, partitions }: Table): number | null => {
  const most = label === 'gpt' ? 128 : 4;
  for (let n = 1; n <= most; n += 1) if (!partitions.some((p) => p.number === n)) return n;
  return null;
};

/** The new partition when an earlier run has made it: by its name, on MBR by its place right behind root. */
const made = ({ label, partitions }: Table, root: TablePartition, wished: number, wish: Wish, align: number): TablePartition | null =>
  partitions.find((p) =>
    label === 'gpt'
      ? p.name === wish.label
      : p.number <= 4 && endOf(root) <= wished && p.start === up(endOf(root), align) && p.type.toLowerCase() === TYPES.dos[wish.type],
  ) ?? null;

/** Least size of root in bytes, by the filesystem's own estimate and the room that stays free in it. */
export const leastRoot = ({ minimum, blockSize }: Ext, extra: number, limits: Limits): number => {
  const bytes = minimum * blockSize + extra;
  return up(bytes + Math.max(limits.room, bytes * limits.share) + limits.below, MIB);
};

/**
 * Where root ends and the new partition begins: both on 1 MiB, nothing overlapping, whatever order the numbers are in.
 * It is the same whether nothing, some or all of it has been done before, so that a second run finishes what was cut off.
 * `extra`: bytes that will lie on root while it is shrunk, such as the live system's image.
 */
export const planLayout = (table: Table, rootNumber: number, ext: Ext, wish: Wish, extra = 0, limits: Limits = LIMITS): Planned => {
  const { sector, label } = table;
  const align = MIB / sector;
  const root = table.partitions.find(({ number }) => number === rootNumber);
  if (!root) return refuse({ what: `the table has no partition ${rootNumber}`, next: 'look at it with: sfdisk --dump' });
  if (label === 'dos' && rootNumber > 4)
    return refuse({
      what: 'root is a logical partition of an MBR table',
      next: 'attach a second disk instead, or do it by hand from a console',
    });
  const size = (sectors: number): string => sizeText(sectors * sector);
  if (ext.blocks * ext.blockSize > root.size * sector)
    return refuse({
      what: `the root filesystem says ${sizeText(ext.blocks * ext.blockSize)}, its partition has only ${size(root.size)}`,
      next: 'mend that first, from a console: the partition must be as large as the filesystem',
    });

  const wished = down(root.start + Math.floor(wish.rootSize / sector), align);
  const end = Math.min(endOf(root), wished);
  const start = up(end, align);
  const old = made(table, root, wished, wish, align);
  if (old !== null && (endOf(root) > wished || old.start < endOf(root) || old.start - endOf(root) >= align))
    return refuse({
      what: `there is a partition ${JSON.stringify(wish.label)} already: number ${old.number}, from sector ${old.start}`,
      why: `with rootSize ${sizeText(wish.rootSize)} it would begin at sector ${start}`,
      next: 'correct rootSize or label, or remove that partition first',
    });
  const behind = table.partitions.filter((p) => p.start > root.start && p !== old).map((p) => p.start);
  const limit = Math.min(table.end, ...behind);
  const fresh = { start, size: old?.size ?? down(limit, align) - start };
  const number = old?.number ?? freeNumber(table);

  const least = leastRoot(ext, extra, limits);
  const rootBytes = (end - root.start) * sector;
  const shrinks = endOf(root) > end;
  const reasons: Report[] = [];
  if (shrinks && rootBytes < least) {
    const minimum = ext.minimum * ext.blockSize;
    reasons.push({
      what: `root is too full for ${sizeText(wish.rootSize)}`,
      why: `resize2fs estimates at least ${sizeText(minimum)}${extra > 0 ? `, the live system's image needs ${sizeText(extra)}` : ''}; with room to live, at least ${sizeText(least)}`,
      next:
        least + limits.least < (Math.min(limit, table.end) - root.start) * sector
          ? `free space on it, or write rootSize: ${least / MIB + (root.start % align === 0 ? 0 : 1)}MiB or more`
          : 'free space on it, or attach a second disk instead',
    });
  }
  if (old === null && fresh.size * sector < limits.least)
    reasons.push({
      what: `${fresh.size > 0 ? `only ${size(fresh.size)} would` : 'nothing would'} be left for the new partition`,
      why: `root has ${size(root.size)} and is to keep ${sizeText(wish.rootSize)}; behind it ${limit === table.end ? 'the disk ends' : 'the next partition begins'}`,
      next: 'write a smaller rootSize, or attach a second disk instead',
    });
  if (number === null)
    reasons.push({
      what: `the ${label === 'dos' ? 'MBR' : 'GPT'} table has no free number for another partition`,
      next: 'attach a second disk instead',
    });
  if (
    label === 'dos' &&
    old === null &&
    table.partitions.some((p) => isExtended(table, p) && p.start < fresh.start && endOf(p) > root.start)
  )
    reasons.push({ what: 'root lies inside an extended partition', next: 'attach a second disk instead' });
  if (reasons.length > 0) return { reasons };

  const blocks = Math.floor(rootBytes / ext.blockSize);
  const shrinkTo = Math.floor((rootBytes - limits.below) / ext.blockSize);
  const shrinkFilesystem = ext.blocks > blocks;
  return {
    layout: {
      label,
      sector,
      root: { number: rootNumber, start: root.start, size: end - root.start },
      fresh: { ...fresh, number: number as number, name: wish.label, type: TYPES[label][wish.type] },
      filesystem: { blockSize: ext.blockSize, shrinkTo, blocks, minimum: ext.minimum },
      end: table.end,
      pending: {
        shrinkFilesystem,
        shrinkPartition: shrinks,
        create: old === null,
        // A filesystem may stop short of its partition, see `below`; what matters is what was shrunk below it.
        fill: shrinkFilesystem || ext.blocks <= shrinkTo,
      },
    },
  };
};

export const isDone = ({ pending }: Layout): boolean => !Object.values(pending).includes(true);
/** Only a filesystem that nobody has mounted can be shrunk; the rest can be done while the node runs. */
export const needsLive = ({ pending }: Layout): boolean => pending.shrinkFilesystem || pending.shrinkPartition;

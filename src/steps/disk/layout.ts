import type { WantDisk } from './wish.ts';

const KIB = 2 ** 10;
const MIB = 2 ** 20;

/** Sizes in bytes. */
export interface ThinLayout {
  /** Where data starts on the disk is a multiple of it: pvcreate --dataalignment. */
  alignment: number;
  extent: number;
  chunk: number;
  metadata: number;
  /** The pool's data; the thin volume is as large. */
  pool: number;
  /** mkfs.xfs -d su=,sw=; null for the kernel's own figures. */
  stripe: { unit: number; width: number } | null;
}

/** Disks that hold data in one stripe. */
const dataDisks = ({ level, disks }: NonNullable<WantDisk['raid']>): number =>
  level === 5 ? disks - 1 : level === 6 ? disks - 2 : level === 10 ? disks / 2 : level === 1 ? 1 : disks;

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
const common = (a: number, b: number): number => (a / gcd(a, b)) * b;
const up = (n: number, step: number): number => Math.ceil(n / step) * step;

/** LVM takes 15.81 GiB of metadata at most (lvm2: DEFAULT_THIN_POOL_MAX_METADATA_SIZE); mkfs.xfs(8) no less than 300 MB. */
const MOST_METADATA = 15.75 * 1024 * MIB;
const LEAST_POOL = 300 * MIB;

/**
 * As Red Hat Gluster Storage and heketi lay disks out: without RAID alignment and chunk of 256 KiB; with parity RAID all
 * of them whole stripes. Metadata is 0.5 % of the disk; twice that stays free, for the spare that LVM keeps to repair it
 * and for its growth. LVM's extents are multiples of 128 KiB, its chunks of
 * 64 KiB (lvm2 2.03); an extent holds whole chunks.
 * null: the disk is too small.
 */
export const thinLayout = (size: number, raid: WantDisk['raid']): ThinLayout | null => {
  const width = raid === null ? 1 : dataDisks(raid);
  const full = raid === null || width === 1 ? null : raid.stripeUnit * width;
  const alignment = full ?? 256 * KIB;
  const parity = raid !== null && (raid.level === 5 || raid.level === 6);
  const chunk = full !== null && parity ? common(full, 64 * KIB) : 256 * KIB;
  const extent = full === null ? 4 * MIB : up(MIB, common(chunk, common(full, 128 * KIB)));

  // LVM puts its own metadata into the first MiB. One extent is left for a rounding that differs.
  const extents = Math.floor((size - up(MIB, alignment)) / extent) - 1;
  const metadata = up(Math.max(2 * MIB, Math.min(size * 0.005, MOST_METADATA)), extent);
  const pool = Math.floor((extents * extent - 3 * metadata) / extent) * extent;
  if (pool < LEAST_POOL) return null;
  return { alignment, extent, chunk, metadata, pool, stripe: raid === null || full === null ? null : { unit: raid.stripeUnit, width } };
};

/** mkfs.xfs -d for the array behind a disk without LVM. */
export const stripeOf = (raid: WantDisk['raid']): ThinLayout['stripe'] => {
  if (raid === null) return null;
  const width = dataDisks(raid);
  return width === 1 ? null : { unit: raid.stripeUnit, width };
};

/** 1.5 TiB, 20 GiB, 512 MiB. */
export const humanSize = (bytes: number): string => {
  const [unit, factor] =
    bytes >= 2 ** 40 ? (['TiB', 2 ** 40] as const) : bytes >= 2 ** 30 ? (['GiB', 2 ** 30] as const) : (['MiB', MIB] as const);
  return `${Math.round((bytes / factor) * 10) / 10} ${unit}`;
};

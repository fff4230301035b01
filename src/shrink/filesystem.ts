/** An ext2, ext3 or ext4 filesystem. Sizes in its own blocks. */
export interface Ext {
  uuid: string;
  blockSize: number;
  blocks: number;
  freeBlocks: number;
  /** What resize2fs estimates that it could be shrunk to. */
  minimum: number;
  features: readonly string[];
  /** As the superblock says it: "clean", "not clean", "clean with errors". */
  state: string;
}

/** What `dumpe2fs -h` and `resize2fs -P` print (e2fsprogs 1.47); null where one of them has no answer. */
export const parseExt = (superblock: string, estimate: string): Ext | null => {
  const field = (name: string): string | null => new RegExp(`^${name}:\\s+(.*)$`, 'm').exec(superblock)?.[1]?.trim() ?? null;
  const number = (name: string): number => Number(field(name) ?? Number.NaN);
  const minimum = Number(/^Estimated minimum size of the filesystem: ([0-9]+)$/m.exec(estimate)?.[1] ?? Number.NaN);
  const ext = {
    uuid: field('Filesystem UUID') ?? '',
    blockSize: number('Block size'),
    blocks: number('Block count'),
    freeBlocks: number('Free blocks'),
    minimum,
    features: (field('Filesystem features') ?? '').split(/\s+/).filter(Boolean),
    state: field('Filesystem state') ?? '',
  };
  const whole = [ext.blockSize, ext.blocks, ext.freeBlocks, ext.minimum].every((n) => Number.isSafeInteger(n));
  return whole && ext.uuid !== '' ? ext : null;
};

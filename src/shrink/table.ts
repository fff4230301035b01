import { z } from 'zod';

const Json = z.object({
  partitiontable: z.object({
    label: z.string(),
    firstlba: z.number().optional(),
    lastlba: z.number().optional(),
    // Not there before util-linux 2.35.
    sectorsize: z.number().optional(),
    partitions: z
      .array(
        z.object({
          node: z.string(),
          start: z.number(),
          size: z.number(),
          type: z.string(),
          uuid: z.string().optional(),
          name: z.string().optional(),
        }),
      )
      .default([]),
  }),
});

/** In sectors, as everything of a table. */
export interface TablePartition {
  number: number;
  start: number;
  size: number;
  type: string;
  /** GPT only. */
  uuid: string | null;
  name: string | null;
}

export interface Table {
  label: 'gpt' | 'dos';
  /** Bytes in a sector. */
  sector: number;
  /** The first sector behind what partitions may use: on GPT before the backup table, on MBR the disk's end or what 32 bits can name. */
  end: number;
  /** In the order of their numbers. */
  partitions: readonly TablePartition[];
}

/**
 * What `sfdisk --json DISK` says; null when it is no GPT or MBR table.
 * `sectors`: length of the disk; `sector`: its logical sector, where sfdisk does not say it.
 */
export const parseTable = (stdout: string, disk: { sectors: number; sector: number }): Table | null => {
  let json: unknown;
  try {
    json = JSON.parse(stdout);
  } catch {
    return null;
  }
  const read = Json.safeParse(json);
  if (!read.success) return null;
  const { label, lastlba, sectorsize, partitions } = read.data.partitiontable;
  if (label !== 'gpt' && label !== 'dos') return null;
  if (label === 'gpt' && lastlba === undefined) return null;
  return {
    label,
    sector: sectorsize ?? disk.sector,
    end: label === 'gpt' ? (lastlba as number) + 1 : Math.min(disk.sectors, 2 ** 32),
    partitions: partitions
      .map(({ node, start, size, type, uuid, name }) => ({
        number: Number(/[0-9]+$/.exec(node)?.[0] ?? 0),
        start,
        size,
        type,
        uuid: uuid ?? null,
        name: name ?? null,
      }))
      .sort((a, b) => a.number - b.number),
  };
};

/** Containers of logical partitions: MBR types 5, f and 85. */
export const isExtended = ({ label }: Table, { type }: TablePartition): boolean => label === 'dos' && /^(0x)?0?(5|f|85)$/i.test(type);

export const endOf = ({ start, size }: TablePartition): number => start + size;

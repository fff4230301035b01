import { z } from 'zod';
import type { Cluster, Disk, Node } from '../../model/cluster.ts';
import type { NodeJob } from '../../model/step.ts';

const Select = z.union([
  z.strictObject({ by: z.enum(['device', 'serial', 'wwn', 'path']), value: z.string() }),
  z.strictObject({
    by: z.literal('match'),
    minSize: z.number().nullable(),
    maxSize: z.number().nullable(),
    model: z.string().nullable(),
    rotational: z.boolean().nullable(),
    limit: z.number().nullable(),
  }),
]);

const WantDisk = z.strictObject({
  select: Select.describe('How the disk is told from others'),
  link: z.string().nullable().describe('Name of the symlink below /dev/disk'),
  use: z.enum(['thin', 'xfs', 'heketi', 'none']),
  mount: z.string().startsWith('/').nullable().describe('Where its filesystem is mounted'),
  raid: z
    .strictObject({ level: z.number(), disks: z.number(), stripeUnit: z.number() })
    .nullable()
    .describe('The array behind it; stripeUnit in bytes'),
  wipe: z.boolean().describe('What is on it may be lost, once its serial was given'),
});
export type WantDisk = z.infer<typeof WantDisk>;

/** All disks of a node: which disk one entry takes depends on what the others take. */
export const WantDisks = z.strictObject({
  cluster: z.string(),
  node: z.string(),
  disks: z.array(WantDisk),
});
export type WantDisks = z.infer<typeof WantDisks>;

const copy = ({ select, link, use, mount, raid, wipe }: Disk): WantDisk => ({ select, link, use, mount, raid, wipe });

/**
 * The disks of a node with the partition that was cut from its root disk. An entry that means it, by its link or its name,
 * finds it by its name on GPT, which is there from the first boot on; without such an entry it only gets its link.
 */
export const disksOf = ({ disks, partition }: Pick<Node, 'disks' | 'partition'>): readonly Disk[] => {
  const link = partition?.link ?? null;
  if (partition === null || link === null) return disks;
  const select = { by: 'device' as const, value: `/dev/disk/by-partlabel/${partition.label}` };
  const own = disks.findIndex((d) => d.select.by === 'device' && [select.value, `/dev/disk/${link}`].includes(d.select.value));
  if (own === -1) return [...disks, { select, link, use: 'none', mount: null, raid: null, wipe: false }];
  return disks.map((disk, i) => (i === own ? { ...disk, select, link: disk.link ?? link } : disk));
};

/** One job for each node that has a disk which the step is about. */
export const diskJobs =
  (about: (disk: Disk) => boolean) =>
  ({ name, nodes }: Cluster): NodeJob<WantDisks>[] =>
    nodes
      .map((node) => ({ node: node.name, disks: disksOf(node) }))
      .filter(({ disks }) => disks.some(about))
      .map(({ node, disks }) => ({ node, want: { cluster: name, node, disks: disks.map(copy) } }));

export type Mounted = WantDisk & { mount: string };
export const isMounted = (disk: WantDisk): disk is Mounted => disk.mount !== null;

import { z } from 'zod';
import type { Cluster } from '../../model/cluster.ts';

export const Want = z.strictObject({
  old: z.string().describe('The node that goes'),
  by: z.string().describe('The node that its bricks go to'),
  container: z.boolean().describe('glusterd runs in a container, and its bricks with it'),
  volumes: z
    .array(
      z.strictObject({
        name: z.string(),
        type: z.enum(['distribute', 'replicate', 'arbiter', 'disperse']),
        setSize: z.int(),
        redundancy: z.int(),
        bricks: z.array(z.strictObject({ node: z.string(), path: z.string() })).describe('As they are to be'),
        allow: z.array(z.enum(['replica-2', 'root-partition', 'same-node'])),
      }),
    )
    .describe('The volumes of the file'),
});
export type Want = z.infer<typeof Want>;

/** The servers of a cluster that stay, in the file's order. */
export const staying = ({ nodes, replacing }: Pick<Cluster, 'nodes' | 'replacing'>) =>
  nodes.filter(({ name }) => name !== replacing?.old || replacing.old === replacing.by);

export const servers = (cluster: Cluster): string[] =>
  staying(cluster)
    .filter(({ roles }) => roles.includes('server'))
    .map(({ name }) => name);

export const wantOf = ({ volumes, gluster }: Cluster, { old, by }: { old: string; by: string }): Want => ({
  old,
  by,
  container: gluster.container !== undefined,
  volumes: volumes.map(({ name, type, setSize, redundancy, bricks, allow }) => ({
    name,
    type,
    setSize,
    redundancy,
    bricks: bricks.map(({ node, path }) => ({ node, path })),
    allow: [...allow],
  })),
});

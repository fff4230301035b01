import type { Report } from '../../errors.ts';
import type { Cluster } from '../../model/cluster.ts';

/** The cluster as it is to be once `by` has taken the place of `old`: same paths, other node; the same node where it was set up anew; or why that cannot be. */
export const replaced = (cluster: Cluster, old: string, by: string): { cluster: Cluster } | { wrong: Report } => {
  const node = cluster.nodes.find(({ name }) => name === by);
  const others = cluster.nodes.filter(({ name }) => name !== old).map(({ name }) => name);
  if (!cluster.nodes.some(({ name }) => name === old))
    return {
      wrong: {
        what: `there is no node ${JSON.stringify(old)} in ${cluster.file}`,
        why: 'until it is replaced, the others need its name',
        next: `leave it in nodes, also when it is dead; the nodes are: ${others.join(', ')}`,
      },
    };
  if (by === old && node?.roles.includes('server')) return { cluster: { ...cluster, replacing: { old, by } } };
  if (node === undefined)
    return {
      wrong: {
        what: `there is no node ${JSON.stringify(by)} in ${cluster.file}`,
        next: `add it to nodes, with its address and its disks; the nodes are: ${others.join(', ')}`,
      },
    };
  if (!node.roles.includes('server'))
    return { wrong: { node: by, what: 'is a client, and carries no bricks', next: 'give it the role server in the file' } };
  const twice = cluster.volumes.flatMap((volume) =>
    volume.bricks
      .filter((brick) => brick.node === old && volume.bricks.some((other) => other.node === by && other.path === brick.path))
      .map(({ path }) => `${volume.name}: ${by}:${path}`),
  );
  if (twice.length > 0)
    return {
      wrong: {
        node: by,
        what: `has a brick at the same path already: ${twice.join(', ')}`,
        next: `write into the file where on ${by} the bricks of ${old} are to be, in their place`,
      },
    };
  const volumes = cluster.volumes.map((volume) => ({
    ...volume,
    bricks: volume.bricks.map((brick) => (brick.node === old ? { ...brick, node: by } : brick)),
  }));
  return { cluster: { ...cluster, volumes, replacing: { old, by } } };
};

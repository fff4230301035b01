import { bricksPlaces } from '../../container/places.ts';
import type { Running } from '../../container/texts.ts';
import type { Cluster, Node } from '../../model/cluster.ts';
import type { NodeJob } from '../../model/step.ts';

/** One job for each server whose glusterd runs in a container; none where it comes from packages. */
export const serversWith = <W>(
  { gluster: { container }, nodes, volumes }: Cluster,
  want: (running: Running, node: Node) => W,
): NodeJob<W>[] =>
  container === undefined
    ? []
    : nodes
        .filter(({ roles }) => roles.includes('server'))
        .map((node) => ({ node: node.name, want: want({ ...container, places: bricksPlaces(node, { volumes }) }, node) }));

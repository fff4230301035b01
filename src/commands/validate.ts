import { findCluster } from '../config/find.ts';
import { ClusterFileError } from '../config/problem.ts';
import { EXIT } from '../errors.ts';
import { count } from '../ui/count.ts';
import type { Invocation } from './invocation.ts';

export const run = async (invocation: Invocation): Promise<number> => {
  const { output, json } = invocation;
  try {
    const { cluster } = await findCluster(invocation.config, invocation.env);
    const counts = { nodes: cluster.nodes.length, volumes: cluster.volumes.length, mounts: cluster.mounts.length };
    const notes = cluster.notes ?? [];
    if (json)
      output.out(JSON.stringify({ v: 1, valid: true, file: cluster.file, cluster: cluster.name, ...counts, notes, problems: [] }, null, 2));
    else
      output.out(
        [
          `${cluster.file}: valid (${count(counts.nodes, 'node')}, ${count(counts.volumes, 'volume')})`,
          ...notes.map((n) => `note: ${n}`),
        ].join('\n'),
      );
    return EXIT.ok;
  } catch (error) {
    if (!json || !(error instanceof ClusterFileError)) throw error;
    output.out(JSON.stringify({ v: 1, valid: false, problems: error.problems }, null, 2));
    throw error;
  }
};

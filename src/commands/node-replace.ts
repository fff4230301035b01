import { UsageError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import { replaced } from '../steps/replace/shape.ts';
import { type CarryOutOptions, carryOut } from './carry-out.ts';
import type { Invocation } from './invocation.ts';

export const run = (
  invocation: Invocation,
  old: string,
  { with: by, ...options }: CarryOutOptions & { with?: string },
): Promise<number> => {
  const shape = (cluster: Cluster): Cluster => {
    if (invocation.limit !== null)
      throw new UsageError({ what: 'node replace has to see the whole pool', next: 'leave --limit and GLUSTERCTL_LIMIT out' });
    const made = replaced(cluster, old, by ?? old);
    if ('wrong' in made) throw new UsageError(made.wrong);
    return made.cluster;
  };
  return carryOut(invocation, {
    verb: 'node replace',
    playbook: by === undefined || by === old ? 'rejoin' : 'replace',
    nodes: [],
    shape,
    planFile: null,
    options,
  });
};

import { createHash } from 'node:crypto';
import { ConnectError, type GlusterctlError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Host } from '../model/host.ts';
import { type Jobs, questionsOf } from '../plan/jobs.ts';
import { makePlan, type Planned } from '../plan/plan.ts';
import { type AskOptions, askAll } from './ask.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Several nodes that cannot be reached are one error that names them all. */
export const unreachable = (failures: ReadonlyMap<string, ConnectError>): GlusterctlError => {
  const [first, ...others] = failures.values();
  if (first && others.length === 0) return first;
  return new ConnectError({
    what: `${failures.size} nodes cannot be reached: ${[...failures.keys()].join(', ')}`,
    why: [...failures.values()].map((e) => e.message).join('\n'),
    next: 'mend this, or leave them out with --limit; nothing was done on any node',
  });
};

/** Facts, then plan: one exec per node. Throws ConnectError when a node cannot be asked. */
export const look = async (
  cluster: Cluster,
  jobs: Jobs,
  hosts: ReadonlyMap<string, Host>,
  concurrency: number,
  options: Pick<AskOptions, 'signal' | 'hangUp'> = {},
): Promise<Planned> => {
  const { answers, failures } = await askAll(hosts, questionsOf(jobs.jobs), concurrency, options);
  if (failures.size > 0) throw unreachable(failures);
  return makePlan(cluster.name, jobs.jobs, answers, jobs.notes, hash);
};

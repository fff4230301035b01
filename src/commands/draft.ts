import { loadPlaybook, type PlaybookName } from '../config/playbook.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Playbook } from '../model/plan.ts';
import { type Jobs, jobsOf } from '../plan/jobs.ts';
import type { Planned } from '../plan/plan.ts';
import type { AskOptions } from '../run/ask.ts';
import { look } from '../run/look.ts';
import { stepById } from '../steps/index.ts';
import type { Invocation } from './invocation.ts';
import type { Session } from './session.ts';

/** A plan, and what it was made with. */
export interface Draft extends Planned {
  playbook: Playbook;
  jobs: Jobs;
}

/** Of a node that is replaced nothing is changed but what it needs to reach the new one, and to be reached, until it is. */
const toReach = ({ replacing }: Cluster, { jobs, notes }: Jobs): Jobs => ({
  jobs: jobs.filter(
    ({ step, nodes }) =>
      step.scope === 'pool' ||
      replacing === undefined ||
      replacing.old === replacing.by ||
      nodes[0] !== replacing.old ||
      ['hosts', 'firewall'].includes(step.id),
  ),
  notes,
});

/** Looks at the session's nodes, once, and plans. */
export const draft = async (
  invocation: Invocation,
  session: Session,
  name: PlaybookName,
  options: Pick<AskOptions, 'hangUp'> = {},
): Promise<Draft> => {
  const playbook = loadPlaybook(name, stepById);
  const jobs = toReach(session.cluster, jobsOf(playbook, session.cluster, stepById, new Set(session.hosts.keys())));
  const planned = await look(session.cluster, jobs, session.hosts, invocation.concurrency, options);
  return { ...planned, playbook, jobs };
};

export const stageTitles = (playbook: Playbook): ReadonlyMap<string, string> => new Map(playbook.stages.map((s) => [s.id, s.title]));

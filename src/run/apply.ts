import { setTimeout } from 'node:timers/promises';
import { GlusterctlError, Refused, type Report } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import type { RunResult } from '../model/event.ts';
import type { Plan, Playbook } from '../model/plan.ts';
import type { Job, Jobs } from '../plan/jobs.ts';
import { makePlan, type Planned } from '../plan/plan.ts';
import { unapproved } from '../plan/stale.ts';
import { mustStop, type RunContext } from './context.ts';
import { LockLost } from './lock.ts';
import { look } from './look.ts';
import { performStage } from './perform.ts';

export interface Applied {
  result: Extract<RunResult, 'converged' | 'changed' | 'failed' | 'refused'>;
  changed: number;
  /** Jobs (a step on a node) that had nothing to do. */
  unchanged: number;
  reports: readonly Report[];
}

/** How many jobs (a step on its nodes) have nothing to do by this plan. */
export const idleJobs = ({ jobs }: Jobs, plan: Plan): number => {
  const busy = new Set(plan.changes.map((c) => `${c.step}@${c.node}`));
  return jobs.filter((job) => !job.nodes.some((node) => busy.has(`${job.step.id}@${node}`))).length;
};

const again = (run: string) => `look at the new plan and run the same again; or undo what was done: glusterctl rollback ${run}`;

/** What is asked anew at the start of a stage must give nothing that nobody has approved. */
const checkStage = (approved: Plan, planned: Awaited<ReturnType<typeof look>>, run: string): Report[] => {
  if (planned.reasons.length > 0) return [...planned.reasons];
  return unapproved(approved, planned.plan.changes).map((change) => ({
    node: change.node,
    what: `this was not in the plan that you have seen: ${change.title}`,
    why: 'the node has changed since the plan was made',
    next: again(run),
  }));
};

const lockLost = ({ lost, journal }: RunContext): Report => ({
  ...(lost.reason instanceof LockLost && { node: lost.reason.node }),
  what: 'the connection that holds the lock was lost',
  why: 'another run could take over by now, so nothing more was begun',
  next: again(journal.run),
});

const nothing = (cluster: Cluster): Plan => makePlan(cluster.name, [], new Map(), [], () => '').plan;

/** Looks again in the middle of a run. A node that is gone is an error of its own only while nothing was done. */
const lookAgain = async (ctx: RunContext, cluster: Cluster, jobs: readonly Job[], changed: boolean): Promise<Planned> => {
  try {
    return await look(cluster, { jobs, notes: [] }, ctx.hosts, ctx.concurrency, { signal: ctx.cut });
  } catch (error) {
    const known = error instanceof GlusterctlError;
    if (!ctx.cut.aborted && !(known && changed)) throw error;
    const reports = !known ? [] : error instanceof Refused ? error.reasons : [error.report];
    const reasons = reports.map((report) => ({ ...report, next: again(ctx.journal.run) }));
    return { plan: nothing(cluster), reasons };
  }
};

/** Seconds that are given to what comes by itself. glusterd tries a lost peer anew every 3 s, and gives up a handshake after 30. */
const SETTLING = 60;

/**
 * Looks again as long as nothing but waiting stands between what is there and what was approved: a stage before has restarted a
 * daemon on several nodes, say, and it is a moment until they see each other.
 */
const lookSettled = async (ctx: RunContext, cluster: Cluster, jobs: readonly Job[], changed: boolean, approved: Plan): Promise<Planned> => {
  const end = Date.now() + SETTLING * 1000;
  for (;;) {
    const planned = await lookAgain(ctx, cluster, jobs, changed);
    const strange = unapproved(approved, planned.plan.changes);
    const settling = changed && planned.reasons.length === 0 && strange.length > 0 && strange.every(({ waits }) => waits === true);
    if (!settling || mustStop(ctx) || Date.now() >= end) return planned;
    await setTimeout(1000, undefined, { signal: ctx.cut }).catch(() => {});
  }
};

/**
 * Carries out an approved plan, stage by stage: each stage is planned anew from fresh facts, and stops the
 * run when it would do what was not approved. At the end the whole plan has to be empty.
 */
export const applyPlan = async (ctx: RunContext, cluster: Cluster, playbook: Playbook, jobs: Jobs, approved: Plan): Promise<Applied> => {
  const state = { changed: 0, reports: [] as Report[] };
  const unchanged = idleJobs(jobs, approved);
  const end = (result: Applied['result']): Applied => ({ result, changed: state.changed, unchanged, reports: state.reports });
  const stopped = (): Applied => {
    if (ctx.lost.aborted) state.reports.push(lockLost(ctx));
    return end('failed');
  };

  for (const stage of playbook.stages) {
    const own = jobs.jobs.filter((job) => job.stage === stage.id);
    if (own.length === 0) continue;
    if (mustStop(ctx)) return stopped();
    const planned = await lookSettled(ctx, cluster, own, state.changed > 0, approved);
    if (mustStop(ctx)) return stopped();
    const wrong = checkStage(approved, planned, ctx.journal.run);
    if (wrong.length > 0) {
      state.reports.push(...wrong);
      return end(state.changed === 0 ? 'refused' : 'failed');
    }
    const { changes } = planned.plan;
    if (changes.length === 0) continue;
    const began = performance.now();
    ctx.emit({
      type: 'stage.started',
      stage: stage.id,
      title: stage.title,
      nodes: [...new Set(changes.map((c) => c.node))],
      changes: changes.length,
    });
    const { done, failures } = await performStage(
      ctx,
      changes,
      own.every((job) => job.step.scope === 'node'),
    );
    ctx.emit({ type: 'stage.finished', stage: stage.id, ms: Math.round(performance.now() - began) });
    state.changed += done;
    if (failures.length > 0) {
      state.reports.push(...failures);
      return end('failed');
    }
  }
  if (mustStop(ctx)) return stopped();

  const left = await lookSettled(ctx, cluster, jobs.jobs, state.changed > 0, nothing(cluster));
  if (ctx.cut.aborted) return stopped();
  state.reports.push(...left.reasons);
  for (const change of left.plan.changes) {
    state.reports.push({ node: change.node, what: `is not as wanted after all was done: ${change.title}`, next: again(ctx.journal.run) });
  }
  if (state.reports.length > 0) return end('failed');
  return end(state.changed === 0 ? 'converged' : 'changed');
};

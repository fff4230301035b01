import pLimit from 'p-limit';
import { ApplyFailed, type Report } from '../errors.ts';
import type { PlannedChange } from '../model/plan.ts';
import { attempt, failureReport } from './attempt.ts';
import { mustStop, type RunContext } from './context.ts';
import { arm, confirm } from './guard.ts';
import { doScript } from './script.ts';

export interface Performed {
  done: number;
  failures: readonly Report[];
}

/** Journal, deed, verify, a new login where one could be cut, journal. Gives the report of its failure, or null. */
const perform = async (ctx: RunContext, change: PlannedChange): Promise<Report | null> => {
  const host = ctx.hosts.get(change.node);
  if (!host) throw new Error(`no host for ${change.node}`);
  const { node, step, stage, id, title, risk } = change;
  const of = { node, step, stage, id, title, risk };
  const seq = ctx.journal.begin(change);
  ctx.emit({ type: 'change.started', ...of });
  const waiting = `${ctx.journal.run}-${seq}`;
  const script = change.guard ? doScript(change, arm(change, change.guard.seconds, waiting)) : doScript(change);
  const made = await attempt(ctx, host, script, (line, stream) => ctx.emit({ type: 'change.output', node, step, id, stream, line }));
  const result = (made.ok && (await confirm(ctx, change, waiting))) || made;
  if (result.ok) {
    ctx.journal.append({ t: 'done', seq });
    ctx.emit({ type: 'change.done', ...of, ms: result.ms });
    return null;
  }
  const { code, stderr, ms } = result;
  ctx.journal.append({ t: 'failed', seq, code, stderr: [...stderr] });
  const next = `mend this and run the same again: what is done already is not done twice. Or undo it all: glusterctl rollback ${ctx.journal.run}`;
  const report = failureReport(node, `${title} failed`, result, next);
  ctx.emit({ type: 'change.failed', ...of, ms, code, stderr, report });
  return report;
};

/** Changes one after the other. After a failure anywhere, or a request to stop, no other begins. */
const inOrder = async (ctx: RunContext, changes: readonly PlannedChange[], state: { done: number; failures: Report[] }): Promise<void> => {
  for (const change of changes) {
    if (mustStop(ctx) || state.failures.length > 0) return;
    try {
      const failure = await perform(ctx, change);
      if (failure) state.failures.push(failure);
      else state.done += 1;
    } catch (error) {
      // Without a journal nothing more may be done.
      if (!(error instanceof ApplyFailed)) throw error;
      state.failures.push(error.report);
    }
  }
};

/** Each node's share, in the order given. */
export const byNode = <T extends { node: string }>(list: readonly T[]): T[][] => {
  const nodes = [...new Set(list.map((item) => item.node))];
  return nodes.map((node) => list.filter((item) => item.node === node));
};

/** A stage: nodes side by side, each node's changes in order; or, for pool steps, all in order. */
export const performStage = async (ctx: RunContext, changes: readonly PlannedChange[], sideBySide: boolean): Promise<Performed> => {
  const state = { done: 0, failures: [] as Report[] };
  const queues = sideBySide ? byNode(changes) : [changes];
  const limit = pLimit(ctx.concurrency);
  await Promise.all(queues.map((queue) => limit(() => inOrder(ctx, queue, state))));
  return state;
};

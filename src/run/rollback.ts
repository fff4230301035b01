import pLimit from 'p-limit';
import { ApplyFailed, type Report } from '../errors.ts';
import type { Entry } from '../journal/history.ts';
import { Sh } from '../sh.ts';
import { attempt, failureReport } from './attempt.ts';
import { mustStop, type RunContext } from './context.ts';
import { byNode } from './perform.ts';
import { KEPT, undoScript } from './script.ts';

export interface RolledBack {
  undone: number;
  /** Left as it was, harmless or not to be had back, and said. */
  kept: number;
  /** Still in effect, newest first. */
  left: readonly Entry[];
  reports: readonly Report[];
}

const ofEntry = ({ node, step, stage, id, title, risk }: Entry) => ({ node, step, stage, id, title, risk });

type Verdict = 'undone' | 'kept' | Report;

/** Undoes one change. Idempotent: the change may have been done wholly, in part or not at all. */
const undo = async (ctx: RunContext, entry: Entry): Promise<Verdict> => {
  const host = ctx.hosts.get(entry.node);
  if (!host) throw new Error(`no host for ${entry.node}`);
  const of = ofEntry(entry);
  const { seq } = entry;
  if (entry.undo === 'nothing') {
    ctx.journal.append({ t: 'undone', seq });
    if (entry.risk !== 'destructive') return 'undone';
    ctx.emit({ type: 'undo.left', ...of, why: 'what was on the device before cannot be brought back' });
    return 'kept';
  }
  ctx.journal.append({ t: 'undo', seq });
  ctx.emit({ type: 'undo.started', ...of });
  const script = undoScript({ undo: Sh.raw(entry.undo), verify: Sh.raw(entry.verify) });
  const result = await attempt(ctx, host, script, (line, stream) =>
    ctx.emit({ type: 'change.output', node: entry.node, step: entry.step, id: entry.id, stream, line }),
  );
  if (result.ok) {
    ctx.journal.append({ t: 'undone', seq });
    ctx.emit({ type: 'undo.done', ...of, ms: result.ms });
    return 'undone';
  }
  if (result.code === KEPT) {
    ctx.journal.append({ t: 'undone', seq });
    ctx.emit({ type: 'undo.left', ...of, why: result.stderr.join('\n') });
    return 'kept';
  }
  const { code, stderr, ms } = result;
  ctx.journal.append({ t: 'undo-failed', seq, code, stderr: [...stderr] });
  const report = failureReport(
    entry.node,
    `undoing "${entry.title}" failed`,
    result,
    `mend this and run it again: glusterctl rollback ${ctx.journal.run}`,
  );
  ctx.emit({ type: 'undo.failed', ...of, ms, code, stderr, report });
  return report;
};

/** Stages in the order in which they are undone; entries come newest first. */
const stagesOf = (entries: readonly Entry[]): Entry[][] => {
  const stages = [...new Set(entries.map((entry) => entry.stage))];
  return stages.map((stage) => entries.filter((entry) => entry.stage === stage));
};

/**
 * Undoes entries, newest first, stage by stage; nodes side by side where the stage did so. What fails ends
 * it after the stage: what was done before may be what the failed one stands on.
 */
export const rollBack = async (ctx: RunContext, entries: readonly Entry[], sideBySide: (step: string) => boolean): Promise<RolledBack> => {
  const state = { undone: 0, kept: 0, reports: [] as Report[] };
  const gone = new Set<number>();
  const limit = pLimit(ctx.concurrency);
  const queue = async (list: readonly Entry[]): Promise<void> => {
    for (const entry of list) {
      if (mustStop(ctx)) return;
      const verdict = await undo(ctx, entry).catch((error: unknown) => {
        if (!(error instanceof ApplyFailed)) throw error;
        ctx.emit({ type: 'error', exit: error.exit, reports: [error.report] });
        return error.report;
      });
      if (typeof verdict !== 'string') {
        state.reports.push(verdict);
        return;
      }
      gone.add(entry.seq);
      state[verdict] += 1;
    }
  };
  for (const stage of stagesOf(entries)) {
    if (mustStop(ctx) || state.reports.length > 0) break;
    const queues = stage.every((entry) => sideBySide(entry.step)) ? byNode(stage) : [stage];
    await Promise.all(queues.map((list) => limit(() => queue(list))));
  }
  return { ...state, left: entries.filter((entry) => !gone.has(entry.seq)) };
};

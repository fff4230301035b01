import type { PlaybookName } from '../config/playbook.ts';
import { EXIT, GlusterctlError, Interrupted, Refused } from '../errors.ts';
import { inEffect } from '../journal/history.ts';
import { readRun } from '../journal/store.ts';
import type { RunResult } from '../model/event.ts';
import type { Plan } from '../model/plan.ts';
import { planToJson } from '../plan/file.ts';
import { staleness } from '../plan/stale.ts';
import { applyPlan, idleJobs } from '../run/apply.ts';
import { paint } from '../ui/paint.ts';
import { planSummary } from '../ui/plan-summary.ts';
import { planText } from '../ui/plan-text.ts';
import { agree, type ConsentOptions } from './consent.ts';
import { type Draft, draft, stageTitles } from './draft.ts';
import type { Invocation } from './invocation.ts';
import { type OpenRun, openRun } from './open-run.ts';
import { readPlan } from './plan-file.ts';
import { type Session, type Shape, withSession } from './session.ts';
import { notUndone, undoEntries } from './undo-entries.ts';
import { type Ending, inEvents, type Views } from './views.ts';

export interface CarryOutOptions extends ConsentOptions {
  dryRun?: boolean;
  commands?: boolean;
  onFailure: 'stop' | 'rollback';
  junit?: string | undefined;
}

interface Order {
  verb: string;
  playbook: PlaybookName;
  nodes: readonly string[];
  /** Turns the file's cluster into the one that is wanted, where that is another. */
  shape?: Shape;
  /** A plan file, which has to hold still. */
  planFile: string | null;
  options: CarryOutOptions;
}

const planInFull = ({ plan, playbook }: Draft, { output }: Invocation, commands: boolean): string =>
  planText(plan, { commands, diffs: true, whole: output.verbose, stages: stageTitles(playbook) }, paint(output.colorErr));

/** Shows what will be done; to stderr, since stdout holds the result. Who is asked sees a summary, and the rest on request. */
const show = (now: Draft, invocation: Invocation, options: CarryOutOptions): void => {
  const { output } = invocation;
  if (invocation.json || output.quiet) return;
  const asked =
    output.interactive && !options.dryRun && !options.yes && !options.commands && !output.verbose && now.plan.changes.length > 0;
  output.err(
    asked
      ? planSummary(now.plan, stageTitles(now.playbook), paint(output.colorErr))
      : planInFull(now, invocation, options.commands === true),
  );
};

const refuseWhenStale = (saved: Plan | null, now: Draft): void => {
  if (now.reasons.length > 0) throw new Refused(now.reasons);
  const stale = saved === null ? [] : staleness(saved, now.plan);
  if (stale.length > 0) throw new Refused(stale);
};

/** After a failure: undo what this run did, when that was asked for. */
const undoAll = async (invocation: Invocation, open: OpenRun, views: Views): Promise<{ result: RunResult; exit: number }> => {
  const { left } = await undoEntries(open.ctx, inEffect(readRun(invocation.env.stateDir, open.run)));
  if (left.length === 0) return { result: 'rolled-back', exit: EXIT.failed };
  const asked = open.ctx.interruption.asked;
  const exit = asked === null ? EXIT.rollbackIncomplete : asked === 'SIGINT' ? EXIT.interrupted : EXIT.terminated;
  views.emit({ type: 'error', exit, reports: [notUndone(open.run, left)] });
  return { result: 'failed', exit };
};

const carryOn = async (
  invocation: Invocation,
  session: Session,
  now: Draft,
  order: Order,
  open: OpenRun,
  views: Views,
): Promise<Ending> => {
  const { run, ctx } = open;
  const done = await applyPlan(ctx, session.cluster, now.playbook, now.jobs, now.plan);
  const base = { run, changed: done.changed, unchanged: done.unchanged };
  if (done.result === 'converged' || done.result === 'changed') return { ...base, result: done.result, failed: 0, exit: EXIT.ok };
  const { asked } = ctx.interruption;
  if (asked) {
    const next = `run the same again to go on, or undo: glusterctl rollback ${run}`;
    const error = new Interrupted(asked, { what: 'stopped before all was done', next });
    views.fail(error);
    return { ...base, result: 'failed', failed: done.reports.length, exit: error.exit };
  }
  const exit = done.result === 'refused' ? EXIT.refused : EXIT.failed;
  const failed = Math.max(1, done.reports.length);
  views.emit({ type: 'error', exit, reports: done.reports });
  views.emit({ type: 'note', text: `the whole log: ${ctx.log}` });
  if (order.options.onFailure !== 'rollback' || done.result === 'refused') return { ...base, result: done.result, failed, exit };
  return { ...base, failed, ...(await undoAll(invocation, open, views)) };
};

const execute = async (invocation: Invocation, session: Session, now: Draft, order: Order, views: Views): Promise<Ending> => {
  const open = await openRun(invocation, session, { verb: order.verb, plan: now.plan, emit: views.emit });
  try {
    return open.end(await carryOn(invocation, session, now, order, open, views));
  } catch (error) {
    if (!(error instanceof GlusterctlError)) throw error;
    views.fail(error);
    return open.end<Ending>({ run: open.run, result: 'failed', changed: 0, unchanged: 0, failed: 1, exit: error.exit });
  } finally {
    await open.close();
  }
};

/** Plan, show, consent, do, and look again: what `apply`, `node prepare` and `node replace` share. */
export const carryOut = (invocation: Invocation, order: Order): Promise<number> =>
  inEvents(invocation, { verb: order.verb, junit: order.options.junit }, async (views) => {
    const saved = order.planFile === null ? null : readPlan(order.planFile, invocation.version);
    const use = async (session: Session): Promise<Ending> => {
      views.emit({ type: 'version', v: 1, glusterctl: invocation.version, run: null, cluster: session.cluster.name, verb: order.verb });
      const now = await draft(invocation, session, order.playbook);
      show(now, invocation, order.options);
      refuseWhenStale(saved, now);
      const { changes } = now.plan;
      const idle = { run: null, changed: 0, unchanged: idleJobs(now.jobs, now.plan), failed: 0, exit: EXIT.ok };
      if (order.options.dryRun) {
        if (invocation.json) views.emit({ type: 'plan', plan: planToJson(now.plan) });
        return { ...idle, result: 'converged', pending: changes.length };
      }
      if (changes.length === 0) return { ...idle, result: 'converged' };
      await agree(now.plan, order.options, invocation.output, () => planInFull(now, invocation, true));
      return execute(invocation, session, now, order, views);
    };
    return withSession(invocation, order.nodes, use, order.shape);
  });

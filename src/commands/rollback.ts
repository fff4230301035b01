import { readClusterText } from '../config/find.ts';
import { Declined, EXIT, Interrupted, Refused } from '../errors.ts';
import { type Entry, type History, inEffect } from '../journal/history.ts';
import { readRuns, reopenRun, savedCluster } from '../journal/store.ts';
import { askYes } from '../ui/ask.ts';
import { effective, findRun, newestRun, refuseWhenBuried } from './find-run.ts';
import type { Invocation } from './invocation.ts';
import { lockedRun } from './open-run.ts';
import { openNodes, who } from './session.ts';
import { notUndone, undoEntries } from './undo-entries.ts';
import { type Ending, inEvents, type Views } from './views.ts';

interface Options {
  yes?: boolean;
  junit?: string | undefined;
}

/** What will be undone, newest first, as a person reads it. */
const listing = (entries: readonly Entry[]): string =>
  entries
    .map((e) => `  - ${e.node}: ${e.title}${e.undo === 'nothing' && e.risk === 'destructive' ? '  (cannot be undone: data was lost)' : ''}`)
    .join('\n');

/** What was shown must be what is undone: the run may have gone on, or been undone, until its nodes were locked. */
const refuseWhenMoved = (run: string, shown: readonly Entry[], now: readonly Entry[]): void => {
  const of = (entries: readonly Entry[]): string => entries.map((e) => e.seq).join();
  if (of(shown) !== of(now))
    throw new Refused({ what: `the run ${run} has gone on since its changes were listed`, next: `look again: glusterctl rollback ${run}` });
};

const carryOut = async (invocation: Invocation, history: History, views: Views): Promise<Ending> => {
  const { run, file, baseDir } = history.run;
  const { stateDir } = invocation.env;
  const cluster = readClusterText(savedCluster(stateDir, run), { file, baseDir });
  const entries = inEffect(history);
  const { hosts, afresh } = openNodes(invocation, cluster, [...new Set(entries.map((e) => e.node))]);
  try {
    const locked = await lockedRun(invocation, { hosts, afresh }, who(), views.emit, () => {
      const again = reopenRun(stateDir, run);
      refuseWhenMoved(run, entries, inEffect(again.history));
      return again.journal;
    });
    try {
      const back = await undoEntries(locked.ctx, entries);
      const { asked } = locked.ctx.interruption;
      const counts = { run, changed: back.undone, unchanged: back.kept, failed: back.reports.length };
      if (back.left.length === 0) return locked.end<Ending>({ ...counts, result: 'rolled-back', exit: EXIT.ok });
      const exit = asked ? new Interrupted(asked, { what: '' }).exit : EXIT.rollbackIncomplete;
      views.emit({ type: 'error', exit, reports: [notUndone(run, back.left)] });
      return locked.end<Ending>({ ...counts, result: 'failed', exit });
    } finally {
      await locked.close();
    }
  } finally {
    await Promise.all([...hosts.values()].map((host) => host.close()));
  }
};

const agree = async ({ output }: Invocation, changes: number, { yes }: Options): Promise<void> => {
  if (yes) return;
  if (!output.interactive) throw new Refused({ what: 'undoing a run needs your consent, and nobody can be asked here', next: 'add --yes' });
  if (!(await askYes(`Undo these ${changes} changes?`))) throw new Declined({ what: 'nothing was done' });
};

export const run = (invocation: Invocation, name: string | undefined, options: Options): Promise<number> =>
  inEvents(invocation, { verb: 'rollback', junit: options.junit }, async (views) => {
    const { version, env, json, output } = invocation;
    const runs = readRuns(env.stateDir);
    const history = name === undefined ? await newestRun(invocation, runs) : findRun(runs, name);
    const of = { run: history?.run.run ?? null, cluster: history?.run.cluster ?? '' };
    views.emit({ type: 'version', v: 1, glusterctl: version, ...of, verb: 'rollback' });
    const entries = history === null ? [] : inEffect(history);
    if (history === null || entries.length === 0) {
      views.emit({
        type: 'note',
        text: `there is nothing to undo${name === undefined ? '' : `: nothing of the run ${name} is in effect`}`,
      });
      return { run: of.run, result: 'converged', changed: 0, unchanged: 0, failed: 0, exit: EXIT.ok };
    }
    refuseWhenBuried(runs, history);
    if (!json && !output.quiet)
      output.err(`Run ${history.run.run} of ${history.run.at}, ${entries.length} changes to undo:\n${listing(entries)}`);
    await agree(invocation, entries.length, options);
    const ending = await carryOut(invocation, history, views);
    const older = effective(readRuns(env.stateDir).runs).find((h) => h.run.cluster === history.run.cluster);
    if (ending.exit === EXIT.ok && older)
      views.emit({ type: 'note', text: `the run ${older.run.run} is still in effect: glusterctl rollback ${older.run.run}` });
    return ending;
  });

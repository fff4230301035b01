import type { Report } from '../errors.ts';
import type { Entry } from '../journal/history.ts';
import type { RunContext } from '../run/context.ts';
import { type RolledBack, rollBack } from '../run/rollback.ts';
import { steps } from '../steps/index.ts';

/** Node steps are undone on all nodes side by side; a step that this version does not know is undone in strict order. */
export const undoEntries = (ctx: RunContext, entries: readonly Entry[]): Promise<RolledBack> => {
  const nodeSteps = new Set(steps.filter((step) => step.scope === 'node').map((step) => step.id));
  return rollBack(ctx, entries, (step) => nodeSteps.has(step));
};

/** What a rollback that did not come through leaves. */
export const notUndone = (run: string, left: readonly Entry[]): Report => ({
  what: `the rollback of ${run} is not complete; still in effect:`,
  why: left.map((e) => `${e.node}: ${e.title}`).join('\n'),
  next: `mend what is said above, then: glusterctl rollback ${run}`,
});

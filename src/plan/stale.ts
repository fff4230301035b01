import type { Report } from '../errors.ts';
import type { Plan, PlannedChange } from '../model/plan.ts';

/** What was approved and what is planned now must do the same. The undo may differ: it is made of what is there now. */
const sameDeed = (a: PlannedChange, b: PlannedChange): boolean => a.do.shown === b.do.shown && a.risk === b.risk;

/** Changes of a stage that nobody has approved: new ones, and ones whose deed is another by now. */
export const unapproved = (approved: Plan, now: readonly PlannedChange[]): PlannedChange[] => {
  const known = new Map(approved.changes.map((change) => [change.key, change]));
  return now.filter((change) => {
    const was = known.get(change.key);
    return !was || !sameDeed(was, change);
  });
};

/** Why a saved plan may not be applied any more; [] when every node is as it was. */
export const staleness = (saved: Plan, now: Plan): Report[] => {
  const next = 'make a new plan, and look at what has changed';
  if (saved.cluster !== now.cluster) return [{ what: `the plan is for the cluster ${saved.cluster}, the file names ${now.cluster}`, next }];
  const nodes = [...new Set([...saved.nodes, ...now.nodes])];
  const moved: Report[] = nodes
    .filter((node) => saved.fingerprint[node] !== now.fingerprint[node])
    .map((node) => ({ node, what: 'is no longer what the plan was made from', next }));
  if (moved.length > 0) return moved;
  return unapproved(saved, now.changes).map((change) => ({
    node: change.node,
    what: `the plan does not hold this any more: ${change.title}`,
    next,
  }));
};

import type { Report } from '../errors.ts';
import type { Plan, PlannedChange } from '../model/plan.ts';

/** The destructive changes of a plan whose disk has not been named by serial. */
export const unconfirmed = (plan: Plan, confirmed: readonly string[]): PlannedChange[] =>
  plan.changes.filter((c) => c.risk === 'destructive' && !confirmed.includes(`${c.node}:${c.device?.serial ?? 'none'}`));

/** What to say where nobody can be asked. */
export const consentMissing = (changes: readonly PlannedChange[]): Report[] =>
  changes.map((c) => ({
    node: c.node,
    what: `${c.title} needs consent by serial`,
    why: c.device ? `lost on ${c.device.path}: ${c.device.loses}` : undefined,
    next: `--confirm ${c.node}:${c.device?.serial ?? 'none'}`,
  }));

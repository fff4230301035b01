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

/** The nodes that a plan takes for dead and that have not been named as such. */
export const unconfirmedDead = (plan: Plan, confirmed: readonly string[]): string[] => [
  ...new Set(plan.changes.flatMap(({ lost }) => (lost === undefined || confirmed.includes(lost) ? [] : [lost]))),
];

/** What to say where nobody can be asked. */
export const deathUnsaid = (nodes: readonly string[]): Report[] =>
  nodes.map((node) => ({
    node,
    what: 'does not answer, and giving it up needs consent',
    why: 'what only its bricks have is lost with it, and it must not come back as it is: it would still believe to be in the pool',
    next: `make sure that it is dead, then --confirm-dead ${node}`,
  }));

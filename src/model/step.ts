import type { ZodType } from 'zod';
import type { Report } from '../errors.ts';
import type { Change, PoolChange } from './change.ts';
import type { Cluster } from './cluster.ts';
import type { Answers, FactSet } from './fact.ts';

export type { Change, PoolChange } from './change.ts';
export type { Answers, Fact, FactSet } from './fact.ts';

/** What is wanted on one node. */
export interface NodeJob<W> {
  node: string;
  want: W;
}

/** What is wanted of several nodes together. `nodes[0]` is where pool-wide commands run unless facts say otherwise. */
export interface PoolJob<W> {
  nodes: readonly string[];
  want: W;
}

interface StepBase<W, F extends FactSet> {
  id: string;
  title: string;
  /** One sentence for the step table in the docs. */
  about: string;
  want: ZodType<W>;
  facts(want: W): F;
}

/** A step that looks at one node and changes that node. */
export interface NodeStep<W, F extends FactSet> extends StepBase<W, F> {
  scope: 'node';
  /** Which nodes of the cluster, and what is wanted on each. Pure; no facts are known yet. */
  jobs(cluster: Cluster): NodeJob<W>[];
  /** [] means converged. Throws CannotPlan with every reason when it must not be done. */
  plan(want: W, is: Answers<F>): Change[];
  /** Remarks that stop nothing. */
  notes?(want: W, is: Answers<F>): string[];
}

/** A step that needs to see several nodes at once: peers, volumes. Its changes run one after the other. */
export interface PoolStep<W, F extends FactSet> extends StepBase<W, F> {
  scope: 'pool';
  jobs(cluster: Cluster): PoolJob<W>[];
  /** `is` has an entry for every node of the job. */
  plan(want: W, is: Readonly<Record<string, Answers<F>>>): PoolChange[];
  /** Remarks that stop nothing. */
  notes?(want: W, is: Readonly<Record<string, Answers<F>>>): string[];
}

// biome-ignore lint/suspicious/noExplicitAny: the registry holds steps of every type
export type Step = NodeStep<any, any> | PoolStep<any, any>;

/** The facts of a node rule the wish out. `reasons[].node` may be left out by node steps. */
export class CannotPlan extends Error {
  readonly reasons: readonly Report[];
  constructor(...reasons: readonly Report[]) {
    super(reasons.map((r) => r.what).join('; '));
    this.name = 'CannotPlan';
    this.reasons = reasons;
  }
}

export const defineStep = <W, F extends FactSet>(step: Omit<NodeStep<W, F>, 'scope'>): NodeStep<W, F> => ({ scope: 'node', ...step });

export const definePoolStep = <W, F extends FactSet>(step: Omit<PoolStep<W, F>, 'scope'>): PoolStep<W, F> => ({ scope: 'pool', ...step });

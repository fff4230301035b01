import type { PoolChange } from './change.ts';

/** A change with its place in the run. `key` is unique in the plan. */
export interface PlannedChange extends PoolChange {
  key: string;
  step: string;
  stage: string;
}

export interface Plan {
  v: 1;
  cluster: string;
  /** Nodes that were looked at, in the file's order. */
  nodes: readonly string[];
  changes: readonly PlannedChange[];
  summary: { nodes: number; steps: number; changes: number; destructive: number };
  /** Per node: a hash over the facts that the plan rests on. */
  fingerprint: Readonly<Record<string, string>>;
  /** Remarks that stop nothing: a version written out, a step left out because of --limit. */
  notes: readonly string[];
}

export interface Stage {
  id: string;
  title: string;
  /** Step ids; all of them node steps, or all of them pool steps. */
  steps: readonly string[];
}

export interface Playbook {
  id: string;
  title: string;
  stages: readonly Stage[];
}

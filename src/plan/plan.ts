import type { Report } from '../errors.ts';
import type { PoolChange } from '../model/change.ts';
import type { Fact, FactOutput, FactSet } from '../model/fact.ts';
import type { Plan, PlannedChange } from '../model/plan.ts';
import { CannotPlan } from '../model/step.ts';
import { canonical } from './canonical.ts';
import type { Job } from './jobs.ts';

/** What every node answered, by fact id. */
export type AllAnswers = ReadonlyMap<string, ReadonlyMap<string, FactOutput>>;

export interface Planned {
  plan: Plan;
  /** Why parts of it cannot be done, all of them; a plan with reasons is shown, never applied. */
  reasons: readonly Report[];
}

type Parse = (out: FactOutput) => unknown;

/** Several jobs rest on one answer, such as what gluster says: each reading of it is made once. */
const parser = (): ((fact: Fact<unknown>, out: FactOutput) => unknown) => {
  const made = new Map<FactOutput, Map<Parse, unknown>>();
  return ({ parse }, out) => {
    const of = made.get(out) ?? new Map<Parse, unknown>();
    made.set(out, of);
    if (!of.has(parse)) of.set(parse, parse(out));
    return of.get(parse);
  };
};

const answersFor = (facts: FactSet, node: string, all: AllAnswers, parsed: ReturnType<typeof parser>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(facts).map(([key, fact]) => {
      const out = all.get(node)?.get(fact.id);
      if (!out) throw new Error(`${node} was not asked for ${fact.id}`);
      return [key, parsed(fact, out)];
    }),
  );

interface JobPlan {
  changes: PoolChange[];
  notes: readonly string[];
  /** Whose notes they are; null when they speak of the pool. */
  node: string | null;
  answers: Record<string, Record<string, unknown>>;
}

const planJob = ({ step, nodes, want }: Job, all: AllAnswers, parsed: ReturnType<typeof parser>): JobPlan => {
  const facts = step.facts(want);
  const answers = Object.fromEntries(nodes.map((node) => [node, answersFor(facts, node, all, parsed)]));
  if (step.scope === 'pool') return { changes: step.plan(want, answers), notes: step.notes?.(want, answers) ?? [], node: null, answers };
  const [node = ''] = nodes;
  const is = answers[node] ?? {};
  return { changes: step.plan(want, is).map((change) => ({ ...change, node })), notes: step.notes?.(want, is) ?? [], node, answers };
};

/** Jobs and what their nodes answered -> the plan. Pure; `hash` is any digest of a text. */
export const makePlan = (
  cluster: string,
  jobs: readonly Job[],
  all: AllAnswers,
  notes: readonly string[],
  hash: (text: string) => string,
): Planned => {
  const changes = new Map<string, PlannedChange>();
  const parsed = parser();
  const reasons: Report[] = [];
  const rests = new Map<string, string[]>();
  /** Each remark once, with the nodes it is about. */
  const remarks = new Map<string, string[]>(notes.map((note) => [note, []]));
  const nodes = [...new Set(jobs.flatMap((job) => job.nodes))];

  for (const job of jobs) {
    try {
      const planned = planJob(job, all, parsed);
      for (const note of planned.notes) remarks.set(note, [...(remarks.get(note) ?? []), ...(planned.node === null ? [] : [planned.node])]);
      for (const [node, answers] of Object.entries(planned.answers)) {
        rests.set(node, [...(rests.get(node) ?? []), `${job.step.id}:${canonical(answers)}`]);
      }
      for (const change of planned.changes) {
        const key = `${change.node}/${job.step.id}/${change.id}`;
        if (changes.has(key)) throw new Error(`${key} is planned twice`);
        changes.set(key, { ...change, key, step: job.step.id, stage: job.stage });
      }
    } catch (error) {
      if (!(error instanceof CannotPlan)) throw error;
      const only = job.nodes.length === 1 ? job.nodes[0] : undefined;
      for (const reason of error.reasons) reasons.push({ ...reason, node: reason.node ?? only });
    }
  }

  const list = [...changes.values()];
  const plan: Plan = {
    v: 1,
    cluster,
    nodes,
    changes: list,
    summary: {
      nodes: nodes.length,
      steps: new Set(jobs.map((job) => job.step.id)).size,
      changes: list.length,
      destructive: list.filter((c) => c.risk === 'destructive').length,
    },
    fingerprint: Object.fromEntries(nodes.map((node) => [node, hash((rests.get(node) ?? []).join('\n'))])),
    notes: [...remarks].map(([note, about]) => (about.length === 0 ? note : `${about.join(', ')}: ${note}`)),
  };
  return { plan, reasons };
};

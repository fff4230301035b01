import type { Cluster } from '../model/cluster.ts';
import type { Fact } from '../model/fact.ts';
import type { Playbook } from '../model/plan.ts';
import type { Step } from '../model/step.ts';

/** One step with what it wants, on the nodes it looks at: one node for a node step, several for a pool step. */
export interface Job {
  stage: string;
  step: Step;
  nodes: readonly string[];
  want: unknown;
}

export interface Jobs {
  /** In the playbook's order, and within a step in the file's. */
  jobs: readonly Job[];
  notes: readonly string[];
}

/** The jobs of one step, before any limit. */
const jobsOfStep = (stage: string, step: Step, cluster: Cluster): Job[] =>
  step.scope === 'node'
    ? step.jobs(cluster).map(({ node, want }) => ({ stage, step, nodes: [node], want: step.want.parse(want) }))
    : step.jobs(cluster).map(({ nodes, want }) => ({ stage, step, nodes, want: step.want.parse(want) }));

/**
 * Playbook x nodes. `limit` leaves whole jobs out: a step that has to see the whole pool is not planned
 * on a part of it, and the notes say so.
 */
export const jobsOf = (playbook: Playbook, cluster: Cluster, stepById: (id: string) => Step, limit: ReadonlySet<string>): Jobs => {
  const jobs: Job[] = [];
  const notes = new Set<string>(cluster.notes);
  for (const stage of playbook.stages) {
    for (const id of stage.steps) {
      for (const job of jobsOfStep(stage.id, stepById(id), cluster)) {
        const missing = job.nodes.filter((n) => !limit.has(n));
        if (missing.length === 0) jobs.push(job);
        else if (job.step.scope === 'pool') notes.add(`${id}: left out, it has to see ${missing.join(', ')} too, which --limit excludes`);
      }
    }
  }
  return { jobs, notes: [...notes] };
};

/** What to ask of each node, each question once. */
export const questionsOf = (jobs: readonly Job[]): Map<string, Fact<unknown>[]> => {
  const byNode = new Map<string, Map<string, Fact<unknown>>>();
  for (const { step, nodes, want } of jobs) {
    const facts: Fact<unknown>[] = Object.values(step.facts(want));
    for (const node of nodes) {
      const known = byNode.get(node) ?? new Map<string, Fact<unknown>>();
      byNode.set(node, known);
      for (const fact of facts) {
        const same = known.get(fact.id);
        if (same && same.read.text !== fact.read.text) throw new Error(`two facts share the id ${fact.id} but ask differently`);
        known.set(fact.id, fact);
      }
    }
  }
  return new Map([...byNode].map(([node, facts]) => [node, [...facts.values()]]));
};

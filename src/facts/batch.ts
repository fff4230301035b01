import type { Batch, Fact, FactOutput } from '../model/fact.ts';
import { TIMED_OUT } from './script.ts';

type Question = Fact<unknown>;

export interface Batched {
  /** What is really asked: at most one question of each batch. */
  questions: Question[];
  /** The answers to those -> the answers to the facts, as if each had been asked by itself. */
  spread(answers: ReadonlyMap<string, FactOutput>): Map<string, FactOutput>;
}

interface Group {
  batch: Batch;
  members: Question[];
  question: Question;
}

const itemsOf = (facts: readonly Question[]): string[] => [...new Set(facts.flatMap(({ batch }) => batch?.items ?? []))].sort();

const group = (batch: Batch, members: Question[]): Group => ({
  batch,
  members,
  question: { id: `${batch.id}:${itemsOf(members).join(',')}`, read: batch.read(itemsOf(members)), parse: () => null },
});

/**
 * Joins facts that one process can answer for. Processes are what a node's facts cost: a shell, stat and base64 for each of
 * twenty files, and a systemctl for each step that has a unit, were a third of them.
 */
export const batched = (facts: readonly Question[]): Batched => {
  const byBatch = new Map<Batch, Question[]>();
  const alone: Question[] = [];
  for (const fact of facts) {
    if (fact.batch === undefined) alone.push(fact);
    else byBatch.set(fact.batch.of, [...(byBatch.get(fact.batch.of) ?? []), fact]);
  }
  const groups = [...byBatch].map(([batch, members]) => group(batch, members));
  return {
    questions: [...groups.map(({ question }) => question), ...alone],
    spread(answers) {
      const found = new Map(alone.flatMap(({ id }) => (answers.has(id) ? [[id, answers.get(id) as FactOutput] as const] : [])));
      for (const { batch, members, question } of groups) {
        const out = answers.get(question.id);
        if (out === undefined) continue;
        const given = out.code === TIMED_OUT;
        for (const { id, batch: own } of members) found.set(id, given ? out : batch.answer(out, own?.items ?? []));
      }
      return found;
    },
  };
};

import { z } from 'zod';
import type { Answers, Fact, FactOutput, FactSet } from '../model/fact.ts';

const Recording = z.strictObject({
  version: z.literal(1),
  /** The node's name at the time. */
  node: z.string(),
  /** Where and when it was recorded, for whoever reads it years later. */
  origin: z.string(),
  /** By fact id: what the fragment printed and how it ended. */
  answers: z.record(z.string(), z.strictObject({ stdout: z.string(), code: z.int() })),
});

/** What one node answered, as `glusterctl facts --record DIR` writes it: one JSON file for each node. */
export type Recording = z.infer<typeof Recording>;

export const writeRecording = (node: string, origin: string, answers: ReadonlyMap<string, FactOutput>): string => {
  const sorted = [...answers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, { stdout, code }]) => [id, { stdout, code }]);
  return `${JSON.stringify({ version: 1, node, origin, answers: Object.fromEntries(sorted) } satisfies Recording, null, 2)}\n`;
};

/** Throws with the place of the fault when the text is no recording. */
export const readRecording = (text: string): Recording => {
  const result = Recording.safeParse(JSON.parse(text));
  if (!result.success) throw new Error(`not a recording of facts: ${z.prettifyError(result.error)}`);
  return result.data;
};

export const recordedAnswers = (recording: Recording): Map<string, FactOutput> => new Map(Object.entries(recording.answers));

/** Answers to these facts out of what was recorded or asked; throws naming a fact that is not in it. */
export const answersOf = <F extends FactSet>(facts: F, answers: ReadonlyMap<string, FactOutput>): Answers<F> => {
  const parse = (fact: Fact<unknown>) => {
    const out = answers.get(fact.id);
    if (out === undefined) throw new Error(`there is no answer to ${fact.id}`);
    return fact.parse(out);
  };
  return Object.fromEntries(Object.entries(facts).map(([key, fact]) => [key, parse(fact)])) as Answers<F>;
};

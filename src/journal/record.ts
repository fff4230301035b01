import { z } from 'zod';

/** Of the journal; another one is not read. */
export const FORMAT = 1;

const Risk = z.enum(['safe', 'disruptive', 'destructive']);

/** What `runs show` and `rollback` need of a change; `do` stands there for the reader. */
const Begun = z.object({
  t: z.literal('begin'),
  at: z.string(),
  seq: z.number(),
  node: z.string(),
  step: z.string(),
  stage: z.string(),
  id: z.string(),
  title: z.string(),
  risk: Risk,
  do: z.string(),
  undo: z.string(),
  verify: z.string(),
});

const Started = z.object({
  t: z.literal('run'),
  v: z.literal(FORMAT),
  at: z.string(),
  run: z.string(),
  verb: z.string(),
  cluster: z.string(),
  file: z.string(),
  baseDir: z.string(),
  by: z.string(),
  glusterctl: z.string(),
  nodes: z.array(z.string()),
  planned: z.number(),
});

const Ended = z.object({ t: z.enum(['done', 'undone']), at: z.string(), seq: z.number() });
const Broke = z.object({
  t: z.enum(['failed', 'undo-failed']),
  at: z.string(),
  seq: z.number(),
  code: z.number(),
  stderr: z.array(z.string()),
});
const Undoing = z.object({ t: z.literal('undo'), at: z.string(), seq: z.number() });
const Finished = z.object({ t: z.literal('end'), at: z.string(), result: z.string(), exit: z.number() });

/** One line of a journal. `undo` is the text 'nothing' where there is nothing to restore. */
export const JournalLine = z.discriminatedUnion('t', [Started, Begun, Ended, Broke, Undoing, Finished]);
export type JournalLine = z.infer<typeof JournalLine>;
export type BegunLine = z.infer<typeof Begun>;
export type StartedLine = z.infer<typeof Started>;

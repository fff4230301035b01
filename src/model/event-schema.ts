import { z } from 'zod';
import type { Event } from './event.ts';

// The one written form of Event: docs/events.schema.json is made of it, and the lines at the end hold the two together.

const Report = z.object({
  check: z.string().optional().describe('Id of the fault, as docs/checks.md lists them'),
  what: z.string().describe('What failed'),
  node: z.string().optional().describe('On which node'),
  why: z.string().optional().describe('Why: the last lines that were said there'),
  next: z.string().optional().describe('What to do next'),
});

const of = {
  node: z.string().describe('Name of the node, as in cluster.yaml'),
  step: z.string().describe('Id of the step, as `glusterctl steps` lists it'),
  stage: z.string().describe('Id of the stage'),
  id: z.string().describe('Id of the change within its step; the same each time the same thing is planned'),
  title: z.string().describe('What the change does, for a person'),
  risk: z.enum(['safe', 'disruptive', 'destructive']).describe('safe, disruptive (a service restarts), or destructive (data is lost)'),
};
const ms = z.number().describe('Milliseconds');
const broke = {
  ms,
  code: z.number().describe('Exit code; 255 when the connection was lost'),
  stderr: z.array(z.string()).readonly().describe('Last lines of stderr'),
  report: Report,
};
const count = (what: string) => z.number().describe(what);
const nodes = z.array(z.string()).readonly();

/** One line of `apply --json`, `node prepare --json`, `node replace --json`, `node shrink --execute --json` and `rollback --json`. */
export const EventLine = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('version').describe('The first line'),
    v: z.literal(1).describe('Version of this format'),
    glusterctl: z.string().describe('Version of glusterctl'),
    run: z.string().nullable().describe('Run that this is about; null while there is none'),
    cluster: z.string().describe('Name of the cluster; empty when its file could not be read'),
    verb: z.string().describe('What was asked for'),
  }),
  z.object({
    type: z.literal('run.started').describe('All nodes are locked; the journal is open'),
    run: z.string(),
    nodes,
    changes: count('Changes that were approved'),
  }),
  z.object({
    type: z.literal('stage.started').describe('A stage was planned anew and has something to do'),
    stage: z.string(),
    title: z.string(),
    nodes,
    changes: count('Changes of this stage'),
  }),
  z.object({ type: z.literal('change.started').describe('Journaled, and about to be run'), ...of }),
  z.object({
    type: z.literal('change.output').describe('A line that a change or an undo printed'),
    node: of.node,
    step: of.step,
    id: of.id,
    stream: z.enum(['stdout', 'stderr']),
    line: z.string(),
  }),
  z.object({ type: z.literal('change.done').describe('Run, and seen to be in effect'), ms, ...of }),
  z.object({ type: z.literal('change.failed').describe('Run, and failed or not in effect'), ...broke, ...of }),
  z.object({ type: z.literal('stage.finished').describe('The end of a stage'), stage: z.string(), ms }),
  z.object({ type: z.literal('undo.started').describe('A change is about to be undone'), ...of }),
  z.object({ type: z.literal('undo.done').describe('Undone, and seen to be gone'), ms, ...of }),
  z.object({ type: z.literal('undo.failed').describe('Not undone'), ...broke, ...of }),
  z.object({ type: z.literal('undo.left').describe('Has no undo, or was left as it is'), why: z.string(), ...of }),
  z.object({
    type: z.literal('plan').describe('Only with --dry-run: the document of `plan --json`'),
    plan: z.unknown().describe('As `glusterctl plan --json` prints it'),
  }),
  z.object({ type: z.literal('note').describe('A remark that stops nothing'), text: z.string() }),
  z.object({
    type: z.literal('error').describe('Why it ended, all reasons at once'),
    exit: z.number().describe('The exit code'),
    reports: z.array(Report).readonly(),
  }),
  z.object({
    type: z.literal('run.finished').describe('The last line'),
    run: z.string().nullable(),
    result: z.enum(['converged', 'changed', 'failed', 'rolled-back', 'refused']),
    changed: count('Changes that were done; of a rollback those that were undone'),
    unchanged: count('Steps on nodes that had nothing to do'),
    failed: count('Changes that failed'),
    pending: count('Only with --dry-run: changes that would be done').optional(),
    exit: z.number().describe('The exit code'),
    ms,
  }),
]);

type Line = z.output<typeof EventLine>;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
/** Does not compile when the schema and the type say different things. */
export const schemaIsEvent: Same<Line, Event> = true;

/** JSON Schema (draft-07) of one line. */
export const eventJsonSchema = (): Record<string, unknown> => {
  const { $schema, ...schema } = z.toJSONSchema(EventLine, { target: 'draft-7' });
  return {
    $schema,
    title:
      'One line of glusterctl apply --json, node prepare --json, node replace --json, node shrink --execute --json and rollback --json',
    ...schema,
  };
};

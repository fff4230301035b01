import { z } from 'zod';
import type { Plan, PlannedChange } from '../model/plan.ts';
import { Sh } from '../sh.ts';

const Change = z.object({
  id: z.string(),
  node: z.string(),
  step: z.string(),
  stage: z.string(),
  title: z.string(),
  risk: z.enum(['safe', 'disruptive', 'destructive']),
  do: z.string(),
  undo: z.string(),
  verify: z.string(),
  diff: z.object({ path: z.string(), before: z.string(), after: z.string() }).optional(),
  device: z.object({ path: z.string(), serial: z.string(), loses: z.string() }).optional(),
  guard: z.object({ seconds: z.number() }).optional(),
});

const PlanFile = z.object({
  v: z.literal(1),
  cluster: z.string(),
  nodes: z.array(z.string()),
  changes: z.array(Change),
  summary: z.object({ nodes: z.number(), steps: z.number(), changes: z.number(), destructive: z.number() }),
  fingerprint: z.record(z.string(), z.string()),
  notes: z.array(z.string()),
});

/** The one JSON document of `plan --json` and of a plan file. `key` is left out: it is made of the others. */
export const planToJson = (plan: Plan): unknown => ({ ...plan, changes: plan.changes.map(({ key: _key, ...change }) => change) });

const toChange = ({ diff, device, guard, ...c }: z.infer<typeof Change>): PlannedChange => ({
  ...c,
  ...(diff && { diff }),
  ...(device && { device }),
  ...(guard && { guard }),
  key: `${c.node}/${c.step}/${c.id}`,
  do: Sh.raw(c.do),
  undo: c.undo === 'nothing' ? 'nothing' : Sh.raw(c.undo),
  verify: Sh.raw(c.verify),
});

/** Throws ZodError or SyntaxError when the text is no plan file of this version. */
export const planFromJson = (text: string): Plan => {
  const file = PlanFile.parse(JSON.parse(text));
  return { ...file, changes: file.changes.map(toChange) };
};

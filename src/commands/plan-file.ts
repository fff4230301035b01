import { readFileSync, writeFileSync } from 'node:fs';
import { Refused, type Report, UsageError } from '../errors.ts';
import type { Plan } from '../model/plan.ts';
import { planFromJson, planToJson } from '../plan/file.ts';

const NEXT = 'glusterctl plan -o plan.json writes one';

/** The document of `plan --json`, and the text of a plan file. `reasons`: what stands in the way, where something does. */
export const planDocument = (plan: Plan, glusterctl: string, reasons: readonly Report[] = []): string =>
  JSON.stringify({ ...(planToJson(plan) as Record<string, unknown>), ...(reasons.length > 0 && { reasons }), glusterctl }, null, 2);

/** Mode 0600: the diffs may show what only root reads on the nodes. Throws UsageError where it cannot be written. */
export const writePlan = (path: string, plan: Plan, glusterctl: string): void => {
  try {
    writeFileSync(path, `${planDocument(plan, glusterctl)}\n`, { mode: 0o600 });
  } catch (error) {
    throw new UsageError({
      what: `the plan file ${path} cannot be written`,
      why: (error as Error).message,
      next: 'mend the path of --out',
    });
  }
};

/** A plan file of this version of glusterctl: another one looks at other facts, and may do the same thing by other commands. */
export const readPlan = (path: string, glusterctl: string): Plan => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError({ what: `the plan file ${path} cannot be read`, why: (error as Error).message, next: NEXT });
  }
  let by: unknown;
  let plan: Plan;
  try {
    by = (JSON.parse(text) as { glusterctl?: unknown } | null)?.glusterctl;
    if (typeof by === 'string' && by !== glusterctl) throw new Error(`glusterctl ${by} wrote it, and this is glusterctl ${glusterctl}`);
    plan = planFromJson(text);
  } catch (error) {
    const why = error instanceof SyntaxError || typeof by === 'string' ? (error as Error).message : 'it has not the form of one';
    throw new Refused({ what: `${path} is not a plan file of this version`, why, next: NEXT });
  }
  return plan;
};

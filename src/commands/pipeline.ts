import { appendFileSync } from 'node:fs';
import type { Env } from '../config/env.ts';
import { ClusterFileError } from '../config/problem.ts';
import type { GlusterctlError } from '../errors.ts';
import type { Plan } from '../model/plan.ts';
import { reportsOf } from '../ui/error-text.ts';
import { planSummary, problemAnnotation, reportAnnotation } from '../ui/github.ts';

/** Adds to the page of a GitHub job, where there is one. */
export const summarize = (
  { githubActions, githubStepSummary }: Pick<Env, 'githubActions' | 'githubStepSummary'>,
  markdown: () => string,
): void => {
  if (githubActions && githubStepSummary !== null) appendFileSync(githubStepSummary, `${markdown()}\n`);
};

export const summarizePlan = (env: Pick<Env, 'githubActions' | 'githubStepSummary'>, plan: Plan): void =>
  summarize(env, () => planSummary(plan));

/** An error as annotations: of a cluster file each problem at its line. */
export const annotations = (error: GlusterctlError, { githubWorkspace }: Pick<Env, 'githubWorkspace'>): string[] =>
  error instanceof ClusterFileError
    ? error.problems.map((p) => problemAnnotation(p, githubWorkspace ?? process.cwd()))
    : reportsOf(error).map(reportAnnotation);

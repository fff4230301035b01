import { EXIT, UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { steps } from '../steps/index.ts';
import { table } from '../ui/table.ts';
import type { Invocation } from './invocation.ts';

/** All steps, or those that are named. */
const chosen = (names: readonly string[]): typeof steps => {
  const known = steps.map(({ id }) => id);
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw new UsageError({
      what: `there is no step ${JSON.stringify(name)}`,
      next: near ? `did you mean ${near}?` : 'glusterctl steps lists all',
    });
  }
  return names.length === 0 ? steps : steps.filter(({ id }) => names.includes(id));
};

export const run = async ({ json, output }: Invocation, names: string[]): Promise<number> => {
  const rows = chosen(names).map(({ id, title, scope, about }) => ({ id, title, scope, about }));
  if (json) output.out(JSON.stringify({ v: 1, steps: rows }, null, 2));
  else
    output.out(
      table(
        ['STEP', 'SCOPE', 'WHAT IT TAKES CARE OF'],
        rows.map((s) => [s.id, s.scope, s.about]),
      ),
    );
  return EXIT.ok;
};

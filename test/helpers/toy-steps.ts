import { z } from 'zod';
import type { Change, Fact, NodeStep, PoolStep, Step } from '../../src/model/step.ts';
import { CannotPlan, definePoolStep, defineStep } from '../../src/model/step.ts';
import { sh } from '../../src/sh.ts';

const text = (file: string): Fact<string | null> => ({
  id: `toy:${file}`,
  read: sh`cat "$ROOT"/${file}`,
  parse: ({ stdout, code }) => (code === 0 ? stdout : null),
});

/** A change that writes one small file below $ROOT. */
export const put = (file: string, body: string, before: string | null): Change => ({
  id: `file:${file}`,
  title: `write ${file}`,
  risk: 'safe',
  do: sh`printf %s ${body} >"$ROOT"/${file}`,
  undo: before === null ? sh`rm -f "$ROOT"/${file}` : sh`printf %s ${before} >"$ROOT"/${file}`,
  verify: sh`[ "$(cat "$ROOT"/${file})" = ${body} ]`,
});

/** Wants `body` in `file` on the nodes named; 'forbidden' in the file is a reason not to plan. */
export const fileStep = (
  id: string,
  nodes: readonly string[],
  file: string,
  body: string,
  alter: (c: Change) => Change = (c) => c,
): Step => {
  const step: NodeStep<{ file: string; body: string }, { is: Fact<string | null> }> = defineStep({
    id,
    title: id,
    about: 'A file for a test.',
    want: z.strictObject({ file: z.string(), body: z.string() }),
    jobs: () => nodes.map((node) => ({ node, want: { file, body } })),
    facts: (want) => ({ is: text(want.file) }),
    plan(want, { is }) {
      if (is === 'forbidden') throw new CannotPlan({ what: `${want.file} must not be touched` });
      return is === want.body ? [] : [alter(put(want.file, want.body, is))];
    },
  });
  return step;
};

/** Joins nodes: on the first one a file that lists those that have said hello. */
export const poolStep = (id: string, nodes: readonly string[]): Step => {
  const step: PoolStep<{ members: string[] }, { hello: Fact<string | null>; list: Fact<string | null> }> = definePoolStep({
    id,
    title: id,
    about: 'A pool for a test.',
    want: z.strictObject({ members: z.array(z.string()) }),
    jobs: () => [{ nodes, want: { members: [...nodes] } }],
    facts: () => ({ hello: text('hello'), list: text('list') }),
    plan(want, is) {
      const [first = ''] = want.members;
      const wanted = want.members.join(' ');
      return is[first]?.list === wanted ? [] : [{ ...put('list', wanted, is[first]?.list ?? null), node: first }];
    },
  });
  return step;
};

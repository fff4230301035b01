import { expect } from 'vitest';

export type Line = { type: string; exit?: number; reports?: { what: string; node?: string; why?: string; next?: string }[] } & Record<
  string,
  unknown
>;

/** stdout of a verb that prints events: every byte of it belongs to a line of JSON; the first and the last are as promised. */
export const eventsOf = ({ stdout, code }: { stdout: string; code: number | null }): Line[] => {
  expect(stdout.endsWith('\n')).toBe(true);
  const lines: Line[] = stdout
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.at(0)).toMatchObject({ type: 'version', v: 1 });
  expect(lines.filter(({ type }) => type === 'run.finished')).toEqual([lines.at(-1)]);
  expect(lines.at(-1)).toMatchObject({ exit: code });
  return lines;
};

/** What, why and what next of all errors, as one text. */
export const errorsOf = (lines: readonly Line[]): string =>
  lines
    .flatMap(({ type, reports }) => (type === 'error' ? (reports ?? []) : []))
    .map(({ node, what, why, next }) => `${node ?? '-'}: ${what}\n  why: ${why}\n  next: ${next}`)
    .join('\n');

import { nearest } from '../../nearest.ts';
import type { Fail } from '../draft.ts';
import type { Path } from '../problem.ts';

const numbers = (name: string): string => [...name.matchAll(/[0-9]+/g)].map(([digits]) => Number(digits)).join(' ');

/** node-2 is no misspelled node-1: a guess has the same numbers in it. */
const guess = (name: string, known: Iterable<string>): string | null =>
  nearest(
    name,
    [...known].filter((other) => numbers(other) === numbers(name)),
  );

/** False, and said, when nothing in the file has this name. */
export const knownName = (kind: 'node' | 'volume', name: string, known: ReadonlySet<string>, at: Path, fail: Fail): boolean => {
  if (known.has(name)) return true;
  const near = guess(name, known);
  const all = [...known];
  fail(at, `there is no ${kind} ${name}`, {
    allowed:
      all.length === 0
        ? `none: the file has no ${kind}s`
        : all.length > 12
          ? `${all.slice(0, 12).join(', ')}, ... (${all.length})`
          : all.join(', '),
    suggestion: near && `did you mean ${near}?`,
  });
  return false;
};

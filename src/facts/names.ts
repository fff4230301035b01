import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

/**
 * What the node itself makes of these names: addresses in order of text, [] for a name that leads nowhere.
 * All are asked at once, each for at most 5 s (a name server that is away would cost 10 s and more).
 */
export const names = (list: readonly string[]): Fact<ReadonlyMap<string, readonly string[]>> => {
  const asked = [...new Set(list)].sort();
  return {
    id: `names:${asked.join(' ')}`,
    read:
      asked.length === 0
        ? sh`:`
        : sh`
      limit=
      timeout 5 true && limit='timeout 5'
      i=0
      for n in ${asked}; do
        (
          a=$($limit getent ahosts "$n" | while read -r a t _; do [ "$t" != STREAM ] || printf ' %s' "$a"; done)
          printf '%s%s\n' "$i" "$a"
        ) &
        i=$((i + 1))
      done
      wait`,
    parse: ({ stdout }) => {
      const found = new Map<string, string[]>(asked.map((n) => [n, []]));
      for (const line of stdout.split('\n').filter(Boolean)) {
        const [i = '', ...all] = line.split(' ');
        const name = asked[Number(i)];
        if (name !== undefined) found.set(name, [...new Set(all)].sort());
      }
      return found;
    },
  };
};

import type { Fact } from '../../model/fact.ts';
import { sh } from '../../sh.ts';

/** Kernel names of the devices that paths below /dev lead to now; '' where a path leads to none. By the path. */
export const deviceNames = (paths: readonly string[]): Fact<ReadonlyMap<string, string>> => {
  const asked = [...new Set(paths)].sort();
  return {
    id: `device-names:${asked.join(' ')}`,
    read: sh`for p in ${asked}; do if [ -b "$p" ]; then readlink -f -- "$p"; else echo; fi; done`,
    parse: ({ stdout }) => {
      const lines = stdout.split('\n');
      return new Map(asked.map((path, i) => [path, (lines[i] ?? '').replace(/^\/dev\//, '').replaceAll('/', '!')]));
    },
  };
};

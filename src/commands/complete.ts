import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { candidates, type Sources } from '../completion/candidates.ts';
import { nodeNames } from '../config/node-names.ts';
import { EXIT } from '../errors.ts';
import type { Invocation } from './invocation.ts';

/** Newest first, by the names of their folders: no journal is read while somebody waits for a key. */
const runNames = (stateDir: string): string[] => {
  try {
    return readdirSync(join(stateDir, 'runs')).sort().reverse();
  } catch {
    return [];
  }
};

/** What the completion scripts call: a candidate a line, a tab, what it is. `:files` says that paths may follow. */
export const run = async ({ env, output }: Invocation, words: string[]): Promise<number> => {
  const { program } = await import('../cli.ts');
  const sources: Sources = {
    nodes: (config) => nodeNames(resolve(config ?? env.config ?? 'cluster.yaml')),
    runs: () => runNames(env.stateDir),
  };
  const { list, files } = candidates(program, words, sources);
  for (const { value, about } of list) output.out(`${value}\t${about}`);
  if (files) output.out(':files\t');
  return EXIT.ok;
};

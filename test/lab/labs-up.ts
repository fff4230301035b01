import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from './paths.ts';

/** The labs of this cache that run, or have left something. */
export const labsUp = (): string[] => {
  const run = join(cache, 'run');
  if (!existsSync(run)) return [];
  return readdirSync(run, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
};

import { readFileSync } from 'node:fs';
import { EXIT } from '../errors.ts';
import { shipped } from '../shipped.ts';
import type { Invocation } from './invocation.ts';

/** The script that a shell loads; it asks glusterctl itself what fits. */
export const run = async ({ output }: Invocation, shell: string): Promise<number> => {
  output.out(readFileSync(shipped(`templates/completion/${shell}`), 'utf8'));
  return EXIT.ok;
};

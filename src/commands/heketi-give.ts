import { writeFileSync } from 'node:fs';
import { UsageError } from '../errors.ts';
import type { Invocation } from './invocation.ts';

export interface TopologyOptions {
  out?: string;
}

/** To a file, or to stdout. */
export const giveTopology = ({ output }: Invocation, { out }: TopologyOptions, text: string): void => {
  if (out === undefined) {
    output.out(text.replace(/\n$/, ''));
    return;
  }
  try {
    writeFileSync(out, text);
  } catch (error) {
    throw new UsageError({ what: `${out} cannot be written`, why: (error as Error).message, next: 'name another file' });
  }
};

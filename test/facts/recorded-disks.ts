import { readdirSync, readFileSync } from 'node:fs';
import type { FactOutput } from '../../src/model/fact.ts';

const FOLDER = new URL('../fixtures/disks/', import.meta.url);

export const cases = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.txt'))
  .map((file) => file.slice(0, -4))
  .sort();

/** What the fragment of `disks` printed; the fixtures have its sections in plain text. See fixtures/disks/record.sh. */
export const recordedDisks = (name: string): FactOutput => {
  const text = readFileSync(new URL(`${name}.txt`, FOLDER), 'utf8');
  const parts = text.split(/^== /m).slice(1);
  const stdout = parts.map((part) => {
    const end = part.indexOf('\n');
    const head = part.slice(0, end);
    return head === 'end' ? 'end' : `${head} ${Buffer.from(part.slice(end + 1).replace(/\n$/, '')).toString('base64')}`;
  });
  return { stdout: `${stdout.join('\n')}\n`, code: 0 };
};

import { readdirSync, readFileSync } from 'node:fs';
import type { FactOutput } from '../../src/model/fact.ts';

const FOLDER = new URL('../fixtures/disks/', import.meta.url);

export const cases = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.txt'))
  .map((file) => file.slice(0, -4))
  .sort();

const MARK = '0f1e2d3c-0000-4000-8000-0123456789ab';

export interface Part {
  name: string;
  code: string;
  text: string;
}

/** What the fragment of `disks` printed; the fixtures have its parts without the mark. See fixtures/disks/record.sh. */
export const recordedDisks = (name: string, change: (parts: Part[]) => Part[] = (parts) => parts): FactOutput => {
  const text = readFileSync(new URL(`${name}.txt`, FOLDER), 'utf8');
  const parts = text
    .split(/^== /m)
    .slice(1)
    .map((part) => {
      const [head = '', ...said] = part.split('\n');
      const [title = '', code = '0'] = head.split(' ');
      return { name: title, code, text: said.join('\n') };
    });
  const stdout = change(parts).map((part) => `\n${MARK} B ${part.name}\n${part.text}\n${MARK} E ${part.name} ${part.code}\n`);
  return { stdout: `${MARK}\n${stdout.join('')}`, code: 0 };
};

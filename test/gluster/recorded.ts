import { readFileSync } from 'node:fs';
import type { FactOutput } from '../../src/model/fact.ts';

const FOLDER = new URL('../fixtures/gluster/10.3/', import.meta.url);

/** Name, exit code and command of every recorded answer; see fixtures/gluster/record.sh. */
export const index = readFileSync(new URL('index.tsv', FOLDER), 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => {
    const [name = '', code = '', command = ''] = line.split('\t');
    return { name, code: Number(code), command };
  });

export const recorded = (name: string): FactOutput => {
  const code = index.find((r) => r.name === name)?.code;
  if (code === undefined) throw new Error(`nothing recorded as ${name}`);
  return { stdout: readFileSync(new URL(`${name}.out`, FOLDER), 'utf8'), code };
};

import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Family } from './image.ts';
import { labDir } from './paths.ts';
import type { ProcessId } from './process.ts';

/** What another process must know to use a running lab; kept in state.json. */
export interface LabState {
  v: 1;
  name: string;
  id: string;
  net: string;
  cgroup: string;
  holder: ProcessId;
  nodes: { name: string; address: string; family: Family }[];
  keyFile: string;
  fingerprint: string;
  otherKeyFile: string;
  otherFingerprint: string;
}

const file = (name: string): string => join(labDir(name), 'state.json');

export const readState = (name: string): LabState | undefined =>
  existsSync(file(name)) ? (JSON.parse(readFileSync(file(name), 'utf8')) as LabState) : undefined;

export const writeState = (state: LabState): void => {
  writeFileSync(`${file(state.name)}.new`, `${JSON.stringify(state, null, 2)}\n`);
  renameSync(`${file(state.name)}.new`, file(state.name));
};

/** A file of `NAME='value'` lines that the scripts read. */
export const shellVariables = (values: Record<string, string | number>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}='${String(value).replaceAll("'", "'\\''")}'\n`)
    .join('');

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { InitAnswers } from '../init/answers.ts';

export interface Kept {
  at: string;
  answers: InitAnswers;
}

/** One for each file that is being made, so that two wizards do not mix. */
const pathFor = (stateDir: string, file: string): string =>
  join(stateDir, 'init', `${createHash('sha256').update(file).digest('hex').slice(0, 16)}.json`);

/** Answers of a wizard that was left; null when there are none. What cannot be read is as good as none. */
export const keptAnswers = (stateDir: string, file: string): Kept | null => {
  try {
    const { v, at, answers } = JSON.parse(readFileSync(pathFor(stateDir, file), 'utf8'));
    return v === 1 && typeof at === 'string' && typeof answers === 'object' && answers !== null ? { at, answers } : null;
  } catch {
    return null;
  }
};

/** Only answers are kept: passwords are never among them. */
export const keepAnswers = (stateDir: string, file: string, answers: InitAnswers): void => {
  mkdirSync(join(stateDir, 'init'), { recursive: true, mode: 0o700 });
  const text = JSON.stringify({ v: 1, at: new Date().toISOString(), file, answers }, null, 2);
  writeFileSync(pathFor(stateDir, file), `${text}\n`, { mode: 0o600 });
};

export const dropAnswers = (stateDir: string, file: string): void => rmSync(pathFor(stateDir, file), { force: true });

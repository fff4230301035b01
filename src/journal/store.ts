import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type History, readHistory, UnreadableJournal } from './history.ts';
import { Journal } from './journal.ts';
import type { StartedLine } from './record.ts';

/** Sorts by time; the tail keeps two runs of one second apart. */
export const newRunId = (now = new Date()): string =>
  `${now.toISOString().replaceAll(/[-:]/g, '').replace('T', '-').slice(0, 15)}-${randomBytes(2).toString('hex')}`;

const folder = (stateDir: string, run: string): string => join(stateDir, 'runs', run);
const journalPath = (stateDir: string, run: string): string => join(folder(stateDir, run), 'journal.ndjson');

/** Where the run's output is kept line by line, for the errors that point to it. */
export const logPath = (stateDir: string, run: string): string => join(folder(stateDir, run), 'log.txt');

/** The cluster file as it was when the run began, so that a rollback finds the nodes whatever became of the file. */
export const savedCluster = (stateDir: string, run: string): string => readFileSync(join(folder(stateDir, run), 'cluster.yaml'), 'utf8');

/** Makes the run's folder (0700) with the cluster file in it, and its journal. Throws when the state folder cannot be written. */
export const createRun = (stateDir: string, clusterText: string, first: Omit<StartedLine, 'at'>): Journal => {
  const dir = folder(stateDir, first.run);
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    writeFileSync(join(dir, 'cluster.yaml'), clusterText, { mode: 0o600, flush: true });
    return Journal.create(journalPath(stateDir, first.run), first);
  } catch (error) {
    if (existsSync(dir)) rmSync(dir, { recursive: true });
    throw error;
  }
};

/** Opens a run's journal to go on in it. A line that was cut off by a crash is taken away first. */
export const reopenRun = (stateDir: string, run: string): { journal: Journal; history: History } => {
  const path = journalPath(stateDir, run);
  const text = readFileSync(path, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  if (whole.length < text.length) truncateSync(path, Buffer.byteLength(whole));
  const history = readHistory(whole);
  return { journal: Journal.reopen(path, run, Math.max(0, ...history.entries.map((e) => e.seq))), history };
};

export const readRun = (stateDir: string, run: string): History => readHistory(readFileSync(journalPath(stateDir, run), 'utf8'));

export interface Runs {
  /** Newest first. */
  runs: History[];
  /** Journals that this version cannot read, newest first. */
  unreadable: { run: string; error: UnreadableJournal }[];
}

/** All runs. A folder without a whole line in its journal never touched a node and is left out. */
export const readRuns = (stateDir: string): Runs => {
  const dir = join(stateDir, 'runs');
  const found: Runs = { runs: [], unreadable: [] };
  if (!existsSync(dir)) return found;
  for (const run of readdirSync(dir).sort().reverse()) {
    const path = journalPath(stateDir, run);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    if (!text.includes('\n')) continue;
    try {
      found.runs.push(readHistory(text));
    } catch (error) {
      if (!(error instanceof UnreadableJournal)) throw error;
      found.unreadable.push({ run, error });
    }
  }
  return found;
};

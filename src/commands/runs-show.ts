import { EXIT } from '../errors.ts';
import type { EntryState, History } from '../journal/history.ts';
import { logPath, readRuns } from '../journal/store.ts';
import { findRun } from './find-run.ts';
import type { Invocation } from './invocation.ts';
import { outcome } from './runs.ts';

const WORDS: Record<EntryState, string> = {
  begun: 'cut off in the middle',
  done: 'done',
  failed: 'failed',
  undoing: 'undoing was cut off',
  'undo-failed': 'could not be undone',
  undone: 'undone',
};

const text = (history: History, log: string): string => {
  const { run, at, verb, cluster, by, file } = history.run;
  const lines = history.entries.flatMap((e) => [
    `  ${e.at}  ${e.node}: ${e.title}: ${WORDS[e.state]}`,
    ...(e.state === 'failed' || e.state === 'undo-failed' ? e.stderr.map((line) => `      ${line}`) : []),
  ]);
  return [`${run}: ${verb} of ${cluster} (${file})`, `  begun ${at} by ${by}: ${outcome(history)}`, ...lines, `  log: ${log}`].join('\n');
};

export const run = async (invocation: Invocation, name: string): Promise<number> => {
  const history = findRun(readRuns(invocation.env.stateDir), name);
  const log = logPath(invocation.env.stateDir, name);
  if (invocation.json)
    invocation.output.out(JSON.stringify({ ...history.run, result: outcome(history), entries: history.entries, log }, null, 2));
  else invocation.output.out(text(history, log));
  return EXIT.ok;
};

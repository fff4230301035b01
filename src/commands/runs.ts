import { hostname } from 'node:os';
import { EXIT } from '../errors.ts';
import { type History, inEffect } from '../journal/history.ts';
import { readRuns } from '../journal/store.ts';
import { table } from '../ui/table.ts';
import type { Invocation } from './invocation.ts';

/** `user@host (process 123)`: whether that process is there; known of this machine only. */
const isAlive = (by: string): boolean => {
  const [, host, pid] = /@(.*) \(process ([0-9]+)\)$/.exec(by) ?? [];
  if (host !== hostname()) return false;
  try {
    return process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** What became of a run; one without an end is still at work, or was killed. */
export const outcome = ({ result, run }: History): string => result?.result ?? (isAlive(run.by) ? 'at work' : 'not finished');

const summary = (history: History) => {
  const { run, at, verb, cluster, by, nodes } = history.run;
  return {
    run,
    at,
    verb,
    cluster,
    by,
    nodes,
    result: outcome(history),
    changes: history.entries.length,
    inEffect: inEffect(history).length,
  };
};

export const run = async (invocation: Invocation): Promise<number> => {
  const { runs, unreadable } = readRuns(invocation.env.stateDir);
  const { output } = invocation;
  const list = runs.map(summary);
  if (invocation.json) {
    const broken = unreadable.map(({ run, error }) => ({ run, cluster: error.cluster, by: error.by, why: error.message }));
    output.out(JSON.stringify({ v: 1, runs: list, unreadable: broken }, null, 2));
    return EXIT.ok;
  }
  if (list.length > 0) {
    const rows = list.map((r) => [r.run, r.verb, r.cluster, r.result, `${r.changes}`, `${r.inEffect}`, r.by]);
    output.out(table(['RUN', 'VERB', 'CLUSTER', 'RESULT', 'CHANGES', 'IN EFFECT', 'BY'], rows));
  }
  for (const { run, error } of unreadable) output.err(`note: the run ${run} cannot be read: ${error.message}`);
  if (list.length === 0 && unreadable.length === 0) output.err('No runs yet.');
  return EXIT.ok;
};

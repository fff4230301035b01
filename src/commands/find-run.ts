import { existsSync } from 'node:fs';
import { findCluster } from '../config/find.ts';
import { ConfigError, Refused, UsageError } from '../errors.ts';
import { type History, inEffect, type UnreadableJournal } from '../journal/history.ts';
import type { Runs } from '../journal/store.ts';
import { nearest } from '../nearest.ts';
import type { Invocation } from './invocation.ts';

const closed = ({ run, error }: { run: string; error: UnreadableJournal }): Refused =>
  new Refused({
    what: `the run ${run} cannot be read`,
    why: error.message,
    next:
      error.by === null
        ? 'look at its journal.ndjson; glusterctl runs lists all runs'
        : `glusterctl ${error.by} wrote it; take that version`,
  });

/** The run of that name. Throws UsageError when there is none, Refused when it cannot be read. */
export const findRun = ({ runs, unreadable }: Runs, name: string): History => {
  const found = runs.find((h) => h.run.run === name);
  if (found) return found;
  const broken = unreadable.find(({ run }) => run === name);
  if (broken) throw closed(broken);
  const near = nearest(
    name,
    runs.map((h) => h.run.run),
  );
  throw new UsageError({
    what: `there is no run ${JSON.stringify(name)}`,
    next: near ? `did you mean ${near}?` : 'glusterctl runs lists all runs',
  });
};

/** Runs that still have an effect on nodes, newest first. */
export const effective = (runs: readonly History[]): History[] => runs.filter((h) => inEffect(h).length > 0);

/** Name of the cluster whose file was named, or lies here; null where there is none that can be read. */
const clusterHere = async ({ config, env }: Invocation): Promise<string | null> => {
  const named = config ?? env.config;
  if (named === null && !existsSync('cluster.yaml')) return null;
  try {
    return (await findCluster(config, env)).cluster.name;
  } catch (error) {
    // What became of the file does not matter to a rollback; but one that was named has to be there.
    if (named === null && error instanceof ConfigError) return null;
    throw error;
  }
};

/** The newest run of this cluster that has an effect; null when there is none. Throws Refused where several clusters may be meant. */
export const newestRun = async (invocation: Invocation, { runs, unreadable }: Runs): Promise<History | null> => {
  const cluster = await clusterHere(invocation);
  const mine = (name: string | null): boolean => cluster === null || name === null || name === cluster;
  const open = effective(runs).filter((h) => mine(h.run.cluster));
  const [newest] = open;
  const broken = unreadable.find(({ run, error }) => mine(error.cluster) && run > (newest?.run.run ?? ''));
  if (broken) throw closed(broken);
  const clusters = [...new Set(open.map((h) => h.run.cluster))];
  if (clusters.length > 1)
    throw new Refused({
      what: `runs of several clusters are in effect: ${clusters.join(', ')}`,
      next: `name the cluster file with -c, or the run: glusterctl rollback ${newest?.run.run}`,
    });
  return newest ?? null;
};

/** Newer runs on the same nodes have to be undone first. Throws Refused. */
export const refuseWhenBuried = ({ runs, unreadable }: Runs, { run }: History): void => {
  const broken = unreadable.find((u) => u.run > run.run && (u.error.cluster ?? run.cluster) === run.cluster);
  if (broken) throw closed(broken);
  const later = (h: History) =>
    h.run.run > run.run && h.run.cluster === run.cluster && h.run.nodes.some((node) => run.nodes.includes(node));
  const newer = effective(runs).find(later);
  if (newer)
    throw new Refused({
      what: `the run ${newer.run.run} came later on the same nodes`,
      why: 'undoing in another order would put back what is no longer there',
      next: `first: glusterctl rollback ${newer.run.run}`,
    });
};

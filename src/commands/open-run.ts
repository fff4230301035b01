import { Refused } from '../errors.ts';
import type { Journal } from '../journal/journal.ts';
import { createRun, logPath, newRunId } from '../journal/store.ts';
import type { Emit, RunResult } from '../model/event.ts';
import type { Plan } from '../model/plan.ts';
import { anySignal, type RunContext } from '../run/context.ts';
import { lockNodes } from '../run/lock.ts';
import type { Invocation } from './invocation.ts';
import type { Session } from './session.ts';
import { logTo } from './views.ts';

export interface OpenRun {
  run: string;
  ctx: RunContext;
  /** Writes the run's last line; gives back what it was given. */
  end<E extends { result: RunResult; exit: number }>(ending: E): E;
  close(): Promise<void>;
}

/** Locks the nodes, then hands out the context of a run that writes to `journal`. */
export const lockedRun = async (
  { interruption, env, concurrency }: Invocation,
  { hosts, afresh }: Pick<Session, 'hosts' | 'afresh'>,
  who: string,
  emit: Emit,
  openJournal: () => Journal,
): Promise<OpenRun> => {
  const note = (text: string): void => emit({ type: 'note', text });
  const lock = await lockNodes([...hosts.values()], who, note, interruption.stop);
  let journal: Journal;
  try {
    interruption.begin(note);
    journal = openJournal();
  } catch (error) {
    await lock.release();
    throw error;
  }
  const log = logPath(env.stateDir, journal.run);
  const write = logTo(log, note);
  const both: Emit = (event) => {
    write(event);
    emit(event);
  };
  return {
    run: journal.run,
    ctx: {
      hosts,
      afresh,
      journal,
      emit: both,
      interruption,
      lost: lock.lost,
      cut: anySignal(interruption.cut, lock.lost),
      concurrency,
      log,
    },
    end(ending) {
      try {
        journal.append({ t: 'end', result: ending.result, exit: ending.exit });
      } catch (error) {
        note((error as Error).message);
      }
      return ending;
    },
    async close() {
      journal.close();
      await lock.release();
    },
  };
};

/** A new run: its folder with the cluster file and the journal, once every node is locked. */
export const openRun = (
  invocation: Invocation,
  session: Session,
  { verb, plan, emit }: { verb: string; plan: Plan; emit: Emit },
): Promise<OpenRun> => {
  const { cluster, hosts, afresh, who } = session;
  const run = newRunId();
  const busy = new Map([...hosts].filter(([name]) => plan.nodes.includes(name)));
  return lockedRun(invocation, { hosts: busy, afresh }, who, emit, () => {
    const first = {
      t: 'run' as const,
      v: 1 as const,
      run,
      verb,
      cluster: cluster.name,
      file: cluster.file,
      baseDir: cluster.baseDir,
      by: who,
      glusterctl: invocation.version,
      nodes: [...plan.nodes],
      planned: plan.changes.length,
    };
    const { stateDir } = invocation.env;
    try {
      const journal = createRun(stateDir, session.clusterText, first);
      emit({ type: 'run.started', run, nodes: plan.nodes, changes: plan.changes.length });
      return journal;
    } catch (error) {
      throw new Refused({
        what: `the journal cannot be written below ${stateDir}, and without it nothing could be undone`,
        why: (error as Error).message,
        next: 'nothing was done; free space there, or set GLUSTERCTL_STATE_DIR',
      });
    }
  });
};

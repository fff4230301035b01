import { setMaxListeners } from 'node:events';
import type { Journal } from '../journal/journal.ts';
import type { Emit } from '../model/event.ts';
import type { Host } from '../model/host.ts';
import type { Interruption } from './signals.ts';

/** What every deed of a run needs. */
export interface RunContext {
  hosts: ReadonlyMap<string, Host>;
  /** The same node again, over a connection of its own that is not there yet. */
  afresh(node: string): Host;
  journal: Journal;
  emit: Emit;
  interruption: Pick<Interruption, 'asked'>;
  /** Aborted when a node's lock is lost. */
  lost: AbortSignal;
  /** Aborted when running changes have to be cut off: by the second signal, or by a lost lock. */
  cut: AbortSignal;
  /** How many nodes are worked on at a time. */
  concurrency: number;
  /** Where the whole output is kept; named in errors. */
  log: string;
}

/** Long enough for a package download over a slow line, short enough that a dead node ends the run. */
export const CHANGE_TIMEOUT = 30 * 60_000;

/** No further change may begin. */
export const mustStop = (ctx: RunContext): boolean => ctx.interruption.asked !== null || ctx.lost.aborted;

/** One signal for many listeners: every running change of every node hears it. */
export const anySignal = (...signals: AbortSignal[]): AbortSignal => {
  const any = AbortSignal.any(signals);
  setMaxListeners(0, any, ...signals);
  return any;
};

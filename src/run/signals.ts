import { Interrupted } from '../errors.ts';

/**
 * What Ctrl-C means. While nothing has been begun, it ends the work at once. To a run it means: once, the
 * running changes are finished and no other begins; twice, they are cut.
 */
export interface Interruption {
  /** The signal that asked to stop, once it has. */
  readonly asked: 'SIGINT' | 'SIGTERM' | null;
  /** Aborted by the first signal, unless a run has begun by then. */
  readonly stop: AbortSignal;
  /** Aborted by the second signal that a run gets. */
  readonly cut: AbortSignal;
  /** A run begins. `say` is told what the first signal means to it. Throws Interrupted when a signal came before. */
  begin(say: (text: string) => void): void;
  dispose(): void;
}

const stopped = (signal: 'SIGINT' | 'SIGTERM' | null): Interrupted =>
  new Interrupted(signal ?? 'SIGTERM', { what: 'stopped before anything was done' });

/** A terminal that is closed (SIGHUP) asks to stop like a SIGTERM. */
export const interruption = (): Interruption => {
  const stop = new AbortController();
  const cut = new AbortController();
  const state: { asked: Interruption['asked']; say: ((text: string) => void) | null } = { asked: null, say: null };
  const on = (signal: 'SIGINT' | 'SIGTERM') => () => {
    const again = state.asked !== null;
    state.asked ??= signal;
    if (state.say === null) stop.abort(stopped(state.asked));
    else if (again) cut.abort();
    else state.say('stopping: the running changes are finished, no other is begun (again to cut them off)');
  };
  const handlers = { SIGINT: on('SIGINT'), SIGTERM: on('SIGTERM'), SIGHUP: on('SIGTERM') };
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
  return {
    get asked() {
      return state.asked;
    },
    stop: stop.signal,
    cut: cut.signal,
    begin(say) {
      if (state.asked !== null) throw stopped(state.asked);
      state.say = say;
    },
    dispose() {
      for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler);
    },
  };
};

/** The work's own end, or Interrupted as soon as a signal asks to stop; what the work does then, nobody waits for. */
export const unlessStopped = <T>(stop: AbortSignal, work: Promise<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    const give = (): void => reject(stop.reason);
    if (stop.aborted) give();
    stop.addEventListener('abort', give, { once: true });
    work.then(resolve, reject).finally(() => stop.removeEventListener('abort', give));
  });

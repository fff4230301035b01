export interface Watchdog {
  /** A new step begins, with all the time again. */
  step(name: string): void;
  /** While the work is on, no time runs. */
  pause<T>(work: () => Promise<T>): Promise<T>;
  stop(): void;
}

/** Calls `late` with the step's name when a step takes longer than `ms`. */
export const watchdog = (ms: number, first: string, late: (step: string) => void): Watchdog => {
  let name = first;
  let timer: NodeJS.Timeout | undefined;
  let paused = 0;
  let stopped = false;
  const arm = (): void => {
    clearTimeout(timer);
    if (!stopped && paused === 0) timer = setTimeout(() => late(name), ms);
  };
  arm();
  return {
    step: (next) => {
      name = next;
      arm();
    },
    pause: async (work) => {
      paused += 1;
      arm();
      try {
        return await work();
      } finally {
        paused -= 1;
        arm();
      }
    },
    stop: () => {
      stopped = true;
      clearTimeout(timer);
    },
  };
};

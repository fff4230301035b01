import { constants } from 'node:os';
import type { Command } from './link.ts';
import { programs } from './zx.ts';

export interface Ended {
  code: number;
  /** zx could not even start it. */
  failed: string | null;
}

/** Runs a program of this machine as a Command says. `words`: the program and its arguments; `exports`: variables set for it. */
export const runProgram = async (
  words: readonly string[],
  { input, onData, signal }: Omit<Command, 'words'>,
  exports: Readonly<Record<string, string>> = {},
): Promise<Ended> => {
  const $ = await programs();
  // Once it has its input, it runs.
  signal.throwIfAborted();
  const set = Object.entries(exports).map(([name, value]) => `${name}=${value}`);
  const child = set.length > 0 ? $({ input })`exec env ${set} ${[...words]}` : $({ input })`exec ${[...words]}`;
  child.stdout.on('data', (chunk: Buffer) => onData('stdout', chunk));
  child.stderr.on('data', (chunk: Buffer) => onData('stderr', chunk));
  // It may end before it has read everything.
  child.stdin.on('error', () => {});

  let hard: NodeJS.Timeout | undefined;
  const cut = (): void => {
    const { pid } = child;
    if (pid === undefined) return;
    const kill = (name: NodeJS.Signals): void => {
      try {
        process.kill(-pid, name);
      } catch {
        // It has ended, or sudo made it another user's: its pipes are gone, and with them its reason to go on.
      }
    };
    child.stdout.destroy();
    child.stderr.destroy();
    child.stdin.destroy();
    child.child?.unref();
    kill('SIGTERM');
    hard = setTimeout(() => kill('SIGKILL'), 2000);
  };
  signal.addEventListener('abort', cut, { once: true });
  try {
    const { exitCode, signal: by, cause } = await child;
    const code = exitCode ?? 128 + (by === null ? 0 : (constants.signals[by] ?? 0));
    return { code, failed: cause instanceof Error ? cause.message : null };
  } finally {
    clearTimeout(hard);
    signal.removeEventListener('abort', cut);
    if (typeof input !== 'string') input.destroy();
  }
};

import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface OwnMounts {
  /** The words that run a command in there, from the root folder. */
  enter(...command: string[]): [string, ...string[]];
  close(): void;
}

/**
 * A mount namespace of the test's own, which lives until close() or the end of the test's process. What is mounted in the
 * common one is copied into every namespace that is made meanwhile, by a lab or by another test: there it stays mounted,
 * and its device busy, after it was unmounted here.
 */
export const openMounts = async (): Promise<OwnMounts> => {
  const holder = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', 'echo here; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  return {
    enter: (...command) => ['nsenter', `--mount=/proc/${holder.pid}/ns/mnt`, ...command],
    close: () => void holder.stdin.end(),
  };
};

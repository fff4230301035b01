import { spawn } from 'node:child_process';
import { existsSync, openSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { scripts } from './paths.ts';
import { type ProcessId, processId } from './process.ts';
import { must, until } from './run.ts';

export interface HolderOptions {
  dir: string;
  script: string;
  /** The lab's end of the cable to the host. */
  uplink: string;
  /** Whether it outlives this process. */
  keep: boolean;
}

/**
 * Starts the process that holds a lab's namespaces, from a script that says
 * "unshared" when it has left the host's network, and then waits for the cable.
 */
export const startHolder = async ({ dir, script, uplink, keep }: HolderOptions): Promise<ProcessId> => {
  const log = openSync(join(dir, 'holder.log'), 'a');
  const holder = spawn('unshare', ['--mount', '--net', '--propagation', 'private', 'sh', join(scripts, script), dir], {
    detached: true,
    stdio: [keep ? 'ignore' : 'pipe', log, log],
    cwd: '/',
    env: { PATH: process.env.PATH, LC_ALL: 'C' },
  });
  // Neither of the two keeps this process from ending. When it ends, the script reads the end of its stdin.
  holder.unref();
  (holder.stdin as Socket | null)?.unref();
  const id = holder.pid === undefined ? undefined : processId(holder.pid);
  if (!id) throw new Error(`the lab's holder did not start, see ${dir}/holder.log`);
  await until('the lab to have a network of its own', 10_000, () => existsSync(join(dir, 'unshared')));
  await must('ip', ['link', 'set', uplink, 'netns', `${id.pid}`]);
  writeFileSync(join(dir, 'cabled'), '');
  return id;
};

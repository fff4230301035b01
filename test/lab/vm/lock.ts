import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from './paths.ts';
import { say } from './run.ts';

/**
 * One process of this machine at a time does `work`; others wait up to `limit` ms. flock(1) holds the lock as long as
 * its stdin is open, so that a process which dies in any way lets go of it.
 */
export const withLock = async <T>(name: string, limit: number, work: () => Promise<T>): Promise<T> => {
  mkdirSync(CACHE, { recursive: true });
  const file = join(CACHE, `${name}.lock`);
  const holder = spawn('flock', ['--wait', String(Math.ceil(limit / 1000)), file, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const told = setTimeout(() => say(`waiting for another process that has the lock ${file}`), 2000);
  try {
    await new Promise<void>((resolve, reject) => {
      holder.on('error', reject);
      holder.on('exit', () => reject(new Error(`another process still has the lock ${file} after ${limit / 1000} s`)));
      holder.stdout.once('data', () => resolve());
    });
    clearTimeout(told);
    return await work();
  } finally {
    clearTimeout(told);
    holder.stdin.end();
  }
};

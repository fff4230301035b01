import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isAlive, type ProcessId, processId } from './process.ts';
import { sleep } from './run.ts';

const holder = (path: string): ProcessId | undefined => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessId;
  } catch {
    return undefined;
  }
};

/** Runs `work` while no other process does under the same path. A lock whose process has died is taken over. */
export const withLock = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
  mkdirSync(dirname(path), { recursive: true });
  const mine = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(mine, JSON.stringify(processId(process.pid)));
  try {
    for (;;) {
      try {
        linkSync(mine, path); // unlike creating it, never seen half written
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const other = holder(path);
      if (other && !isAlive(other)) rmSync(path, { force: true });
      else await sleep(100);
    }
  } finally {
    rmSync(mine, { force: true });
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
};

import { readFileSync } from 'node:fs';

/** A pid alone may be another process by now; with its start time (clock ticks after boot) it is one process for ever. */
export interface ProcessId {
  pid: number;
  start: string;
}

export const processId = (pid: number): ProcessId | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in brackets may hold anything, so fields are counted from behind it; the third is the state.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : { pid, start: fields[19] ?? '' };
  } catch {
    return undefined;
  }
};

export const isAlive = (id: ProcessId): boolean => processId(id.pid)?.start === id.start;

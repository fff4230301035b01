import type { Report } from '../errors.ts';
import type { Event } from '../model/event.ts';
import type { Output } from './output.ts';

/** One JSON object a line on stdout, in the order in which things happen. */
export const ndjsonView =
  (output: Pick<Output, 'out'>): ((event: Event) => void) =>
  (event) =>
    output.out(JSON.stringify(event));

/** The lines of a verb that ended before it could begin: a wrong flag, a wrong variable. */
export const unstarted = (glusterctl: string, verb: string, exit: number, reports: readonly Report[]): string[] => {
  const ending = { run: null, result: 'failed' as const, changed: 0, unchanged: 0, failed: 0, exit, ms: 0 };
  const events: Event[] = [
    { type: 'version', v: 1, glusterctl, run: null, cluster: '', verb },
    { type: 'error', exit, reports },
    { type: 'run.finished', ...ending },
  ];
  return events.map((event) => JSON.stringify(event));
};

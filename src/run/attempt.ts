import { GlusterctlError, type Report } from '../errors.ts';
import type { Host, RunResult } from '../model/host.ts';
import { CHANGE_TIMEOUT, type RunContext } from './context.ts';
import { BUSY, NOT_IN_EFFECT, STILL_IN_EFFECT } from './script.ts';

export interface Attempt {
  ok: boolean;
  code: number;
  /** The last lines of stderr. */
  stderr: readonly string[];
  ms: number;
}

const TAIL = 12;

const EXPLAINED: Readonly<Record<number, string>> = {
  [NOT_IN_EFFECT]: 'the commands ended well, but what they should have done is not there',
  [STILL_IN_EFFECT]: 'the commands ended well, but what they should have undone is still there',
  [BUSY]: 'a script of an earlier run is still at work on the node',
};

const tail = ({ stderr, stdout }: RunResult): string[] => {
  const lines = (text: string) => text.split('\n').filter((line) => line.trim() !== '');
  const said = lines(stderr);
  return (said.length > 0 ? said : lines(stdout)).slice(-TAIL);
};

/** Runs one script of a change. A lost connection is a failed attempt: what was done is not known. */
export const attempt = async (
  ctx: RunContext,
  host: Host,
  script: string,
  onLine: (line: string, stream: 'stdout' | 'stderr') => void,
): Promise<Attempt> => {
  const began = performance.now();
  const ms = () => Math.round(performance.now() - began);
  try {
    const result = await host.run(script, { signal: ctx.cut, timeout: CHANGE_TIMEOUT, onLine });
    const why = EXPLAINED[result.code];
    const said = result.code === 0 ? [] : tail(result);
    return { ok: result.code === 0, code: result.code, stderr: why ? [...said, why] : said, ms: ms() };
  } catch (error) {
    if (ctx.cut.aborted)
      return {
        ok: false,
        code: 255,
        stderr: [ctx.lost.aborted ? 'the connection that holds the lock was lost' : 'cut off by the second signal'],
        ms: ms(),
      };
    if (!(error instanceof GlusterctlError)) throw error;
    return { ok: false, code: 255, stderr: error.message.split('\n'), ms: ms() };
  }
};

/** What failed, why, what next: in the order in which an error is read. */
export const failureReport = (node: string, what: string, { stderr, code }: Attempt, next: string): Report => ({
  node,
  what,
  why: stderr.length > 0 ? stderr.slice(-5).join('\n') : `exit code ${code}, and not a word on stderr`,
  next,
});

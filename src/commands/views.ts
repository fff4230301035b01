import { appendFileSync, writeFileSync } from 'node:fs';
import { EXIT, GlusterctlError, UsageError } from '../errors.ts';
import type { Emit, Event, RunResult } from '../model/event.ts';
import { unlessStopped } from '../run/signals.ts';
import { reportsOf } from '../ui/error-text.ts';
import { ndjsonView } from '../ui/ndjson.ts';
import { plainView } from '../ui/plain.ts';
import type { Invocation } from './invocation.ts';
import { annotations, summarize } from './pipeline.ts';

export interface Views {
  emit: Emit;
  /** An error that ends the verb. */
  fail(error: GlusterctlError): void;
  /** Writes the empty JUnit report: that it cannot be written is said before anything is done, not after. */
  prepared(): void;
  /** Everything that was said has been drawn, and reports are written. */
  settled(): Promise<void>;
}

export interface ViewOptions {
  /** What was asked for, as the first line of --json names it. */
  verb: string;
  /** File that takes a JUnit report. */
  junit?: string | undefined;
}

/** How a verb ended, as its last line says it. */
export interface Ending {
  run: string | null;
  result: RunResult;
  changed: number;
  unchanged: number;
  failed: number;
  exit: number;
  /** Only with --dry-run. */
  pending?: number;
}

/** Everything, line by line, for the errors that point to it. A log that cannot be written stops nothing, and is said once. */
export const logTo = (path: string, say: (text: string) => void): Emit => {
  let broken = false;
  return (event: Event) => {
    if (broken) return;
    try {
      appendFileSync(path, `${new Date().toISOString()} ${JSON.stringify(event)}\n`, { mode: 0o600 });
    } catch (error) {
      broken = true;
      say(`the log ends here, it cannot be written: ${(error as Error).message}`);
    }
  };
};

/** What a run is shown by: NDJSON with --json, a redrawn list on a terminal, lines everywhere else. */
const mainView = async ({ json, output }: Invocation): Promise<Pick<Views, 'emit' | 'settled'>> => {
  const settled = async (): Promise<void> => {};
  if (json) return { emit: ndjsonView(output), settled };
  if (!output.live) return { emit: plainView(output), settled };
  const { liveView } = await import('../ui/live.ts');
  const live = liveView(output);
  return { emit: live.view, settled: live.settled };
};

const writeReport = (path: string, text: string): void => {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new UsageError({ what: `the JUnit report ${path} cannot be written`, why: (error as Error).message });
  }
};

/** The main view, and beside it what pipelines read: annotations, a job summary, a JUnit report. */
const openViews = async (invocation: Invocation, { verb, junit }: ViewOptions): Promise<Views> => {
  const { env, output } = invocation;
  const main = await mainView(invocation);
  const github = env.githubActions || junit !== undefined ? await import('../ui/github.ts') : null;
  const annotate = env.githubActions && github ? github.githubView(output.err) : () => {};
  const events: Event[] = [];
  let writable = false;
  const show = (event: Event): void => {
    // Output is not kept: a run may print for hours.
    if (event.type !== 'change.output') events.push(event);
    main.emit(event);
  };
  return {
    emit: (event) => {
      show(event);
      annotate(event);
    },
    fail: (error) => {
      const { version } = invocation;
      if (events.length === 0) show({ type: 'version', v: 1, glusterctl: version, run: null, cluster: '', verb });
      show({ type: 'error', exit: error.exit, reports: reportsOf(error) });
      if (env.githubActions) for (const line of annotations(error, env)) output.err(line);
    },
    prepared() {
      if (junit !== undefined) writeReport(junit, '');
      writable = true;
    },
    async settled() {
      await main.settled();
      if (github) summarize(env, () => github.runSummary(events));
      if (junit === undefined || !writable) return;
      const { junitXml } = await import('../ui/junit.ts');
      writeReport(junit, junitXml(events));
    },
  };
};

const nothing = { run: null, changed: 0, unchanged: 0, failed: 0 };

const endingOf = ({ exit }: GlusterctlError): Ending => ({
  ...nothing,
  result: exit === EXIT.refused || exit === EXIT.declined ? 'refused' : 'failed',
  exit,
});

/**
 * Shows a verb by its events. The first is `version`, the last `run.finished`, however it ends: by an error,
 * by a signal before a run has begun, by a bug. Gives the exit code.
 */
export const inEvents = async (invocation: Invocation, options: ViewOptions, work: (views: Views) => Promise<Ending>): Promise<number> => {
  const began = performance.now();
  const views = await openViews(invocation, options);
  let ended = false;
  const emit: Emit = (event) => {
    if (!ended) views.emit(event);
  };
  const end = (ending: Ending): number => {
    emit({ type: 'run.finished', ...ending, ms: Math.round(performance.now() - began) });
    ended = true;
    return ending.exit;
  };
  try {
    views.prepared();
    return end(await unlessStopped(invocation.interruption.stop, work({ ...views, emit })));
  } catch (error) {
    if (error instanceof GlusterctlError) {
      views.fail(error);
      return end(endingOf(error));
    }
    if (invocation.json) views.fail(new GlusterctlError(EXIT.bug, { what: `this is a bug in glusterctl: ${(error as Error).message}` }));
    end({ ...nothing, result: 'failed', exit: EXIT.bug });
    throw error;
  } finally {
    await views.settled();
  }
};

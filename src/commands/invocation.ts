import { type Env, readEnv } from '../config/env.ts';
import { type ExitCode, GlusterctlError } from '../errors.ts';
import { type Interruption, interruption, unlessStopped } from '../run/signals.ts';
import { errorText, reportsOf } from '../ui/error-text.ts';
import { unstarted } from '../ui/ndjson.ts';
import { makeOutput, type Output } from '../ui/output.ts';

/** What stands on the command line and in the environment, for any verb. */
export interface Invocation {
  version: string;
  config: string | null;
  json: boolean;
  concurrency: number;
  /** null: all nodes. */
  limit: readonly string[] | null;
  env: Env;
  output: Output;
  /** Ctrl-C and SIGTERM. */
  interruption: Interruption;
}

interface GlobalOptions {
  config?: string;
  json?: boolean;
  quiet?: boolean;
  verbose?: boolean;
  color?: boolean;
  input?: boolean;
  concurrency?: number;
  limit?: string[];
  /** Of `node shrink`. */
  execute?: boolean;
}

/** sshd lets ten new connections in at a time before it starts to drop some (MaxStartups 10:30:100); they come from several nodes. */
const CONCURRENCY = 32;

/** Verbs that print events with --json: a first and a last line, however early they end. */
const EVENTS = ['apply', 'node prepare', 'node replace', 'heketi load', 'rollback'];

const speaksInEvents = (verb: string, options: GlobalOptions): boolean =>
  EVENTS.includes(verb) || (verb === 'node shrink' && options.execute === true);

/** Runs a verb; every failure that is not a bug is said here, once, and becomes the exit code. */
export const invoke = async (
  options: GlobalOptions,
  { version, verb }: { version: string; verb: string },
  run: (invocation: Invocation) => Promise<number>,
): Promise<number> => {
  const { stdin, stdout, stderr } = process;
  const output = (env: Env | null): Output =>
    makeOutput({
      color: options.color !== false,
      input: options.input !== false && !env?.noInput,
      quiet: options.quiet === true,
      verbose: options.verbose === true,
      env: env ?? { noColor: true, forceColor: null, term: null, lang: null, columns: null },
      streams: { stdin, stdout, stderr },
    });
  let printed = false;
  const watched = (env: Env | null): Output => {
    const made = output(env);
    return {
      ...made,
      out: (text) => {
        printed = true;
        made.out(text);
      },
    };
  };
  let env: Env | null = null;
  const said = interruption();
  // Who reads our output may leave (`| head`): what was begun is finished nevertheless.
  for (const stream of [stdout, stderr]) stream.on('error', () => {});
  try {
    env = readEnv();
    const invocation: Invocation = {
      version,
      env,
      output: watched(env),
      json: options.json === true,
      config: options.config ?? null,
      concurrency: options.concurrency ?? env.concurrency ?? CONCURRENCY,
      limit: options.limit ?? env.limit ?? null,
      interruption: said,
    };
    // They have a last line to print, so they stop themselves.
    return await (speaksInEvents(verb, options) ? run(invocation) : unlessStopped(said.stop, run(invocation)));
  } catch (error) {
    if (!(error instanceof GlusterctlError)) throw error;
    const { err, out } = output(env);
    // Who asked for JSON gets it, whatever happens.
    if (options.json && !printed) {
      const reports = reportsOf(error);
      if (speaksInEvents(verb, options)) for (const line of unstarted(version, verb, error.exit, reports)) out(line);
      else out(JSON.stringify({ v: 1, error: { exit: error.exit, reports } }, null, 2));
    }
    err(errorText(error));
    if (env?.githubActions) (await import('./pipeline.ts')).annotations(error, env).forEach(err);
    return error.exit satisfies ExitCode;
  } finally {
    said.dispose();
  }
};

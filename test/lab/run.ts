import { type SpawnOptions, spawn } from 'node:child_process';

export interface Output {
  stdout: string;
  stderr: string;
  code: number;
}

export interface RunOptions {
  input?: string;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** SIGKILL after that many milliseconds; code is then 137. */
  timeoutMs?: number;
}

/** A program's whole output. A program that cannot be started is an error, one that fails is not. */
export const run = (command: string, args: readonly string[], o: RunOptions = {}): Promise<Output> =>
  new Promise((resolve, reject) => {
    const options: SpawnOptions = { stdio: ['pipe', 'pipe', 'pipe'] };
    if (o.env) options.env = o.env;
    if (o.cwd) options.cwd = o.cwd;
    const child = spawn(command, args, options);
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const timer = o.timeoutMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), o.timeoutMs);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ stdout, stderr, code: code ?? 137 });
    });
    child.stdin?.on('error', () => {}); // it ended before it had read everything
    child.stdin?.end(o.input ?? '');
  });

/** Like run, but a failure is an error that carries the last lines of stderr. */
export const must = async (command: string, args: readonly string[], o: RunOptions = {}): Promise<string> => {
  const { stdout, stderr, code } = await run(command, args, o);
  if (code === 0) return stdout;
  const why = stderr.trim().split('\n').slice(-8).join('\n');
  throw new Error(`${command} ${args.slice(0, 6).join(' ')} ended with ${code}: ${why}`);
};

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks until the answer is neither undefined nor false. `what` completes "waited 30 s for ...". */
export const until = async <T>(
  what: string,
  timeoutMs: number,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> => {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`waited ${timeoutMs / 1000} s for ${what}`);
    await sleep(20);
  }
};

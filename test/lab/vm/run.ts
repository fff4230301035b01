import { spawn } from 'node:child_process';

export interface Output {
  stdout: string;
  stderr: string;
  code: number;
}

export interface RunOptions {
  /** Milliseconds; then the program and its children are killed and the promise fails. */
  timeout?: number;
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

export class TimedOut extends Error {
  override readonly name = 'TimedOut';
}

/** Runs a program of this machine with stdin closed. Fails only when it cannot be started or takes too long. */
export const run = (file: string, args: readonly string[], options: RunOptions = {}): Promise<Output> => {
  const { timeout = 600_000, cwd, env } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    }, timeout);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      if (late)
        reject(new TimedOut(`${file} ${args.slice(0, 3).join(' ')}... was stopped after ${timeout / 1000} s: ${stderr.slice(-300)}`));
      else resolve({ stdout, stderr, code: code ?? 255 });
    });
  });
};

/** As `run`, and fails unless the exit code is 0. */
export const must = async (file: string, args: readonly string[], options?: RunOptions): Promise<string> => {
  const { stdout, stderr, code } = await run(file, args, options);
  if (code !== 0) throw new Error(`${file} ${args.join(' ').slice(0, 200)}: exit ${code}: ${(stderr || stdout).trim().slice(-2000)}`);
  return stdout;
};

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Progress of builds and boots, which take minutes. */
export const say = (text: string): void => {
  process.stderr.write(`vm lab: ${text}\n`);
};

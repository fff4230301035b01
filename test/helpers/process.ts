import { type ChildProcess, spawn } from 'node:child_process';

/** The command, for what starts it in other ways. */
export const BIN = new URL('../../bin/glusterctl.js', import.meta.url).pathname;

export interface CliResult {
  stdout: string;
  stderr: string;
  /** Exit code; null when a signal ended it. */
  code: number | null;
}

export interface CliOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  stdin?: string;
  /** Sees the process as soon as it runs, to send it signals. */
  onStart?: (child: ChildProcess) => void;
  /** Each piece of stdout or stderr as it comes. */
  onOutput?: (text: string) => void;
}

/** The built command line, as a user or a pipeline runs it: no terminal. Variables of the caller that would steer it are left out. */
export const glusterctl = (args: readonly string[], { cwd, env, stdin, onStart, onOutput }: CliOptions = {}): Promise<CliResult> =>
  new Promise((resolve, reject) => {
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !/^(GLUSTERCTL_|GITHUB_|FORCE_COLOR|SSH_AUTH_SOCK)/.test(name)),
    );
    const child = spawn(process.execPath, [BIN, ...args], {
      cwd,
      env: { ...inherited, NO_COLOR: '1', ...env },
    });
    const out = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (chunk: string) => {
        out[stream] += chunk;
        onOutput?.(chunk);
      });
    }
    child.stdin.on('error', () => {});
    child.stdin.end(stdin ?? '');
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...out, code }));
    onStart?.(child);
  });

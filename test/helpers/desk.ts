import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BIN, type CliOptions, type CliResult, glusterctl } from './process.ts';
import { openTerminal, type Terminal } from './pty.ts';

/** An operator's desk: a cluster file, a state folder, the command line. */
export interface Desk {
  dir: string;
  /** Writes the cluster file. */
  write(text: string): void;
  run(args: readonly string[], options?: CliOptions): Promise<CliResult>;
  /** As `run`; throws, with all that was said, unless the exit code is the expected one. Gives stdout. */
  must(args: readonly string[], code?: number): Promise<string>;
  /** The command in a terminal, with somebody to ask. */
  terminal(args: readonly string[]): Terminal;
  close(): void;
}

export const openDesk = (): Desk => {
  const dir = mkdtempSync(join(tmpdir(), 'glusterctl-desk-'));
  const env = { GLUSTERCTL_CONFIG: join(dir, 'cluster.yaml'), GLUSTERCTL_STATE_DIR: join(dir, 'state') };
  const run = (args: readonly string[], options: CliOptions = {}) => glusterctl(args, { ...options, env: { ...env, ...options.env } });
  return {
    dir,
    write: (text) => writeFileSync(env.GLUSTERCTL_CONFIG, text),
    run,
    must: async (args, code = 0) => {
      const done = await run(args);
      if (done.code !== code)
        throw new Error(`glusterctl ${args.join(' ')}: exit ${done.code}, not ${code}\n${done.stdout}\n${done.stderr}`);
      return done.stdout;
    },
    terminal: (args) =>
      openTerminal([process.execPath, BIN, ...args], {
        cwd: dir,
        env: { PATH: process.env.PATH, HOME: dir, TERM: 'xterm', ...env },
      }),
    close: () => rmSync(dir, { recursive: true, force: true }),
  };
};

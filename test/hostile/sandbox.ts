import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const librariesOf = (program: string): string[] =>
  spawnSync('ldd', [program], { encoding: 'utf8' })
    .stdout.split('\n')
    .flatMap((line) => /(\/\S+) \(0x/.exec(line)?.[1] ?? []);

export interface Sandbox {
  /** Runs a script under dash; gives the files that have appeared in /. */
  run(script: string): string[];
  close(): void;
}

/**
 * A root of its own in which dash is the only real program, and every word of a script is a command that does
 * nothing and succeeds: so a script runs to its end, and all that it can leave are files that it redirects to.
 */
export const openSandbox = (): Sandbox => {
  const root = mkdtempSync(join(tmpdir(), 'glusterctl-sandbox-'));
  const install = (program: string, as: string): void => {
    for (const [from, to] of [[program, as], ...librariesOf(program).map((file) => [file, file])] as [string, string][]) {
      mkdirSync(dirname(join(root, to)), { recursive: true });
      if (!existsSync(join(root, to))) copyFileSync(from, join(root, to));
    }
  };
  for (const dir of ['bin', 'tmp', 'stub', 'dev']) mkdirSync(join(root, dir));
  install('/bin/dash', '/bin/sh');
  install('/bin/true', '/bin/true');
  writeFileSync(join(root, 'stub/canary'), '#!/bin/sh\n: >/canary\n');
  chmodSync(join(root, 'stub/canary'), 0o755);
  // What runs in the background reads from there.
  writeFileSync(join(root, 'dev/null'), '');
  const there = new Set(readdirSync(root));
  return {
    run(script) {
      for (const word of new Set(script.match(/[a-z][a-z0-9_.-]*/g) ?? [])) {
        const path = join(root, 'stub', word);
        if (!existsSync(path)) symlinkSync('/bin/true', path);
      }
      const { error } = spawnSync('unshare', ['-r', 'chroot', root, '/bin/sh', '-s'], {
        input: `PATH=/stub\n${script}`,
        encoding: 'utf8',
        timeout: 10_000,
      });
      if (error && (error as NodeJS.ErrnoException).code !== 'ETIMEDOUT') throw error;
      const left = readdirSync(root).filter((file) => !there.has(file));
      for (const file of left) rmSync(join(root, file), { recursive: true });
      return left;
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  };
};

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host, RunOptions, RunResult } from '../../src/model/host.ts';

export interface ShHost extends Host {
  /** A folder of its own; stands for the node's / in scripts that use $ROOT. */
  readonly root: string;
  /** Every script that was run. */
  readonly scripts: string[];
}

/** A "node" that is a folder: scripts run in a real dash with ROOT set, locks lie in that folder too. */
export const shHost = (name: string): ShHost => {
  const root = mkdtempSync(join(tmpdir(), `glusterctl-${name}-`));
  const scripts: string[] = [];
  // Nothing is to be left to the systemd of the machine that runs the tests.
  mkdirSync(join(root, '.bin'));
  writeFileSync(join(root, '.bin/systemd-run'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const run = (script: string, { signal, onLine }: RunOptions = {}): Promise<RunResult> =>
    new Promise((resolve, reject) => {
      scripts.push(script);
      const child = spawn('dash', ['-s'], {
        env: { PATH: `${join(root, '.bin')}:${process.env.PATH}`, LC_ALL: 'C', ROOT: root },
        detached: true,
      });
      const out = { stdout: '', stderr: '' };
      const partial = { stdout: '', stderr: '' };
      for (const stream of ['stdout', 'stderr'] as const) {
        child[stream].setEncoding('utf8').on('data', (chunk: string) => {
          out[stream] += chunk;
          const lines = (partial[stream] + chunk).split('\n');
          partial[stream] = lines.pop() ?? '';
          for (const line of lines) onLine?.(line, stream);
        });
      }
      const abort = (): void => {
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
        reject(new Error('aborted'));
      };
      signal?.addEventListener('abort', abort);
      child.on('error', reject);
      child.on('close', (code, sig) => {
        signal?.removeEventListener('abort', abort);
        resolve({ ...out, code: code ?? (sig === 'SIGKILL' ? 137 : 129) });
      });
      child.stdin.end(`{ ${script.replaceAll('/run/glusterctl.', `${root}/.run-glusterctl.`)}\n} </dev/null\n`);
    });
  return { name, root, scripts, run, close: async () => rmSync(root, { recursive: true, force: true }) };
};

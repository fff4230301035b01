import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';

export const BIN = resolve('bin/glusterctl.js');

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** An environment in which nothing of this machine shows: no agent, no keys, no CI. */
export const cleanEnv = (home: string, more: Record<string, string> = {}): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOME: home,
  GLUSTERCTL_STATE_DIR: join(home, 'state'),
  ...more,
});

/** The built command line, without a terminal. */
export const glusterctl = (
  args: readonly string[],
  { cwd, env, input = '', bin = BIN }: { cwd: string; env?: Record<string, string>; input?: string; bin?: string },
): Ran => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd,
    env: env ?? cleanEnv(cwd),
    input,
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { code: status ?? 255, stdout, stderr };
};

export const CLUSTER = `apiVersion: glusterctl/v1
kind: Cluster
name: test
gluster: { version: "10.3", source: distro }
nodes:
  - { name: alpha, address: 192.0.2.1 }
  - { name: beta, address: 192.0.2.2 }
  - { name: gamma, address: 192.0.2.3 }
`;

import { spawnSync } from 'node:child_process';
import type { FileState } from '../../src/facts/file.ts';
import type { Os } from '../../src/facts/os.ts';
import type { Cluster, Gluster, Node } from '../../src/model/cluster.ts';
import { CannotPlan, type Change } from '../../src/model/step.ts';
import type { Sh } from '../../src/sh.ts';

/** Facts and clusters for unit tests of steps: only what a test is about has to be written down. */
export const file = (text: string | null): FileState =>
  text === null ? { text, mode: '', owner: '', parent: true } : { text, mode: '644', owner: '0:0', parent: true };

export const bookworm: Os = {
  id: 'debian',
  idLike: [],
  versionId: '12',
  codename: 'bookworm',
  pretty: 'Debian GNU/Linux 12 (bookworm)',
  family: 'debian',
  arch: { machine: 'x86_64', deb: 'amd64', rpm: 'x86_64' },
};

export const node = (name: string, more: Partial<Node> = {}): Node => ({
  name,
  address: '192.0.2.1',
  storage: '10.0.0.1',
  zone: name,
  roles: ['server'],
  ssh: { user: null, port: null, identityFile: null, knownHosts: null, hostKeys: 'strict', jump: null, sudo: 'auto', transport: 'ssh2' },
  disks: [],
  partition: null,
  ...more,
});

export const gluster = (more: Partial<Gluster> = {}): Gluster => ({
  version: '10.3',
  source: 'upstream',
  mirror: null,
  key: null,
  fingerprint: null,
  hold: true,
  modules: ['dm_thin_pool', 'dm_snapshot', 'dm_mirror'],
  ...more,
});

export const cluster = (more: Partial<Cluster> = {}): Cluster => ({
  name: 'prod',
  file: '/c/cluster.yaml',
  baseDir: '/c',
  gluster: gluster(),
  nodes: [node('node-1'), node('node-2')],
  volumes: [],
  mounts: [],
  grml: null,
  firewall: 'leave',
  selinux: 'leave',
  hosts: 'manage',
  time: 'leave',
  heketi: {},
  kubernetes: null,
  ...more,
});

/** What stands in the way, as the user reads it. */
export const reasons = (plan: () => unknown): string[] => {
  try {
    plan();
  } catch (error) {
    if (error instanceof CannotPlan) return error.reasons.map(({ what, why, next }) => [what, why, next].filter(Boolean).join(' | '));
    throw error;
  }
  throw new Error('it was planned');
};

export const ids = (changes: readonly Change[]): string[] => changes.map((change) => change.id);

/** As the runner does it: in a sub-shell of `sh -s`, stdin closed by the script's end. */
export const run = (script: Sh, { shell = 'dash', env = {} }: { shell?: string; env?: Record<string, string> } = {}) => {
  const { stdout, stderr, status } = spawnSync(shell, ['-s'], {
    input: `(\n${script.text}\n)`,
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C', ...env },
  });
  return { stdout, stderr, code: status ?? 255 };
};

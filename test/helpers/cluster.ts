import type { Cluster, Node } from '../../src/model/cluster.ts';

const ssh = {
  user: null,
  port: null,
  identityFile: null,
  knownHosts: null,
  hostKeys: 'strict',
  jump: null,
  sudo: 'auto',
  transport: 'ssh2',
} as const;

export const node = (name: string, over: Partial<Node> = {}): Node => ({
  name,
  address: '192.0.2.1',
  storage: '192.0.2.1',
  zone: name,
  roles: ['server'],
  ssh,
  disks: [],
  partition: null,
  ...over,
});

/** A cluster as the loader gives it, for tests of what comes after the loader. */
export const cluster = (over: Partial<Cluster> = {}): Cluster => ({
  name: 'test',
  file: '/tmp/cluster.yaml',
  baseDir: '/tmp',
  gluster: { version: '10.3', source: 'distro', mirror: null, key: null, fingerprint: null, hold: true, modules: ['dm_thin_pool'] },
  signingKeys: { deb: null, rpm: null },
  nodes: ['node-1', 'node-2', 'node-3'].map((name) => node(name)),
  volumes: [],
  mounts: [],
  grml: null,
  firewall: 'leave',
  selinux: 'leave',
  hosts: 'manage',
  time: 'leave',
  heketi: {},
  kubernetes: null,
  ...over,
});

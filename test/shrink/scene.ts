import type { Node } from '../../src/model/cluster.ts';
import type { Seen } from '../../src/shrink/facts.ts';
import type { ShrinkFacts } from '../../src/shrink/plan.ts';
import { GIB } from '../../src/shrink/size.ts';
import type { Table } from '../../src/shrink/table.ts';

export const part = (number: number, start: number, size: number, name: string | null = null) => ({
  number,
  start,
  size,
  type: '0FC63DAF-8483-4772-8E79-3D69D8477DE4',
  uuid: null,
  name,
});

/** As Ubuntu's cloud image: root has number 1 and comes last on a disk of 25 GiB. */
export const ubuntu: Table = {
  label: 'gpt',
  sector: 512,
  end: 52428767,
  partitions: [part(1, 2099200, 50329567), part(14, 2048, 8192), part(15, 10240, 217088), part(16, 227328, 1869825)],
};

export const seen: Seen = {
  root: { device: '/dev/vda1', fstype: 'ext4', type: 'part', uuid: 'f5a3', partuuid: 'ABCD', number: 1 },
  disk: { path: '/dev/vda', wished: '/dev/vda', serial: 'none', length: 52428800 },
  table: ubuntu,
  ext: { uuid: 'f5a3', blockSize: 4096, blocks: 6291195, freeBlocks: 5291195, minimum: 900_000, features: ['64bit'], state: 'clean' },
  carried: new Map(),
  memory: 2 * GIB,
  free: 10 * GIB,
  os: ['ubuntu', 'debian'],
  arch: 'x86_64',
  grub: { tools: true, environment: true, filesystem: 'ext2', secureBoot: false },
  kubelet: false,
  cloudInit: true,
  rescueboot: false,
  live: false,
  leftovers: false,
  network: { device: 'eth0', physical: true, place: 0, interfaces: 1, dynamic: true, address: '192.0.2.7/20', gateway: '192.0.2.1' },
  login: { user: 'root', keys: true, ports: [22] },
};
const none = { text: null, mode: '0644', owner: '0:0', parent: true } as const;
export const is = (more: Partial<Seen> = {}): ShrinkFacts =>
  ({ seen: { ...seen, ...more }, noGrow: none, noGrowroot: none }) as unknown as ShrinkFacts;

export const node = (rootSize: number): Node => ({
  name: 'web1',
  address: '192.0.2.7',
  storage: '192.0.2.7',
  zone: 'web1',
  roles: ['server'],
  ssh: { user: null, port: null, identityFile: null, knownHosts: null, hostKeys: 'strict', jump: null, sudo: 'auto', transport: 'ssh2' },
  disks: [],
  partition: { disk: '/dev/vda', rootSize, label: 'gluster', link: null },
});

import type { SeenDisk, SeenNode } from '../../src/init/seen.ts';

const GiB = 2 ** 30;

export const disk = (path: string, over: Partial<SeenDisk> = {}): SeenDisk => ({
  path,
  size: 100 * GiB,
  model: 'QEMU HARDDISK',
  serial: `S-${path.slice(-1)}`,
  wwn: '',
  byPath: '',
  reasons: [],
  ...over,
});

/** A Debian 12 host with one blank disk and a filesystem of its own, that has read its package index. */
export const seenNode = (hostname: string, address: string, over: Partial<SeenNode> = {}): SeenNode => ({
  hostname,
  os: { id: 'debian', versionId: '12', codename: 'bookworm', pretty: 'Debian GNU/Linux 12 (bookworm)', family: 'debian', arch: 'amd64' },
  memory: 8 * GiB,
  cpus: 4,
  virtualisation: 'kvm',
  addresses: [{ address, prefix: 24 }],
  disks: [disk('/dev/vda', { reasons: ['system disk (/)'] }), disk('/dev/vdb')],
  folders: [{ path: '/data/old', fstype: 'xfs', size: 50 * GiB, free: 40 * GiB }],
  rootFree: 10 * GiB,
  thin: 'available',
  gluster: { version: null, installed: null, held: false, offered: '10.3-5', glusterd2: false, pool: null, volumes: [] },
  ...over,
});

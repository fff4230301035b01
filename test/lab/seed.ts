import { chmodSync, chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The names of the world outside, all of which lead to the lab's package server. */
export const SERVED = [
  'download.gluster.org',
  'debian.example',
  'security.debian.example',
  'mirror.stream.centos.org',
  'vault.centos.org',
  'dl.rockylinux.org',
  'registry.example',
];

export interface Seed {
  name: string;
  address: string;
  server: string;
  authorizedKeys: string;
  hostKey: { secret: string; public: string };
  ports: readonly number[];
  loopbackName: boolean;
  /** Paths that dpkg does not unpack, as patterns. */
  leftOut: readonly string[];
}

/** A folder as the image has it, mode and owner too: the seed lies above the image, so its folders win. */
const folderLike = (root: string, seed: string, path: string): void => {
  if (path === '.' || existsSync(join(seed, path))) return;
  folderLike(root, seed, dirname(path));
  const at = join(seed, path);
  mkdirSync(at);
  const like = join(root, path);
  if (existsSync(like)) {
    const { mode, uid, gid } = statSync(like);
    chmodSync(at, mode & 0o7777);
    chownSync(at, uid, gid);
  }
};

/** What makes a node out of the image: its name, its host key, and who may log in. */
export const writeSeed = (root: string, seed: string, o: Seed): void => {
  const put = (path: string, text: string, mode = 0o644, uid = 0): void => {
    folderLike(root, seed, dirname(path));
    writeFileSync(join(seed, path), text);
    chmodSync(join(seed, path), mode);
    chownSync(join(seed, path), uid, uid);
  };
  mkdirSync(seed, { recursive: true });
  put('etc/hostname', `${o.name}\n`);
  const own = o.loopbackName ? `127.0.1.1 ${o.name}` : `${o.address} ${o.name}`;
  put('etc/hosts', `127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n${own}\n${o.server} ${SERVED.join(' ')}\n`);
  put('etc/ssh/ssh_host_ed25519_key', o.hostKey.secret, 0o600);
  put('etc/ssh/ssh_host_ed25519_key.pub', o.hostKey.public);
  if (o.leftOut.length > 0) put('etc/dpkg/dpkg.cfg.d/lab', o.leftOut.map((path) => `path-exclude=${path}\n`).join(''));
  if (o.ports.length > 0) put('etc/ssh/sshd_config.d/ports.conf', ['22', ...o.ports].map((port) => `Port ${port}\n`).join(''));
  for (const [home, uid] of [
    ['root', 0],
    ['home/ops', 1000],
    ['home/pat', 1001],
    ['home/eve', 1002],
  ] as const) {
    put(`${home}/.ssh/authorized_keys`, o.authorizedKeys, 0o600, uid);
    chmodSync(join(seed, home, '.ssh'), 0o700);
    chownSync(join(seed, home, '.ssh'), uid, uid);
  }
};

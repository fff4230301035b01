import { readFileSync } from 'node:fs';
import { ensure, type Needs } from '../helpers/debian.ts';
import type { Family } from './image.ts';
import { run } from './run.ts';

/** The nodes' own files are checked by the archive's key, also on a host that is not Debian. */
const ARCHIVE_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

const NEEDED: Needs = {
  mmdebstrap: 'mmdebstrap',
  'apt-ftparchive': 'apt-utils',
  ip: 'iproute2',
  nsenter: 'util-linux',
  losetup: 'mount',
  'mkfs.xfs': 'xfsprogs',
  ssh: 'openssh-client',
  openssl: 'openssl',
  gpg: 'gnupg',
  perl: 'perl',
  find: 'findutils',
  [ARCHIVE_KEYRING]: 'debian-archive-keyring',
};

/** Besides, for nodes that are not Debian. */
const NEEDED_BY_EL: Needs = { rpmbuild: 'rpm', rpmsign: 'rpm', createrepo_c: 'createrepo-c' };

/** Kernel parts; on most hosts they are modules, on some built in. */
const MODULES = ['overlay', 'loop', 'xfs', 'fuse', 'autofs4', 'veth', 'bridge'];

/** Makes sure that a lab can run here, or throws an error that says what to do. Announces what it installs. */
export const prerequisites = async (families: ReadonlySet<Family>, say: (line: string) => void): Promise<void> => {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('the lab needs Linux on x86-64: its nodes are namespaces that run Debian amd64');
  }
  if (process.getuid?.() !== 0) {
    throw new Error('the lab needs root, for namespaces, mounts and loop devices: run the same command with sudo');
  }
  ensure('the lab', families.has('el9') ? { ...NEEDED, ...NEEDED_BY_EL } : NEEDED, say);
  for (const module of MODULES) await run('modprobe', [module]).catch(() => undefined);
  const filesystems = readFileSync('/proc/filesystems', 'utf8');
  for (const need of ['overlay', 'xfs', 'cgroup2']) {
    if (!new RegExp(`\\b${need}$`, 'm').test(filesystems)) throw new Error(`the lab needs a kernel with ${need}`);
  }
};

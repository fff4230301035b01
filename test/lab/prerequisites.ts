import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Family } from './image.ts';
import { run } from './run.ts';

/** A command that the lab uses, and the Debian package that brings it. */
const NEEDED: readonly (readonly [command: string, deb: string])[] = [
  ['mmdebstrap', 'mmdebstrap'],
  ['apt-ftparchive', 'apt-utils'],
  ['ip', 'iproute2'],
  ['nsenter', 'util-linux'],
  ['losetup', 'mount'],
  ['mkfs.xfs', 'xfsprogs'],
  ['ssh', 'openssh-client'],
  ['openssl', 'openssl'],
  ['gpg', 'gnupg'],
  ['perl', 'perl'],
  ['find', 'findutils'],
];

/** Besides, for nodes that are not Debian. */
const NEEDED_BY_EL: typeof NEEDED = [
  ['rpmbuild', 'rpm'],
  ['rpmsign', 'rpm'],
  ['createrepo_c', 'createrepo-c'],
];

/** The nodes' own files are checked by the archive's key, also on a host that is not Debian. */
const ARCHIVE_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Kernel parts; on most hosts they are modules, on some built in. */
const MODULES = ['overlay', 'loop', 'xfs', 'fuse', 'autofs4', 'veth', 'bridge'];

const PATH = `${process.env.PATH ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

const missing = (families: ReadonlySet<Family>): string[] => {
  const has = (command: string) => PATH.split(':').some((folder) => existsSync(join(folder, command)));
  const needed = families.has('el9') ? [...NEEDED, ...NEEDED_BY_EL] : NEEDED;
  const debs = [...new Set(needed.filter(([command]) => !has(command)).map(([, deb]) => deb))];
  if (!existsSync(ARCHIVE_KEYRING)) debs.push('debian-archive-keyring');
  return debs;
};

const isDebianLike = (): boolean => existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get');

const install = async (debs: string[]): Promise<string> => {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const args = ['-o', 'DPkg::Lock::Timeout=300', 'install', '--yes', '--no-install-recommends', ...debs];
  const first = await run('apt-get', args, { env });
  if (first.code === 0) return '';
  await run('apt-get', ['update'], { env });
  const second = await run('apt-get', args, { env });
  return second.code === 0 ? '' : second.stderr.trim();
};

/** Makes sure that a lab can run here, or throws an error that says what to do. Announces what it installs. */
export const prerequisites = async (families: ReadonlySet<Family>, say: (line: string) => void): Promise<void> => {
  process.env.PATH = PATH;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('the lab needs Linux on x86-64: its nodes are namespaces that run Debian amd64');
  }
  if (process.getuid?.() !== 0) {
    throw new Error('the lab needs root, for namespaces, mounts and loop devices: run the same command with sudo');
  }
  const debs = missing(families);
  if (debs.length > 0) {
    const command = `apt-get install --no-install-recommends ${debs.join(' ')}`;
    if (!isDebianLike()) throw new Error(`the lab needs ${debs.join(', ')}; on Debian: ${command}`);
    say(`installing what the lab needs: ${command}`);
    const why = await install(debs);
    if (why !== '' || missing(families).length > 0) throw new Error(`${command} failed: ${why}\nRun it yourself, then try again`);
  }
  for (const module of MODULES) await run('modprobe', [module]).catch(() => undefined);
  const filesystems = readFileSync('/proc/filesystems', 'utf8');
  for (const need of ['overlay', 'xfs', 'cgroup2']) {
    if (!new RegExp(`\\b${need}$`, 'm').test(filesystems)) throw new Error(`the lab needs a kernel with ${need}`);
  }
};

import { existsSync, readFileSync } from 'node:fs';
import { must, say } from './run.ts';

/** A program that is needed, or a file by its whole path, and the Debian package it is in. */
export type Needs = Readonly<Record<string, string>>;

export const VM_NEEDS: Needs = {
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
  mmdebstrap: 'mmdebstrap',
  '/usr/share/keyrings/debian-archive-keyring.gpg': 'debian-archive-keyring',
  sgdisk: 'gdisk',
  mke2fs: 'e2fsprogs',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
};

export const ISO_NEEDS: Needs = {
  mmdebstrap: 'mmdebstrap',
  mksquashfs: 'squashfs-tools',
  xorriso: 'xorriso',
};

const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

const installed = (need: string): boolean =>
  need.startsWith('/') ? existsSync(need) : FOLDERS.some((folder) => existsSync(`${folder}/${need}`));

const isDebian = (): boolean => {
  try {
    return /^(ID|ID_LIKE)=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
};

/** An image holds files of many owners, so it is built as root; and its system is Debian's amd64. */
export const mayBuild = (): void => {
  if (process.getuid?.() !== 0) throw new Error('the images of the VM lab are built as root: run the same command with sudo');
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('the images of the VM lab are built on Linux on x86-64');
};

/** Missing programs are announced and installed when that can be done; else this fails and names the one command. */
export const prerequisites = async (needs: Needs): Promise<void> => {
  process.env.PATH = [...new Set([...(process.env.PATH ?? '').split(':'), ...FOLDERS])].join(':');
  const missing = Object.keys(needs).filter((program) => !installed(program));
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((program) => needs[program] as string))];
  const install = `apt-get install --yes --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !isDebian()) {
    throw new Error(`the VM lab needs ${missing.join(', ')}, as root on Debian. Install it first: sudo ${install}`);
  }
  say(`${missing.join(', ')} missing: ${install}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await must('apt-get', ['update', '-qq'], { env });
  await must('apt-get', ['install', '--yes', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...packages], { env });
  const still = missing.filter((program) => !installed(program));
  if (still.length > 0) throw new Error(`still missing after "${install}": ${still.join(', ')}`);
};

import type { Needs } from '../../helpers/debian.ts';

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

/** An image holds files of many owners, so it is built as root; and its system is Debian's amd64. */
export const mayBuild = (): void => {
  if (process.getuid?.() !== 0) throw new Error('the images of the VM lab are built as root: run the same command with sudo');
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('the images of the VM lab are built on Linux on x86-64');
};

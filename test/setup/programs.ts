import { ensure } from '../helpers/debian.ts';

/** What the tests run besides Node: the real programs that users of glusterctl have on their own machine, or nodes have on theirs. */
export const setup = (): void =>
  ensure('npm test', {
    ssh: 'openssh-client',
    sshd: 'openssh-server',
    bash: 'bash',
    fish: 'fish',
    zsh: 'zsh',
    groff: 'groff-base',
    gpg: 'gnupg',
    python3: 'python3',
    perl: 'perl',
    sfdisk: 'fdisk',
    mke2fs: 'e2fsprogs',
    'mkfs.xfs': 'xfsprogs',
    pvcreate: 'lvm2',
    losetup: 'mount',
    unshare: 'util-linux',
  });

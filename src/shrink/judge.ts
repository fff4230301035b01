import type { Report } from '../errors.ts';
import type { Seen } from './facts.ts';
import { memoryFor, SPARE } from './grml.ts';
import { GRML } from './names.ts';
import { sizeText } from './size.ts';

const SECOND_DISK = 'attach a second disk instead: no reboot, no risk';

const KINDS: Readonly<Record<string, Report>> = {
  lvm: {
    what: 'root is on LVM, so nothing needs to be cut from a partition',
    next: 'if its group has free extents (vgs), make a logical volume of them; else lvreduce --resizefs from a rescue system frees some',
  },
  crypt: { what: 'root is encrypted (LUKS)', next: SECOND_DISK },
};

/** Why this root cannot be shrunk, whatever the numbers. */
export const rootFaults = ({ root, disk, table, ext, live }: Seen): Report[] => {
  if (live)
    return [
      {
        what: 'the node is in the live system',
        why: 'an earlier run left it there; with nobody at work it boots back by itself after a while',
        next: 'wait for that, or --execute, which boots it back first',
      },
    ];
  const kind = /^raid|^md/.test(root.type) ? { what: 'root is on a RAID array', next: SECOND_DISK } : KINDS[root.type];
  if (kind) return [kind];
  if (!/^ext[234]$/.test(root.fstype)) {
    const why: Readonly<Record<string, string>> = {
      xfs: 'XFS cannot be made smaller',
      btrfs: 'btrfs is resized while it is mounted, by its own tools',
      zfs: 'ZFS gives nothing back to the table',
    };
    return [
      {
        what: `the root filesystem is ${root.fstype || 'unknown'}`,
        why: why[root.fstype] ?? 'only ext2, ext3 and ext4 can be shrunk',
        next:
          root.fstype === 'btrfs'
            ? `${SECOND_DISK}; or: btrfs filesystem resize SIZE /, and cut the partition from a console`
            : SECOND_DISK,
      },
    ];
  }
  if (root.type !== 'part' || disk.path === '') return [{ what: `root (${root.device}) is not a partition of a disk`, next: SECOND_DISK }];
  const faults: Report[] = [];
  if (disk.wished !== disk.path)
    faults.push({
      what: `root is on ${disk.path}, the file says ${disk.wished}`,
      next: `write partition.disk: ${disk.path}, or for another disk: disks`,
    });
  if (table === null) faults.push({ what: `${disk.path} has no GPT or MBR table that sfdisk can read`, next: SECOND_DISK });
  else if (table.label === 'gpt' && (disk.length * 512) / table.sector - table.end > 4096)
    faults.push({
      what: `the backup of the GPT is not at the end of ${disk.path}`,
      why: 'the disk was made larger after it was partitioned',
      next: `move it there: sgdisk --move-second-header ${disk.path}`,
    });
  if (ext === null) faults.push({ what: 'dumpe2fs or resize2fs did not answer for root', next: 'look whether e2fsprogs is installed' });
  else if (ext.features.includes('bigalloc'))
    faults.push({ what: 'root has bigalloc, which resize2fs cannot shrink reliably', next: SECOND_DISK });
  if (root.partuuid === '') faults.push({ what: 'the root partition has no PARTUUID to find it by', next: SECOND_DISK });
  return faults;
};

/** Why the node cannot go to a live system by itself and come back. `image`: bytes, 0 where it is not known yet. */
export const liveFaults = (
  { memory, free, os, arch, grub, network, login }: Seen,
  image: number,
  { console, ownIp }: { console: boolean; ownIp: boolean },
): Report[] => {
  const faults: Report[] = [];
  const byHand = 'or do it by hand at a console: --checklist';
  const need = memoryFor(image);
  if (memory < need)
    faults.push({
      what: `${sizeText(memory)} of memory are too little for the live system`,
      why: `it runs in memory and needs ${sizeText(need)}`,
      next: `give the node more memory, ${byHand}`,
    });
  if (free < image + SPARE)
    faults.push({
      what: `${sizeText(free)} are free in /boot`,
      why: `the image and room for the boot loader need ${sizeText(image + SPARE)}`,
      next: `free space there, ${byHand}`,
    });
  if (!os.some((id) => id === 'debian' || id === 'ubuntu'))
    faults.push({ what: `${GRML.package} is a package of Debian and Ubuntu; this is ${os[0] ?? 'unknown'}`, next: byHand.slice(3) });
  if (arch !== 'x86_64')
    faults.push({ what: `the node is ${arch}`, why: 'the way by a live system is known for x86_64 alone', next: byHand.slice(3) });
  if (!grub.tools) faults.push({ what: 'GRUB with grub-reboot and update-grub is not there', next: byHand.slice(3) });
  else if (!console && !(grub.environment && /^(ext[234]?|fat|xfs)$/.test(grub.filesystem)))
    faults.push({
      what: 'GRUB cannot note that the live system is to be booted once only',
      why: `its environment block is ${grub.environment ? `on ${grub.filesystem}` : 'missing'}; a live system that fails would be booted again and again`,
      next: 'make sure that you can reach its console, then: --i-have-console',
    });
  if (grub.secureBoot && !console)
    faults.push({
      what: 'Secure Boot is on',
      why: 'whether GRUB starts the live kernel is not known',
      next: 'make sure that you can reach its console, then: --i-have-console',
    });
  if (!login.keys)
    faults.push({
      what: `${login.user} has no key in ~/.ssh/authorized_keys`,
      why: 'the live system is logged in to by the keys of that file',
      next: 'add the key that glusterctl uses',
    });
  if (ownIp) return faults;
  if (!network.physical || network.address === '')
    faults.push({
      what: `the address is on ${network.device || 'no interface'}, which the live system would not have`,
      why: 'bridges, bonds, VLANs and IPv6 alone are not set up there',
      next: 'give grml.bootOptions: ip=ADDRESS::GATEWAY:NETMASK:NAME:DEVICE:none',
    });
  else if (!network.dynamic && (network.gateway === '' || network.address.endsWith('/32')))
    faults.push({ what: `the static address ${network.address} has no gateway in its own network`, next: 'give grml.bootOptions: ip=...' });
  return faults;
};

/** What has to be said and stops nothing. */
export const warnings = ({ kubelet, network }: Seen): string[] => [
  ...(kubelet
    ? [
        'THIS IS A KUBERNETES NODE. A managed service makes its nodes anew from an image, on every upgrade and repair: the partition and all that is on it would be gone',
      ]
    : []),
  ...(network.interfaces > 1
    ? [`the node has ${network.interfaces} network cards; the live system is told to use number ${network.place + 1} (eth${network.place})`]
    : []),
];

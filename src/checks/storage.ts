import { covering } from '../facts/mounts.ts';
import { type Check, onEachNode, refused } from './check.ts';

/** Filesystems that keep no trusted.* attributes, without which a file of a brick is nobody's. */
const UNFIT = /^(nfs4?|cifs|smb3|vfat|exfat|ntfs3?|fuse(\..*)?|fuseblk|9p|virtiofs|iso9660|squashfs)$/;
const FLEETING = /^(tmpfs|ramfs)$/;

export const disks: readonly Check[] = [
  refused({
    id: 'disk-missing',
    title: 'A disk is not there',
    cause: 'no disk has the name, serial, WWN or path of cluster.yaml, or none that is free fits',
    remedy: 'see glusterctl facts for the disks of the node, and why each may not be used',
  }),
  refused({
    id: 'disk-in-use',
    title: 'A disk is in use, or not blank',
    cause: 'it is mounted, swap, part of RAID, LVM, ZFS, Ceph or multipath, or carries a filesystem or a partition table',
    remedy: 'choose another one; where nothing on it is needed: wipe: true, and its serial typed',
  }),
  refused({
    id: 'disk-changed',
    title: 'A disk is not the one that it was',
    cause: 'the selector leads to another disk now, or the filesystem on it is gone',
    remedy: 'select it by serial or WWN, and look at what is on it',
  }),
  refused({
    id: 'disk-ambiguous',
    title: 'It is not clear which disk is meant',
    cause: 'several disks answer to one selector, or one disk to several entries',
    remedy: 'select each by its own serial or WWN',
  }),
  refused({
    id: 'disk-shared',
    title: 'Two nodes see the same disk',
    cause: 'a LUN of a storage array, or a disk image, that is given to both: the same WWN or serial on two nodes',
    remedy: 'give each node disks of its own; Gluster keeps its copies on disks that nobody shares',
  }),
  refused({
    id: 'mount-point',
    title: 'Something is in the way of a mount',
    cause: 'a line in /etc/fstab, another mount, or files in the folder that the mount would hide',
    remedy: 'umount it, take the line out of /etc/fstab, or choose another path',
  }),
  refused({
    id: 'autofs-missing',
    title: 'The kernel cannot mount on first use',
    cause: 'there is no /dev/autofs; in a container it has to be passed through',
    remedy: 'pass it through, or mount by other means',
  }),
];

export const bricks: readonly Check[] = [
  refused({
    id: 'brick-on-root',
    title: 'A brick lies on the root filesystem',
    cause: 'the filesystem that is meant to carry it is not mounted; a brick that fills / stops the node',
    remedy: 'mount it: findmnt -T PATH; to accept the risk: allow: [root-partition]',
  }),
  refused({
    id: 'brick-data',
    title: 'A brick directory holds data',
    cause: "files that are somebody else's, or a brick of a volume that is gone or belongs to another pool",
    remedy: 'choose another directory; it is never overwritten',
  }),
  refused({
    id: 'brick-taken',
    title: 'A directory is a brick of another volume',
    cause: 'two volumes name the same directory',
    remedy: 'choose another one for the new volume',
  }),
  refused({
    id: 'brick-marked',
    title: 'A folder above a brick is itself marked as a brick',
    cause: 'the mount point, or a folder above, once served as a brick; glusterd refuses everything below it',
    remedy: 'choose a path outside of it, or take the marks off when no volume has it any more',
  }),
  refused({
    id: 'brick-lost',
    title: 'A brick of an existing volume is not there',
    cause: 'its filesystem is not mounted, or the disk was replaced',
    remedy: 'mount the right filesystem, or gluster volume reset-brick; never make or mark the directory by hand',
  }),
  refused({
    id: 'brick-mount-point',
    title: 'A brick is itself a mount point',
    cause: 'when the filesystem is not mounted one day, Gluster would write to the one below',
    remedy: 'use a directory below it',
  }),
  refused({
    id: 'brick-place',
    title: 'A brick cannot be there',
    cause: "its path is no directory, or lies in glusterd's own",
    remedy: 'choose another path',
  }),
  refused({
    id: 'brick-read-only',
    title: 'A brick lies on a filesystem that is mounted read-only',
    cause: 'the kernel made it so after an error of the disk, or /etc/fstab says so',
    remedy: 'see: dmesg; check the disk, then mount it read-write',
  }),
  onEachNode(
    {
      id: 'brick-filesystem',
      title: 'A brick lies on a filesystem that cannot carry it',
      severity: 'stop',
      cause: 'Gluster keeps its own marks as trusted.* attributes, which network, FAT and FUSE filesystems do not have',
      remedy: 'put it on XFS, or ext4',
    },
    ({ mounts }, { name }, { cluster }) =>
      cluster.volumes
        .flatMap((volume) => volume.bricks)
        .filter((brick) => brick.node === name && UNFIT.test(covering(brick.path, mounts).mount.fstype))
        .map(({ path }) => `${path} lies on ${covering(path, mounts).mount.fstype}`),
  ),
  onEachNode(
    {
      id: 'brick-fleeting',
      title: 'A brick lies in memory',
      severity: 'warn',
      cause: 'tmpfs is empty after a reboot, and the brick does not start then',
      remedy: 'put it on a disk',
    },
    ({ mounts }, { name }, { cluster }) =>
      cluster.volumes
        .flatMap((volume) => volume.bricks)
        .filter((brick) => brick.node === name && FLEETING.test(covering(brick.path, mounts).mount.fstype))
        .map(({ path }) => `${path} lies on ${covering(path, mounts).mount.fstype}`),
  ),
  onEachNode(
    {
      id: 'brick-full',
      title: 'A brick is nearly full',
      severity: 'warn',
      cause: 'the fullest brick of a set decides for the whole set; healing needs room too',
      remedy: 'extend the filesystem, add bricks, or remove data',
    },
    ({ mounts, filesystems }, { name }, { cluster }) => {
      const of = (path: string) => filesystems.find(({ target }) => target === covering(path, mounts).mount.target);
      return cluster.volumes
        .flatMap((volume) => volume.bricks)
        .filter((brick) => {
          const on = brick.node === name ? of(brick.path) : undefined;
          return on !== undefined && on.size > 0 && on.free < on.size / 20;
        })
        .map(({ path }) => `less than a twentieth of the filesystem of ${path} is free`);
    },
  ),
];

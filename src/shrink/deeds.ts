import type { Change } from '../model/change.ts';
import { type Sh, sh } from '../sh.ts';
import type { Layout } from './layout.ts';
import type { TablePartition } from './table.ts';

/** What tells the node's root from every other device, in any system and by whatever name it has there. */
export interface Place {
  /** Of the root partition: a GPT UUID, or the disk's number with the partition's on MBR. */
  partuuid: string;
  /** Of the filesystem. */
  uuid: string;
  /** Length of the disk in units of 512 bytes, as /sys has it. */
  length: number;
  /** As it is called in the node's normal system; for people. */
  disk: string;
  /** 'none' where it has none. */
  serial: string;
}

/** Sets root and disk; fails unless it is the disk that was planned with. A live system may not know its serial. */
export const locate = ({ partuuid, uuid, length, serial }: Place): Sh => sh`
  fail() { printf '%s\n' "$@" >&2; exit 1; }
  root=$(readlink -e ${`/dev/disk/by-partuuid/${partuuid.toLowerCase()}`}) || fail ${`there is no partition ${partuuid}`}
  disk=/dev/$(basename "$(dirname "$(readlink -f "/sys/class/block/\${root##*/}")")")
  [ "$(cat "/sys/class/block/\${disk##*/}/size")" = ${length} ] || fail "$disk has another length than the disk that was planned with"
  [ "$(blkid -p -s UUID -o value "$root")" = ${uuid} ] || fail "$root does not carry the filesystem that was planned with"
  s=$(lsblk -dno SERIAL "$disk" 2>/dev/null) || s=
  ${serial === 'none' ? sh`:` : sh`[ -z "$s" ] || [ "$s" = ${serial} ] || fail "$disk has the serial $s and not that of the disk that was planned with"`}
  reread() { partx -u "$disk"; ! command -v udevadm >/dev/null || udevadm settle --timeout=60; }`;

/**
 * part N       name of a partition
 * row N        its start and size in sectors, from the table on the disk; nothing where there is none
 * at START     its number
 * blocks       length of the root filesystem in its blocks
 * offline      fails when the root filesystem is mounted
 */
const functions: Sh = sh`
  part() { case $disk in *[0-9]) printf '%sp%s' "$disk" "$1" ;; *) printf '%s%s' "$disk" "$1" ;; esac; }
  rows() { sfdisk --dump "$disk" | sed -n 's/^\(.*[^0-9]\)\([0-9]*\) : start= *\([0-9]*\), size= *\([0-9]*\).*/\2 \3 \4/p'; }
  row() { rows | awk -v n="$1" '$1 == n { print $2, $3 }'; }
  at() { rows | awk -v s="$1" '$2 == s && $3 > 0 { print $1 }'; }
  blocks() { dumpe2fs -h "$root" 2>/dev/null | sed -n 's/^Block count: *//p'; }
  offline() { ! grep -q "^$root " /proc/mounts || fail "$root is mounted"; }`;

/** What the deeds start from. */
export interface Start {
  /** Sectors. */
  rootSize: number;
  /** Of the root filesystem. */
  blocks: number;
  partitions: readonly TablePartition[];
}

/** Before anything is written: all that stays as it is must be where it was when the plan was made. */
const asPlanned = ({ root, fresh }: Layout, { partitions }: Start): Sh => {
  const stays = partitions.filter((p) => p.start !== fresh.start);
  const lines = stays.map(({ number, start, size }) => (number === root.number ? `${number} ${start}` : `${number} ${start} ${size}`));
  return sh`
  t=$(rows | awk -v n=${root.number} -v s=${fresh.start} '$1 == n { print $1, $2 } $1 != n && $2 != s && $3 > 0 { print $1, $2, $3 }' | sort)
  [ "$t" = ${lines.sort().join('\n')} ] || fail "the table of $disk is not the one that was planned with"`;
};

export type Where = (place: Place) => Sh;

/** `body` with the functions above, on the disk that `where` finds. */
export const onDisk = (place: Place, where: Where, body: Sh): Sh => sh`
  set -eu
  ${where(place)}
  ${functions}
  ${body}`;

const clean = sh`dumpe2fs -h "$root" 2>/dev/null | grep -q '^Filesystem state: *clean$'`;

/** Only a partition that nobody uses and that carries nothing. */
const removeEmpty = ({ fresh }: Layout): Sh => sh`
  n=$(at ${fresh.start})
  if [ -n "$n" ]; then
    p=$(part "$n")
    left=$(wipefs -n -a "$p") || fail "$p is in use and stays"
    [ -z "$left" ] || fail "$p carries something and stays:" "$left"
    sfdisk --quiet --no-reread --delete "$disk" "$n"
    partx -d --nr "$n" "$disk" 2>/dev/null || :
    reread
  fi`;

/** Of the partition and then of the filesystem on it; both may be mounted. `size`: sectors. */
const growRoot = ({ root, fresh }: Layout, size: number, blocks: number): Sh => sh`
  n=$(at ${fresh.start})
  [ -z "$n" ] || fail "partition $n is where root would grow to"
  echo ${`, ${size}`} | sfdisk --quiet --no-reread --wipe never -N ${root.number} "$disk"
  reread
  resize2fs "$root" ${blocks}`;

/**
 * The deeds on the disk, in the order in which a power cut between any two leaves a node that boots: the filesystem before the
 * table when it shrinks, the table before the filesystem when it grows. `where` finds the disk; tests have disks of their own.
 */
export const deeds = (layout: Layout, place: Place, before: Start, where: Where = locate): Change[] => {
  const { root, fresh, filesystem, pending, sector } = layout;
  const make = (change: Omit<Change, 'do' | 'undo' | 'verify'>, run: Sh, undo: Sh | 'nothing', verify: Sh): Change => ({
    ...change,
    do: onDisk(
      place,
      where,
      sh`
      ${asPlanned(layout, before)}
      ${run}`,
    ),
    undo: undo === 'nothing' ? undo : onDisk(place, where, undo),
    verify: onDisk(place, where, verify),
  });
  const grow = sh`resize2fs "$root" ${before.blocks}`;
  const device = {
    path: place.disk,
    serial: place.serial,
    loses:
      'nothing when all goes well; a fault of the disk or of its power at the wrong moment can cost the root filesystem: have a backup',
  };
  const fits = Math.floor((root.size * sector) / filesystem.blockSize);
  const entry = `start=${fresh.start}, size=${fresh.size}, type=${fresh.type}${layout.label === 'gpt' ? `, name="${fresh.name}"` : ''}`;
  const live = pending.shrinkFilesystem || pending.shrinkPartition;
  const all: (Change | false)[] = [
    live &&
      make(
        { id: 'check', title: 'check the root filesystem', risk: 'safe' },
        // e2fsck(8): 1 and 2 are faults that were mended.
        sh`
          offline
          c=0
          e2fsck -f -y "$root" || c=$?
          [ "$c" -lt 4 ]`,
        'nothing',
        clean,
      ),
    pending.shrinkFilesystem &&
      make(
        { id: 'filesystem', title: `shrink the root filesystem to ${filesystem.shrinkTo} blocks`, risk: 'destructive', device },
        sh`
          offline
          if [ "$(blocks)" -gt ${fits} ]; then resize2fs "$root" ${filesystem.shrinkTo}; sync; fi`,
        grow,
        sh`[ "$(blocks)" -le ${fits} ]`,
      ),
    pending.shrinkPartition &&
      make(
        {
          id: 'partition',
          title: `end partition ${root.number} at sector ${root.start + root.size - 1}`,
          risk: pending.shrinkFilesystem ? 'disruptive' : 'destructive',
          ...(!pending.shrinkFilesystem && { device }),
        },
        sh`
          [ "$(blocks)" -le ${fits} ] || fail 'the filesystem is larger than the partition would be'
          echo ${`, ${root.size}`} | sfdisk --quiet --no-reread --wipe never -N ${root.number} "$disk"
          reread`,
        growRoot(layout, before.rootSize, before.blocks),
        sh`[ "$(row ${root.number})" = ${`${root.start} ${root.size}`} ]`,
      ),
    pending.create &&
      make(
        {
          id: 'create',
          title: `make partition ${fresh.number} from sector ${fresh.start} to ${fresh.start + fresh.size - 1}`,
          risk: 'disruptive',
        },
        sh`
          if [ -z "$(at ${fresh.start})" ]; then
            echo ${entry} | sfdisk --quiet --no-reread --append --wipe never --wipe-partitions always "$disk"
          fi
          reread`,
        removeEmpty(layout),
        sh`[ "$(row "$(at ${fresh.start})")" = ${`${fresh.start} ${fresh.size}`} ]`,
      ),
    pending.fill &&
      make(
        { id: 'fill', title: `grow the root filesystem to fill its partition`, risk: 'safe' },
        sh`resize2fs "$root" ${filesystem.blocks}`,
        'nothing',
        sh`
          b=$(blocks)
          g=$(dumpe2fs -h "$root" 2>/dev/null | sed -n 's/^Blocks per group: *//p')
          [ "$b" -le ${filesystem.blocks} ] && [ "$b" -gt "$((${filesystem.blocks} - g))" ]`,
      ),
    live &&
      make(
        { id: 'proof', title: 'check the root filesystem again and read it', risk: 'safe' },
        sh`
          offline
          e2fsck -f -n "$root"
          m=$(mktemp -d)
          mount -o ro "$root" "$m"
          [ -e "$m/etc/fstab" ] || [ -e "$m/etc/os-release" ] || fail "nothing that looks like a root is on $root"
          umount "$m"
          rmdir "$m"
          sync`,
        'nothing',
        clean,
      ),
  ];
  return all.filter((change) => change !== false);
};

/** The way back, while root is mounted: the room of the new partition, when that is empty, and what is free behind it is root's again. */
export const reverse = (layout: Layout, place: Place, to: { rootSize: number; blocks: number }, where: Where = locate): Change[] => {
  const { root, fresh, pending } = layout;
  const make = (change: Pick<Change, 'id' | 'title'>, run: Sh, verify: Sh): Change => ({
    ...change,
    risk: 'disruptive',
    do: onDisk(place, where, run),
    undo: 'nothing',
    verify: onDisk(place, where, verify),
  });
  const remove = make(
    { id: 'remove', title: `remove partition ${fresh.number}, which is empty` },
    removeEmpty(layout),
    sh`[ -z "$(at ${fresh.start})" ]`,
  );
  const grow = make(
    { id: 'grow', title: `grow root and its filesystem to sector ${root.start + to.rootSize - 1}` },
    growRoot(layout, to.rootSize, to.blocks),
    sh`
      [ "$(row ${root.number})" = ${`${root.start} ${to.rootSize}`} ]
      [ "$(blocks)" -gt ${layout.filesystem.blocks} ]`,
  );
  return [...(pending.create ? [] : [remove]), grow];
};

import { type Sh, sh } from '../../sh.ts';
import type { ThinLayout } from './layout.ts';

/**
 * Shell functions about the filesystem on a device.
 *
 * format DEVICE OPTION...   XFS with the UUID of the record, made once. What a mkfs that was cut off has left is known by
 *                           that UUID and made anew; mkfs.xfs itself refuses anything else that is there
 * data_on FOLDER            names of what is on the filesystem mounted there, at most five: all but empty directories in its root
 *                           and Gluster's own empty metadata in these; fails when anything cannot be read
 * empty_fs DEVICE           fails unless nothing is on the record's filesystem; it is mounted read-only for that
 */
export const formatFunctions: Sh = sh`
  listing=$(mktemp)
  trap 'rm -f -- "$listing"' EXIT
  fs_of() { blkid -p -o value -s "$2" "$1" 2>/dev/null || :; }
  format() {
    uuid=$(noted uuid)
    if [ -z "$uuid" ]; then
      uuid=$(cat /proc/sys/kernel/random/uuid)
      note "uuid $uuid"
    fi
    [ -z "$(noted formatted)" ] || return 0
    target=$1
    shift
    if [ "$(fs_of "$target" UUID)" = "$uuid" ]; then set -- -f "$@"; fi
    wipefs -n -a "$target" >/dev/null || fail "$target is in use"
    mkfs.xfs -q -K -m uuid="$uuid" -i size=512 -n size=8192 "$@" "$target"
    sync
    note 'formatted xfs'
  }
  data_on() {
    (
      cd "$1" &&
        find . -xdev -mindepth 1 -maxdepth 1 ! -type d &&
        find . -xdev -mindepth 2 -maxdepth 2 ! -name .glusterfs ! -name '.glusterfs-anonymous-inode-*' ! -name .shard ! -name .trashcan &&
        find . -xdev -mindepth 3 ! -type d \( -path './*/.shard/*' -o -path './*/.trashcan/*' -o -path './*/.glusterfs-anonymous-inode-*/*' \) &&
        find . -xdev -mindepth 5 -maxdepth 5 -type f -path './*/.glusterfs/[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*'
    ) >"$listing" || fail "what is on $1 cannot be read; it stays"
    head -n 5 "$listing"
  }
  empty_fs() {
    look=$(mktemp -d)
    trap 'umount "$look" 2>/dev/null || :; rmdir "$look"; rm -f -- "$listing"' EXIT
    mount -o ro,nouuid -t xfs "$1" "$look" || fail "$1 cannot be mounted to look whether it is empty; it stays"
    data=$(data_on "$look") || exit 1
    umount "$look"
    [ -z "$data" ] || fail "the filesystem on $1 carries data and stays; on it:" "$data"
  }
  unformat() {
    uuid=$(noted uuid)
    [ -n "$uuid" ] || return 0
    if [ "$(fs_of "$1" UUID)" = "$uuid" ]; then
      wipefs -n -a "$1" >/dev/null || fail "$1 is in use and stays"
      [ -z "$(noted formatted)" ] || empty_fs "$1"
      wipefs -a "$1"
    elif [ -n "$(fs_of "$1" TYPE)" ]; then
      fail "$1 carries $(fs_of "$1" TYPE), which was not made here, and stays"
    fi
    unnote formatted
    unnote uuid
  }`;

export const stripeOptions = (stripe: ThinLayout['stripe']): readonly string[] =>
  stripe === null ? [] : ['-d', `su=${stripe.unit},sw=${stripe.width}`];

/** The filesystem that was noted is there, made to its end. */
export const isFormatted = (device: Sh): Sh => sh`
  [ -n "$(noted formatted)" ] && [ "$(blkid -p -o value -s UUID ${device})" = "$(noted uuid)" ]`;

import { type Sh, sh } from '../../sh.ts';

/**
 * Shell functions about one device. What a plan has seen may have changed since, so every script that writes to a device
 * finds it again by what it is, never by its name, and looks again, right before it writes.
 *
 * node_of     the device node for /sys/class/block/NAME
 * find_disk PROPERTY VALUE KIND SIZE   sets s (/sys/class/block/NAME), n and d (its path); fails when there is not exactly one
 * idle        nothing uses it: no mount, swap, holder, loop device or multipath, on it or on its partitions
 * left_on     what is written on it, a line for each signature; fails where it cannot be opened exclusively
 * blank       idle, no partition, no signature
 *
 * `wipefs -n -a` opens with O_RDWR and O_EXCL and does everything but the write() (wipefs(8), util-linux 2.38.1): the
 * kernel refuses that (EBUSY) for what is mounted, swapped on, or held by LVM, md, multipath or another filesystem.
 */
export const guard: Sh = sh`
  fail() { printf '%s\n' "$@" >&2; exit 1; }
  node_of() { printf '/dev/%s' "$(printf %s "\${1##*/}" | tr '!' /)"; }
  find_disk() {
    found=
    for s in /sys/class/block/*; do
      n=\${s##*/}
      [ "$(cat "$s/size")" != 0 ] || continue
      case $3 in
        disk) [ ! -e "$s/partition" ] || continue ;;
        partition) [ -e "$s/partition" ] || continue ;;
      esac
      if [ "$1" = NAME ]; then
        [ "$n" = "$2" ] || continue
      else
        udevadm info --query=property --path="$s" | grep -qxF -e "$1=$2" || continue
      fi
      found="$found $n"
    done
    case $found in
      '') fail "the disk with $1 $2 is not there any more" ;;
      ' '*' '*) fail "several disks have $1 $2:$found; none is touched" ;;
    esac
    n=\${found# }
    s=/sys/class/block/$n
    d=$(node_of "$s")
    if [ -e "$s/dm/name" ]; then d=/dev/mapper/$(cat "$s/dm/name"); fi
    [ -b "$d" ] || fail "there is no $d for $n"
    [ "$4" = 0 ] || [ "$(($(cat "$s/size") * 512))" -eq "$4" ] || fail "$d has $(($(cat "$s/size") * 512)) bytes, and had $4 when this was planned"
  }
  parts() { for p in "$s"/*/partition; do [ ! -e "$p" ] || dirname -- "$p"; done; }
  idle() {
    [ "$(cat "$s/ro")" = 0 ] || fail "$d is read-only"
    for one in "$s" $(parts); do
      path=$(node_of "$one")
      held=$(ls -A "$one/holders")
      [ -z "$held" ] || fail "$path is held by $held"
      at=$(awk -v dev="$(cat "$one/dev")" '$3 == dev { print $5 }' /proc/self/mountinfo)
      [ -z "$at" ] || fail "$path is mounted on $at"
      ! awk '{ print $1 }' /proc/swaps | grep -qxF -e "$path" || fail "$path is swap space in use"
      ! grep -lsxF -e "$path" /sys/block/loop*/loop/backing_file || fail "$path is used by a loop device"
      if command -v udevadm >/dev/null && udevadm info --query=property --path="$one" | grep -qxF DM_MULTIPATH_DEVICE_PATH=1; then
        fail "$path is a path of a multipath device"
      fi
    done
  }
  left_on() {
    wipefs -n -a "$1" 2>&1 || fail "$1 cannot be opened for itself alone: something uses it"
    code=0
    blkid -p -o export "$1" 2>/dev/null || code=$?
    case $code in 0 | 2) ;; *) fail "what is on $1 cannot be told (blkid: exit $code)" ;; esac
  }
  signs() { left=$(left_on "$1") || fail "$left"; printf '%s\n' "$left" | grep -e ' erased at ' -e '^TYPE=' -e '^PTTYPE=' || :; }
  blank() {
    idle
    [ -z "$(parts)" ] || fail "$d has partitions by now: $(parts | sed 's:.*/::' | tr '\n' ' ')"
    now=$(signs "$d") || exit 1
    [ -z "$now" ] || fail "$d is not blank any more:" "$now"
  }`;

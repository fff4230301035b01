import { KEPT } from '../../run/script.ts';
import { type Sh, sh } from '../../sh.ts';
import { formatFunctions } from './format.ts';
import { guard } from './guard.ts';
import type { BrickMount } from './mount-state.ts';
import { brickUnit, brickUnitFile, brickUnitName, deviceUnit, WHAT } from './mount-unit.ts';
import { recordFunctions } from './record.ts';

/** `device`: the thin volume; null for a disk without LVM, which is found by the UUID in its record. */
export interface BrickPlace {
  mount: string;
  device: string | null;
}

/**
 * what     a name of the device that no other device ever has. For a thin volume LVM's own UUID: the filesystem's is that of
 *          its snapshots as well, which may be active at the next boot, so that /dev/disk/by-uuid leads to any of them
 * mounted  that device is mounted there
 */
const functions = ({ mount, device }: BrickPlace): Sh => sh`
  ${guard}
  ${recordFunctions(mount)}
  p=${mount} unit=${brickUnitName(mount)} file=${brickUnitFile(mount)}
  what() {
    ${
      device === null
        ? sh`id=$(noted uuid)
    [ -n "$id" ] || fail "there is no record of a filesystem for $p"
    printf '/dev/disk/by-uuid/%s' "$id"`
        : sh`id=$(dmsetup info -c --noheadings -o uuid ${device}) || fail "there is no ${device}"
    printf '/dev/disk/by-id/dm-uuid-%s' "$id"`
    }
  }
  mounted() {
    now=$(awk '$5 == p { at = $3 } END { print at }' p="$p" /proc/self/mountinfo)
    [ -n "$now" ] && [ "$now" = "$(lsblk -dno MAJ:MIN "$(what)" | tr -d ' ')" ]
  }
  dropin() { printf '/etc/systemd/system/%s.d' "$(systemd-escape --path --suffix=device "$1")"; }`;

/** A directory that nothing can be written to while its disk is not mounted: an unmounted brick fills no root filesystem. */
export const makeMountPoint = (mount: string): Sh => sh`
  set -eu
  (umask 022 && mkdir -p -- ${mount})
  chattr +i -- ${mount} || echo ${`the filesystem below ${mount} has no immutable flag: the directory stays writable while its disk is not mounted`}`;

export const unmakeMountPoint = (mount: string, { missing, immutable, kind }: BrickMount): Sh => sh`
  set -eu
  p=${mount}
  if awk '$5 == p { f = 1 } END { exit !f }' p="$p" /proc/self/mountinfo; then echo "$p is still mounted" >&2; exit 1; fi
  [ -d "$p" ] || exit 0
  ${immutable === true ? sh`:` : sh`chattr -i -- "$p" 2>/dev/null || :`}
  ${kind === 'none' ? sh`if [ -n "$(ls -A "$p")" ]; then echo "$p is not empty and stays" >&2; exit ${KEPT}; fi` : sh`:`}
  for d in ${missing}; do
    [ ! -d "$d" ] || rmdir --ignore-fail-on-non-empty -- "$d"
  done`;

export const isMountPointMade = (mount: string, { kind, immutable }: BrickMount): Sh =>
  kind !== 'none' && immutable === false
    ? sh`flags=$(lsattr -d -- ${mount}) && case \${flags%% *} in *i*) ;; *) false ;; esac`
    : sh`[ -d ${mount} ]`;

export const mountBrick = (place: BrickPlace): Sh => sh`
  set -eu
  ${functions(place)}
  w=$(what) || exit 1
  ! command -v udevadm >/dev/null || udevadm settle --timeout=60
  [ -b "$w" ] || fail "there is no $w for $p: the disk is not plugged in, or its LVM group is not active"
  put() { mkdir -p -- "$(dirname -- "$1")"; cat >"$1.glusterctl"; chmod 0644 "$1.glusterctl"; mv -f -- "$1.glusterctl" "$1"; }
  printf %s ${brickUnit(place.mount)} | sed "s|${WHAT}|$w|" | put "$file"
  printf %s ${deviceUnit(place.mount)} | put "$(dropin "$w")/glusterctl.conf"
  systemctl daemon-reload
  systemctl enable -q "$unit"
  if ! mounted; then
    systemctl reset-failed "$unit" 2>/dev/null || :
    systemctl start "$unit" || fail "$p cannot be mounted:" "$(systemctl status --no-pager -n 5 "$unit" 2>&1 | tail -n 5)"
  fi`;

export const isBrickMounted = (place: BrickPlace): Sh => sh`
  ${functions(place)}
  [ "$(systemctl is-enabled "$unit" 2>/dev/null)" = enabled ] && mounted`;

/** Ends the mount, unless the filesystem holds anything that is not Gluster's own empty metadata. */
export const unmountBrick = (place: BrickPlace, was: BrickMount): Sh => sh`
  set -eu
  ${functions(place)}
  ${formatFunctions}
  own=$(sed -n 's/^UUID=//p' /var/lib/glusterd/glusterd.info 2>/dev/null || :)
  for brick in $(sed -n "s|^path=\($p/.*\)|\1|p" /var/lib/glusterd/vols/*/bricks/* 2>/dev/null | sort -u); do
    ! grep -lsFx "path=$brick" /var/lib/glusterd/vols/*/bricks/* | xargs grep -qFx "uuid=$own" || fail "$brick is a brick of a volume and stays"
  done
  if ( mounted ) 2>/dev/null; then
    data=$(data_on "$p") || exit 1
    [ -z "$data" ] || fail "the filesystem at $p carries data and stays; on it:" "$data"
    ${was.device === null ? sh`systemctl stop "$unit" || umount -- "$p" || fail "$p is in use and stays mounted; see: fuser -vm $p"` : sh`:`}
  fi
  ${
    was.unit === null
      ? sh`if [ -e "$file" ]; then
    w=$(sed -n 's/^What=//p' "$file")
    systemctl disable -q "$unit" 2>/dev/null || :
    rm -f -- "$file" "$file.glusterctl"
    folder=$(dropin "$w")
    rm -f -- "$folder/glusterctl.conf" "$folder/glusterctl.conf.glusterctl"
    [ ! -d "$folder" ] || rmdir --ignore-fail-on-non-empty -- "$folder"
    systemctl daemon-reload
    systemctl reset-failed "$unit" 2>/dev/null || :
  fi`
      : was.enabled
        ? sh`:`
        : sh`systemctl disable -q "$unit"`
  }`;

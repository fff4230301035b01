import { type Sh, sh } from '../../sh.ts';
import { brickFunctions } from './scripts.ts';
import { recordOf } from './state.ts';

interface Place {
  path: string;
  /** A filesystem has to be mounted just there. */
  mount: string | null;
  /** The root filesystem will do. */
  onRoot: boolean;
}

const mounted = (mount: string): Sh => sh`
  m=${mount}
  if ! mountpoint -q "$m"; then
    echo "nothing is mounted at $m: the disk for it is not set up, or its mount failed; see: systemctl list-units --type=mount --all" >&2
    exit 1
  fi`;

const offRoot = sh`
  a=$p
  while [ ! -e "$a" ]; do a=$(dirname -- "$a"); done
  if [ "$(stat -L -c %d -- "$a")" = "$(stat -c %d /)" ]; then
    echo "$p would lie on the root filesystem: nothing is mounted there or above it" >&2
    exit 1
  fi`;

/**
 * Makes the directory, or takes the one that is there. The record is written first and says what an undo has to put
 * back: a directory made here is removed, one that was there gets its mode and owner again and loses Gluster's marks.
 */
export const makeBrick = ({ path, mount, onRoot }: Place): Sh => sh`
  set -eu
  umask 022
  p=${path} r=${recordOf(path)}
  ${mount === null ? sh`:` : mounted(mount)}
  ${onRoot ? sh`:` : offRoot}
  if [ ! -e "$r" ]; then
    mkdir -p -- /var/lib/glusterctl/bricks
    if [ -d "$p" ]; then stat -L -c 'taken %a %u:%g' -- "$p" >"$r.new"; else echo made >"$r.new"; fi
    mv -f -- "$r.new" "$r"
  fi
  mkdir -p -- "$p"`;

/** Removes what was made, as long as nothing but Gluster's own empty metadata is in it. `missing`: the brick first. */
export const unmakeBrick = (path: string, missing: readonly string[]): Sh => sh`
  set -eu
  ${brickFunctions}
  p=${path} r=${recordOf(path)}
  if [ -d "$p" ]; then
    v=$(member_of "$p")
    if [ -n "$v" ]; then
      echo "$p is a brick of the volume $v and stays" >&2
      exit 1
    fi
    hollow "$p"
    d=$(data_in "$p")
    if [ -n "$d" ]; then
      printf '%s\n' "$p carries data and stays; in it:" "$d" >&2
      exit 1
    fi
    if [ -e "$r" ]; then
      strip "$p"
      read -r how mode owner <"$r"
      if [ "$how" = taken ]; then chown "$owner" "$p"; chmod "$mode" "$p"; fi
    fi
  fi
  for d in ${missing}; do
    [ ! -d "$d" ] || rmdir --ignore-fail-on-non-empty -- "$d"
  done
  rm -f -- "$r" "$r.new"
  for d in /var/lib/glusterctl/bricks /var/lib/glusterctl; do
    [ ! -d "$d" ] || rmdir --ignore-fail-on-non-empty -- "$d"
  done`;

import { KEPT } from '../../run/script.ts';
import { type Sh, sh } from '../../sh.ts';
import { unitName, waitUnitName } from './units.ts';

/** Seconds that the first use may take, in which the client finds its servers. */
const PATIENCE = 150;

const functions = (path: string): Sh => sh`
  p=${path} u=${unitName(path)}
  has() { awk '$5 == p { for (i = 6; i < NF; i++) if ($i == "-" && $(i + 1) == t) f = 1 } END { exit !f }' p="$p" t="$1" /proc/self/mountinfo; }`;

export const makeFolder = (path: string): Sh => sh`(umask 022 && mkdir -p -- ${path})`;

/** \`missing\`: the mount point first. */
export const removeFolder = (path: string, missing: readonly string[]): Sh => sh`
  set -eu
  ${functions(path)}
  if has autofs || has fuse.glusterfs; then echo "$p is still mounted" >&2; exit 1; fi
  if [ -d "$p" ] && [ -n "$(ls -A "$p")" ]; then
    echo "$p is not empty and stays" >&2
    exit ${KEPT}
  fi
  for d in ${missing}; do
    [ ! -d "$d" ] || rmdir --ignore-fail-on-non-empty -- "$d"
  done`;

/** Has systemd watch the path, and uses it once: only then it is known to work. */
export const watch = (path: string): Sh => sh`
  set -eu
  ${functions(path)}
  fail() {
    log=/var/log/glusterfs/$(printf %s ${path.slice(1)} | tr / -).log
    echo "$p does not mount: $1"
    said=$(grep -h ' E \[' "$log" 2>/dev/null | tail -n 3)
    [ -z "$said" ] || printf '%s\n' "$said"
    case $said in
      *'failed to fetch volume file'*) echo "The volume is not there, or not started." ;;
      *'All subvolumes are down'*) echo "No brick is reached: they do not run, or their ports (49152-60999) are closed to this node." ;;
      *'Exhausted all volfile servers'*) echo "No glusterd is reached: a name does not resolve here, or port 24007 is closed to this node." ;;
    esac
    exit 1
  } >&2
  systemctl daemon-reload
  if ! has autofs; then
    if has fuse.glusterfs; then systemctl stop "$u.mount" || fail "it is mounted without the automount and in use; see: fuser -vm $p"; fi
    if [ -n "$(ls -A "$p")" ]; then fail "the directory is not empty"; fi
    systemctl reset-failed "$u.automount" "$u.mount" 2>/dev/null || :
    systemctl start "$u.automount" || fail "$(systemctl status --no-pager -n 3 "$u.automount" 2>&1 | tail -n 3)"
  fi
  systemctl enable -q "$u.automount"
  systemctl reset-failed "$u.mount" 2>/dev/null || :
  timeout ${PATIENCE} ls -A "$p" >/dev/null 2>&1 || fail "it cannot be read"
  has fuse.glusterfs || fail "nothing is mounted by its use"`;

export const isWatched = (path: string): Sh => sh`
  ${functions(path)}
  [ "$(systemctl is-enabled "$u.automount" 2>/dev/null)" = enabled ] && has autofs && timeout ${PATIENCE} ls -A "$p" >/dev/null && has fuse.glusterfs`;

/**
 * What was so before stays so. The mount is ended first: with the automount first systemd would cut it off those who use
 * it.
 */
export const unwatch = (path: string, was: { watched: boolean; enabled: boolean }): Sh => {
  const stop = sh`
  n=0
  while has fuse.glusterfs || has autofs; do
    if has fuse.glusterfs && ! systemctl stop "$u.mount"; then
      echo "$p is in use and stays mounted; see: fuser -vm $p" >&2
      exit 1
    fi
    if ! has fuse.glusterfs; then systemctl stop "$u.automount"; fi
    n=$((n + 1))
    if [ "$n" -ge 10 ]; then echo "$p is mounted again and again: something uses it; see: fuser -vm $p" >&2; exit 1; fi
  done`;
  const disable = sh`
  systemctl disable -q "$u.automount" 2>/dev/null || [ ! -e "/etc/systemd/system/multi-user.target.wants/$u.automount" ]`;
  return sh`
    set -eu
    ${functions(path)}
    ${was.watched ? sh`:` : stop}
    ${was.enabled ? sh`:` : disable}
    systemctl reset-failed "$u.mount" "$u.automount" ${waitUnitName(path)} 2>/dev/null || :`;
};

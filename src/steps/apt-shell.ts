import { isRelease } from '../gluster/release.ts';
import { type Sh, sh } from '../sh.ts';
import { waitForLocks } from './apt-wait.ts';
import { LOCK_SECONDS } from './package/wait.ts';

export const PIN_FILE = '/etc/apt/preferences.d/glusterctl-gluster';

/** The stanza that keeps every binary of the source at one version. Before apt 2.0 `src:` is not known, so names are given as well. */
export const pin = (pattern: string, priority: number): string =>
  ['src:glusterfs', 'glusterfs-* libgfapi* libgfchangelog* libgfrpc* libgfxdr* libglusterd* libglusterfs*']
    .map((names) => `Package: ${names}\nPin: version ${pattern}\nPin-Priority: ${priority}\n`)
    .join('\n');

/** As apt_preferences(5) has it: 10.3-1 and 10.3-ubuntu1, but not 10.30-1. */
export const pattern = (version: string): string => (isRelease(version) ? `${version}-*` : `${version}.*`);

/** The same for `case` in a shell. */
export const casePattern = (version: string): Sh => (isRelease(version) ? sh`${version} | ${version}-*` : sh`${version}.*`);

/** Package and version of each binary of the source that is there, a line each. */
export const present = sh`dpkg-query -W -f='\${source:Package} \${db:Status-Status} \${Package} \${Version}\n' | awk '$1 == "glusterfs" && $2 != "not-installed" && $2 != "config-files" { print $3, $4 }'`;

/**
 * What both scripts begin with: nobody is asked anything, conffiles that were edited stay, locks are waited for,
 * and a dpkg that was interrupted is completed first.
 * `apt_get` does nothing beyond what it is told: no Recommends, nothing removed as no longer needed.
 */
export const prelude = sh`
  set -eu
  export DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical APT_LISTCHANGES_FRONTEND=none APT_LISTBUGS_FRONTEND=none NEEDRESTART_MODE=l
  tmp=$(mktemp -d)
  trap 'rm -rf -- "$tmp"' EXIT
  fail() { printf '%s\n' "$@" >&2; exit 1; }
  present() { ${present}; }
  apt_get() {
    apt-get -q -y --no-install-recommends --allow-downgrades --allow-change-held-packages -o Dir::Etc::preferences="$tmp/preferences" \
      -o APT::Get::AutomaticRemove=false -o DPkg::Lock::Timeout=${LOCK_SECONDS} -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 "$@"
  }
  # The pin for this call comes before the node's own /etc/apt/preferences, and outranks glusterctl's lasting one.
  prefer() {
    pin=${pin('@@', 1002)}
    { printf '%s\n\n' "$pin" | sed "s/@@/$1/"; cat /etc/apt/preferences 2>/dev/null || :; } >"$tmp/preferences"
  }
  refresh() {
    echo 'reading the package index of all sources of the node'
    apt-get update -q || echo 'not all of it could be read'
  }
  # Whatever apt would do to packages that are not GlusterFS's is said, and not done.
  harmless() {
    present >"$tmp/present"
    awk 'FILENAME == ARGV[1] { ours[$1]; next }
      $1 == "Remv" { print "remove " $2 }
      $1 == "Inst" && $3 ~ /^\[/ && !($2 in ours) {
        old = $3; new = $4; gsub(/[][()]/, "", old); gsub(/[][()]/, "", new)
        if (old != new) print "change " $2 " from " old " to " new
      }' "$tmp/present" "$1" >"$tmp/harm"
    [ ! -s "$tmp/harm" ] || fail 'refused, and nothing was done: to have this version of GlusterFS, apt would also' "$(cat "$tmp/harm")"
  }
  cat /etc/apt/preferences >"$tmp/preferences" 2>/dev/null || :
  ${waitForLocks}
  if [ -n "$(ls /var/lib/dpkg/updates)" ] || dpkg-query -W -f='\${db:Status-Status}\n' | grep -q -e '^half-' -e '^unpacked' -e '^triggers-'; then
    echo 'dpkg was interrupted before: its work is completed first'
    # What was cut off while it was unpacked (reinstreq, dpkg(1)) can be neither configured nor removed, and what needs it, or
    # what had not come yet, cannot be configured: apt unpacks and fetches those, GlusterFS at the version that is there.
    if ! dpkg --force-confold --configure -a 2>"$tmp/err" || dpkg-query -W -f='\${db:Status-Eflag}\n' | grep -q reinstreq; then
      version=$(present | sed -n '1s/.* //p')
      [ -z "$version" ] || prefer "$version"
      apt_get -f install --no-remove 2>"$tmp/err" || { c=$?; cat "$tmp/err" >&2; exit "$c"; }
    fi
  fi`;

import { type Sh, sh } from '../sh.ts';
import { casePattern, PIN_FILE, prelude } from './apt-shell.ts';
import { noteSystem } from './package/system.ts';

export interface Install {
  /** Folder of the record that the undo goes by. */
  record: string;
  /** A release, or a series whose newest release is not known yet. */
  version: string;
  /** Beginning of the address of the repository to take it from; '' for any. */
  from: string;
  packages: readonly string[];
  /** Taken as well, where the version has it: a package of its own, glusterfs-cli, since Debian 12. */
  optional: readonly string[];
  /** Hold all of them afterwards; else what the user held before is held again. */
  hold: boolean;
}

/** What of `from` has been tried, for a reader. */
const whence = ({ from }: Install): string => (from === '' ? '' : ` by ${from}`);

/**
 * Simulates, refuses when anything but GlusterFS would change, notes what is there, and installs. All binaries of the
 * source get the same version: Debian's own dependencies would let them mix. The record is written before anything
 * is changed, and only added to when the script is run again after it was cut off.
 */
export const install = (wish: Install): Sh => sh`
  ${prelude}
  record=${wish.record}
  offered() { apt-cache madison "$1" | awk -F ' *[|] *' -v name="$1" -v from=${wish.from} '$1 ~ "^ *" name "$" && index($3, from) == 1 && $3 ~ /Packages$/ { print $2 }'; }
  pick() {
    version=
    for one in $(offered glusterfs-common); do
      case $one in
        ${casePattern(wish.version)}) if [ -z "$version" ] || dpkg --compare-versions "$one" gt "$version"; then version=$one; fi ;;
      esac
    done
    [ -n "$version" ]
  }
  has() { offered "$1" | grep -qxF -e "$version"; }
  simulate() {
    prefer "$version"
    chosen=
    for name in ${wish.packages}; do chosen="$chosen $name=$version"; done
    for name in ${wish.optional} $(present | awk -v version="$version" '$2 != version { print $1 }'); do
      case "$chosen " in *" $name="*) continue ;; esac
      if has "$name"; then chosen="$chosen $name=$version"; fi
    done
    apt_get -s install $chosen >"$tmp/plan" 2>"$tmp/err"
  }
  resolve() {
    if pick && simulate; then return; fi
    refresh
    pick || fail ${`GlusterFS ${wish.version} is not offered to this node${whence(wish)}`} "offered: $(offered glusterfs-common | tr '\n' ' ')"
    simulate || fail "apt cannot install GlusterFS $version:" "$(cat "$tmp/plan" "$tmp/err" | tail -n 8)"
  }
  note() {
    harmless "$tmp/plan"
    if [ ! -d "$record" ]; then
      rm -rf -- "$record.part"
      mkdir -p -- "$record.part"
      cut -d ' ' -f 1 "$tmp/present" >"$tmp/names"
      apt-mark showhold | grep -xF -f "$tmp/names" >"$record.part/held" || :
      apt-mark showauto | grep -xF -f "$tmp/names" >"$record.part/auto" || :
      dpkg-query -W -f='\${db:Status-Status} \${Package}\n' | sed -n 's/^config-files //p' >"$record.part/configured"
      ${noteSystem}
      : >"$record.part/new"
      : >"$record.part/moved"
      sync
      mv -T -- "$record.part" "$record"
    fi
    awk -v new="$record/new" -v moved="$record/moved" '
      FILENAME != ARGV[ARGC - 1] { known[$1]; next }
      $1 != "Inst" || $2 in known { next }
      $3 ~ /^\[/ { print $2, substr($3, 2, length($3) - 2) >>moved; next }
      { print $2 >>new }' "$record/new" "$record/moved" "$tmp/plan"
    sync
  }
  carry_out() {
    present | cut -d ' ' -f 1 >"$tmp/names"
    apt-mark showhold | grep -xF -f "$tmp/names" >"$tmp/held" || :
    [ ! -s "$tmp/held" ] || apt-mark unhold $(cat "$tmp/held")
    apt_get install $chosen 2>"$tmp/err"
  }
  resolve
  note
  if ! carry_out; then
    if grep -q ' 404 ' "$tmp/err"; then
      refresh
      resolve
      note
      carry_out || { cat "$tmp/err" >&2; exit 1; }
    else
      cat "$tmp/err" >&2
      exit 1
    fi
  fi
  printf '%s\n' ${[...wish.packages, ...wish.optional]} >"$tmp/names"
  auto=$(grep -vxF -f "$tmp/names" "$record/auto") || :
  [ -z "$auto" ] || apt-mark auto $auto
  ${wish.hold ? sh`apt-mark hold $(present | cut -d ' ' -f 1)` : sh`[ -e ${PIN_FILE} ] || [ ! -s "$record/held" ] || apt-mark hold $(cat "$record/held")`}
  : >"$record/done"`;

/** True when every package is there, all binaries of the source are of that version, and held where that is wanted. */
export const installed = ({ packages, version, hold }: Install, command: boolean): Sh => sh`
  for name in ${packages}; do
    [ "$(dpkg-query -W -f='\${db:Status-Status}' "$name")" = installed ] || exit 1
  done
  ${command ? sh`command -v gluster >/dev/null || exit 1` : sh`:`}
  dpkg-query -W -f='\${source:Package} \${db:Status-Status} \${Version} \${db:Status-Want}\n' | {
    while read -r source state version want; do
      if [ "$source" != glusterfs ] || [ "$state" = not-installed ] || [ "$state" = config-files ]; then continue; fi
      [ "$state" = installed ] || exit 1
      case $version in ${casePattern(version)}) ;; *) exit 1 ;; esac
      ${hold ? sh`[ "$want" = hold ] || exit 1` : sh`:`}
    done
  }`;

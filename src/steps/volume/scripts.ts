import * as command from '../../gluster/command.ts';
import type { Brick } from '../../model/cluster.ts';
import { KEPT } from '../../run/script.ts';
import { type Sh, sh } from '../../sh.ts';
import { brickFunctions } from '../brick/scripts.ts';
import { gluster } from '../pool/shell.ts';

/** Seconds until all bricks have to be online. A brick of a large filesystem needs a while. */
export const PATIENCE = 60;
/** Seconds in which bricks of nodes that have just booted come online by themselves: one took 4. */
const COMING = 15;

/**
 * About the volume $v. Each start of gluster is a process of some weight, so it is asked once, and the answer is looked into.
 *
 * look          asks; what gluster refuses to tell ends the script, with its reason. To be called before all others
 * status        none, Created, Started or Stopped
 * bricks        its bricks, one a line, in order
 * offline       asks which of them do not run. `volume status` leaves out bricks of peers that are away, and a start is a
 *               success although a brick stays down (glusterfs 10.3), so it is joined with what the volume should have
 * value_of      the value of option $1 that was set
 */
export const volumeFunctions = (volume: string): Sh => sh`
  ${gluster}
  v=${volume}
  look() {
    info=$(tell volume info "$v")
    case $info in
      *'<opErrno>30806</opErrno>'* | *'does not exist'* | *'<opRet>0</opRet>'*) ;;
      *) info=$(gx volume info "$v") || exit 1 ;;
    esac
  }
  in_info() { printf '%s\n' "$info" | flat "$1"; }
  status() {
    s=$(in_info statusStr | sed 's|^<statusStr>\([A-Za-z]*\)<.*|\1|')
    echo "\${s:-none}"
  }
  bricks() { in_info name | sed -n 's|^<name>\([^<]*:/[^<]*\)</name>.*|\1|p'; }
  offline() {
    nodes=$(gx volume status "$v" 2>/dev/null | flat node)
    in_info brick | sed -n 's|.*<name>\([^<]*\)</name> *<hostUuid>\([^<]*\)</hostUuid>.*|\2 \1|p' | while read -r u b; do
      printf '%s\n' "$nodes" | grep -F "<path>/$(printf %s "$b" | sed 's|^[^/]*/||')</path>" | grep -F "<peerid>$u</peerid>" |
        grep -qF '<status>1</status>' || echo "$b"
    done
  }
  value_of() {
    in_info option | grep -F "<name>$1</name>" | sed -n 's|.*<value>\(.*\)</value>.*|\1|p' |
      sed -e 's/&lt;/</g' -e 's/&gt;/>/g' -e "s/&apos;/'/g" -e 's/&quot;/"/g' -e 's/&amp;/\&/g'
  }`;

/**
 * Ends the script when the volume holds files, or when that cannot be told. A running one is mounted and looked at as
 * its clients see it, with all bricks online: a folder would else be listed without what is on those that are away.
 */
const mustBeEmpty = sh`
  ${brickFunctions}
  stays() { printf '%s\n' "$1" "the volume $v stays as it is" >&2; exit 1; }
  must_be_empty() {
    s=$(status)
    if [ "$s" != Started ]; then
      for b in $(bricks | sed 's|^[^/]*||' | sort -u); do
        if [ -z "$(member_of "$b")" ] || [ ! -d "$b" ]; then continue; fi
        f=$(data_in "$b" | head -n 3)
        [ -z "$f" ] || stays "the volume $v holds files; in $b: $(printf %s "$f" | tr '\n' ' ')"
      done
      return 0
    fi
    end=$(($(date +%s) + ${COMING}))
    while off=$(offline) && [ -n "$off" ] && [ "$(date +%s)" -lt "$end" ]; do sleep 1; done
    [ -z "$off" ] || stays "it cannot be told whether $v holds files, bricks are down: $(printf %s "$off" | tr '\n' ' ')"
    d=/run/glusterctl/look/$v
    ! mountpoint -q "$d" || umount "$d"
    mkdir -p -- "$d"
    timeout 90 mount -t glusterfs -o ro "localhost:/$v" "$d" >&2 || stays "it cannot be told whether $v holds files, it cannot be mounted here"
    if f=$(timeout 60 ls -A "$d"); then told=yes; else told=no; fi
    umount "$d" || umount -l "$d"
    rmdir -p -- "$d" 2>/dev/null || :
    [ "$told" = yes ] || stays "it cannot be told whether $v holds files, its top folder cannot be read"
    [ -z "$f" ] || stays "the volume $v holds files: $(printf '%s\n' "$f" | head -n 3 | tr '\n' ' ')"
  }`;

export const listOf = (bricks: readonly Brick[]): string => bricks.map(command.brick).join('\n');

/** Peers may need a moment more after all see each other ("Host n3 not connected", glusterfs 10.3). */
export const createVolume = (volume: command.Layout, force: boolean): Sh => sh`
  set -eu
  ${volumeFunctions(volume.name)}
  want=${listOf(volume.bricks)}
  look
  if [ "$(status)" = none ]; then
    n=0
    until e=$(g ${command.volumeCreate(volume, { force })} 2>&1); do
      n=$((n + 1))
      case $n:$e in
        ?:*'not connected'* | ?:*"is not in 'Peer in Cluster' state"*) sleep 2; continue ;;
        *'already exists'*) break ;;
        *'already part of a volume'*) e="$e
  A brick was marked after the plan was made; plan anew, it says which and what to do." ;;
        *) e="$e
  What this attempt has left on the bricks is cleared by the next apply." ;;
      esac
      printf '%s\n' "$e" >&2
      exit 1
    done
    look
  fi
  if [ "$(bricks)" != "$want" ]; then
    printf '%s\n' "there is a volume $v with other bricks:" "$(bricks)" >&2
    exit 1
  fi`;

export const isCreated = (volume: command.Layout): Sh => sh`
  ${volumeFunctions(volume.name)}
  look
  [ "$(bricks)" = ${listOf(volume.bricks)} ]`;

/** Bricks keep Gluster's marks and metadata: what made the directories takes them away. */
export const deleteVolume = (volume: command.Layout): Sh => sh`
  set -eu
  ${volumeFunctions(volume.name)}
  ${mustBeEmpty}
  command -v gluster >/dev/null || exit 0
  look
  s=$(status)
  [ "$s" != none ] || exit 0
  [ "$(bricks)" = ${listOf(volume.bricks)} ] || stays "$v has other bricks by now than it was created with"
  must_be_empty
  [ "$s" != Started ] || g ${command.volumeStop(volume.name)}
  g ${command.volumeDelete(volume.name)}`;

/** Starts the volume, or the bricks of it that are down, and waits until every brick is online. */
export const startVolume = (volume: string): Sh => sh`
  set -eu
  ${volumeFunctions(volume)}
  start() {
    e=$(g volume start "$v" "$@" 2>&1) && return 0
    look
    [ "$(status)" != Started ] || return 0
    printf '%s\n' "$e" >&2
    case $e in
      *'volume-id for brick'* | *'Volume id mismatch'*)
        echo "Another filesystem than the brick's is mounted there. Mount the right one; after a new disk: gluster volume reset-brick. Never mark it by hand." >&2 ;;
      *'Failed to find brick directory'*) echo "The brick's filesystem is not mounted there: mount it. Never make the directory by hand." >&2 ;;
    esac
    exit 1
  }
  look
  [ "$(status)" = Started ] || start
  i=0 end=$(($(date +%s) + ${PATIENCE}))
  while off=$(offline) && [ -n "$off" ]; do
    case $i in 2 | 20) start force ;; esac
    i=$((i + 1))
    if [ "$(date +%s)" -ge "$end" ]; then
      printf '%s\n' "these bricks of $v do not come online:" "$off" \
        "On their nodes see /var/log/glusterfs/bricks/, and whether the brick's filesystem is mounted" >&2
      exit 1
    fi
    sleep 1
  done`;

export const isStarted = (volume: string): Sh => sh`
  ${volumeFunctions(volume)}
  look
  [ "$(status)" = Started ] && [ -z "$(offline)" ]`;

export const stopVolume = (volume: string): Sh => sh`
  set -eu
  ${volumeFunctions(volume)}
  ${mustBeEmpty}
  command -v gluster >/dev/null || exit 0
  look
  [ "$(status)" = Started ] || exit 0
  must_be_empty
  g ${command.volumeStop(volume)}`;

export const setOption = (volume: string, option: string, value: string): Sh => sh`
  set -eu
  ${volumeFunctions(volume)}
  g ${command.volumeSet(volume, option, value)}`;

export const isOption = (volume: string, option: string, value: string): Sh => sh`
  ${volumeFunctions(volume)}
  look
  [ "$(value_of ${option})" = ${value} ]`;

/** Options that must not change back once files were written under them, group-virt of glusterfs 11. */
export const IRREVERSIBLE: readonly string[] = ['features.shard'];

/**
 * Puts options back to what they were; null: not set. One of `user.`, which only hooks and people read, cannot be unset
 * again ("Option user.cifs does not exist", glusterfs 10.3): it stays, and is said.
 */
export const restoreOptions = (volume: string, before: ReadonlyMap<string, string | null>): Sh => {
  const guard = [...before.keys()].some((option) => IRREVERSIBLE.includes(option));
  const kept = [...before].flatMap(([option, value]) => (value === null && option.startsWith('user.') ? [option] : []));
  const back = [...before]
    .filter(([option]) => !kept.includes(option))
    .map(([option, value]) =>
      value === null
        ? sh`[ -z "$(value_of ${option})" ] || g ${command.volumeReset(volume, option)};`
        : sh`[ "$(value_of ${option})" = ${value} ] || g ${command.volumeSet(volume, option, value)};`,
    );
  return sh`
    set -eu
    ${volumeFunctions(volume)}
    ${guard ? mustBeEmpty : sh`:`}
    command -v gluster >/dev/null || exit 0
    look
    [ "$(status)" != none ] || exit 0
    ${guard ? sh`must_be_empty` : sh`:`}
    ${back}
    for o in ${kept}; do
      [ -z "$(value_of "$o")" ] || { echo "$o of $v stays $(value_of "$o"): gluster cannot unset it" >&2; exit ${KEPT}; }
    done`;
};

const groupFile = (group: string): string => `/var/lib/glusterd/groups/${group}`;

export const setGroup = (volume: string, group: string): Sh => sh`
  set -eu
  ${volumeFunctions(volume)}
  f=${groupFile(group)}
  if [ ! -s "$f" ]; then
    echo "there is no profile $f on this node. There are: $(ls /var/lib/glusterd/groups | tr '\n' ' ')" >&2
    exit 1
  fi
  g ${command.volumeGroup(volume, group)}`;

export const isGroup = (volume: string, group: string): Sh => sh`
  ${volumeFunctions(volume)}
  look
  grep -E '^[^#=]+=' ${groupFile(group)} | while IFS='=' read -r k x; do
    [ "$(value_of "$k")" = "$x" ] || exit 1
  done`;

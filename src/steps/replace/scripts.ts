import { peerDetach, peerDetachForce, volumeReplaceBrick } from '../../gluster/command.ts';
import type { VolumeBrick } from '../../gluster/volume-info.ts';
import type { Brick } from '../../model/cluster.ts';
import { KEPT } from '../../run/script.ts';
import { type Sh, sh } from '../../sh.ts';
import { run } from '../glusterd.ts';
import { gluster } from '../pool/shell.ts';
import { PATIENCE, volumeFunctions } from '../volume/scripts.ts';
import { HEALS, healNote } from './facts.ts';
import type { Pair } from './pairs.ts';

/** Seconds for one heal before and after a brick is put elsewhere: less than a change may take (CHANGE_TIMEOUT). */
const HEAL_SECONDS = 1500;

/** Ends the script when a node that was taken for dead answers. */
const stillDead = (node: string): Sh => sh`
  ! timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/24007"' ${node} 2>/dev/null || {
    echo ${`${node} answers again, so it is not dead: run the same again, and it is replaced as one that is alive`} >&2
    exit 1
  }`;

/**
 * pending    what a heal has to do on the bricks of the set, one brick a line; nothing when all are whole. Only the set counts: another
 *            one may wait for a brick of the node that goes
 */
const healFunctions = (names: readonly string[]): Sh => sh`
  set_of=${names.join('\n')}
  pending() {
    healing=$(tell volume heal "$v" info | flat brick)
    printf '%s\n' "$set_of" | while read -r b; do
      case $(printf '%s\n' "$healing" | grep -F "<name>$b</name>") in
        *'<numberOfEntries>0</numberOfEntries>'*) ;;
        *'<numberOfEntries>-<'* | '') echo "$b: cannot be asked" ;;
        *'<numberOfEntries>'*) echo "$b: $(printf '%s\n' "$healing" | grep -F "<name>$b</name>" | sed 's|.*<numberOfEntries>\([^<]*\)<.*|\1|') to heal" ;;
      esac
    done
  }`;

const nameOf = ({ host, path }: VolumeBrick): string => `${host}:${path}`;
const brickName = ({ node, path }: Brick): string => `${node}:${path}`;

const noteFunctions = (to: { volume: string; path: string }): Sh => sh`
  note=${healNote(to.volume, to.path)}
  settle() {
    rm -f -- "$note"
    for d in ${HEALS} /var/lib/glusterctl; do
      [ ! -d "$d" ] || rmdir --ignore-fail-on-non-empty -- "$d"
    done
  }`;

const placing = ({ volume, from, to }: Pair): Sh => sh`
  ${volumeFunctions(volume)}
  ${noteFunctions({ volume, path: to.path })}
  from=${nameOf(from)} to=${brickName(to)}
  moved() { bricks | grep -qxF -- "$to" && ! bricks | grep -qxF -- "$from"; }`;

/**
 * Looks again before it acts: all other bricks of the set are online and without a split brain; and, while the node that goes is
 * alive, nothing is left to heal, for what only its brick has would be lost with it.
 */
export const replaceBrick = (pair: Pair, old: string, dead: boolean): Sh => sh`
  set -eu
  ${placing(pair)}
  ${healFunctions([...pair.others, ...(dead ? [] : [pair.from])].map(nameOf))}
  no() { printf '%s\n' "$from is not replaced: $1" >&2; exit 1; }
  look
  if ! moved; then
    [ "$(status)" = Started ] || no "the volume $v does not run, so nothing could be copied to the new brick"
    ${dead ? stillDead(old) : sh`:`}
    end=$(($(date +%s) + ${HEAL_SECONDS}))
    while :; do
      off=$(offline | grep -xF -- "$set_of" || :)
      [ -z "$off" ] || no "other bricks of its set are down: $(printf %s "$off" | tr '\n' ' ')"
      split=$(tell volume heal "$v" info split-brain | flat brick | grep -F -e "<name>$(printf '%s\n' "$set_of" | head -n 1)</name>" | sed -n 's|.*<numberOfEntries>\([1-9][0-9]*\)<.*|\1|p')
      [ -z "$split" ] || no "$split entries are in split-brain; see: gluster volume heal $v info split-brain"
      ${dead ? sh`left=` : sh`left=$(pending)`}
      [ -n "$left" ] || break
      [ "$(date +%s)" -lt "$end" ] || no "its set is not whole yet: $left"
      sleep 3
    done
    mkdir -p -- ${HEALS}
    : >"$note"
    end=$(($(date +%s) + ${PATIENCE}))
    until e=$(g ${volumeReplaceBrick(pair.volume, nameOf(pair.from), pair.to)} 2>&1); do
      case $e in
        *'not connected'* | *"is not in 'Peer in Cluster' state"*) if [ "$(date +%s)" -lt "$end" ]; then sleep 2; continue; fi ;;
      esac
      look
      if moved; then break; fi
      settle
      printf '%s\n' "$e" >&2
      exit 1
    done
    look
  fi
  end=$(($(date +%s) + ${PATIENCE}))
  while offline | grep -qxF -- "$to"; do
    [ "$(date +%s)" -lt "$end" ] || { echo "$to is in its place and does not come online; see /var/log/glusterfs/bricks/ there" >&2; exit 1; }
    sleep 1
  done`;

export const isReplaced = (pair: Pair): Sh => sh`
  ${placing(pair)}
  look
  moved`;

/** There is no way back by itself: the brick that was left is an old copy, and would be taken for a good one. */
export const keepReplaced = (pair: Pair, old: string): Sh => sh`
  set -eu
  ${placing(pair)}
  command -v gluster >/dev/null || exit 0
  look
  if ! bricks | grep -qxF -- "$to"; then settle; exit 0; fi
  printf '%s\n' "$to stays in $v: what ${old} has in $from is an old copy by now, and would be taken for a good one" \
    "The way back is a way forward: empty that folder, then: glusterctl node replace ${pair.to.node} --with ${old}" >&2
  exit ${KEPT}`;

/**
 * Waits until the new brick has all that its set has. A disperse volume counts no entry to heal for a new brick, and heals a file only
 * when it is asked for (glusterfs 10.3), so each is asked for, and says itself whether all its parts are good.
 */
export const awaitHeal = (volume: string, set: readonly string[], disperse: boolean, path: string): Sh => sh`
  set -eu
  ${volumeFunctions(volume)}
  ${healFunctions(set)}
  ${noteFunctions({ volume, path })}
  [ -e "$note" ] || exit 0
  end=$(($(date +%s) + ${HEAL_SECONDS}))
  i=0
  while left=$(pending) && [ -n "$left" ]; do
    [ $((i % 10)) -ne 0 ] || tell volume heal "$v" >/dev/null
    i=$((i + 1))
    if [ "$(date +%s)" -ge "$end" ]; then
      printf '%s\n' "the new brick of $v is not whole after ${HEAL_SECONDS} s:" "$left" "Healing goes on by itself; run the same again to wait on" >&2
      exit 1
    fi
    sleep 1
  done
  ${
    disperse
      ? sh`
  d=/run/glusterctl/heal/$v
  ! mountpoint -q "$d" || umount "$d"
  mkdir -p -- "$d"
  mount -t glusterfs "localhost:/$v" "$d" >&2
  for pass in 1 2 3; do
    bad=$(find "$d" -exec getfattr --absolute-names -h -n trusted.ec.heal --only-values -- {} + 2>&1 | tr -d '\0' | sed 's/Good:/\n&/g' | grep -c -v -e '^$' -e '^Good: [01]*, Bad: 0*$' || :)
    [ "$bad" -ne 0 ] || break
  done
  umount "$d" || umount -l "$d"
  rmdir -p -- "$d" 2>/dev/null || :
  if [ "$bad" -ne 0 ]; then
    echo "$bad files of $v do not say that all their parts are good; see glustershd.log, then run the same again" >&2
    exit 1
  fi`
      : sh`:`
  }
  settle`;

export const isHealed = (volume: string, path: string): Sh => sh`[ ! -e ${healNote(volume, path)} ]`;

const poolFunctions = sh`
  ${gluster}
  look() { pool=$(gx pool list) && pool=$(printf '%s\n' "$pool" | flat peer); }
  known() { printf '%s\n' "$pool" | grep -iF "<hostname>$1</hostname>"; }`;

/** A glusterd that starts anew sees who is there; its bricks go on meanwhile. */
export const noticeDeath = (old: string): Sh => sh`
  set -eu
  ${poolFunctions}
  ${stillDead(old)}
  look
  if known ${old} | grep -qF '<connected>1<'; then
    (
    ${run('restart')}
    )
  fi`;

export const isNoticed = (old: string): Sh => sh`
  ${poolFunctions}
  look && ! known ${old} | grep -qF '<connected>1<'`;

/** For a peer that does not answer. Never with force as long as gluster does not ask for it. */
export const detachDead = (old: string): Sh => sh`
  set -eu
  ${poolFunctions}
  p=${old}
  ${stillDead(old)}
  look
  if [ -z "$(known "$p")" ]; then exit 0; fi
  e=$(g ${peerDetach(old)} 2>&1) || case $e in
    *'probably down'* | *'is down'* | *'not connected'*) g ${peerDetachForce(old)} ;;
    *) printf '%s\n' "$e" >&2; exit 1 ;;
  esac
  i=0
  while look && [ -n "$(known "$p")" ]; do
    i=$((i + 1))
    [ "$i" -lt 30 ] || { echo "$p is still in the pool 30 s after it was detached; see /var/log/glusterfs/glusterd.log" >&2; exit 1; }
    sleep 1
  done`;

export const isDetached = (old: string): Sh => sh`
  ${poolFunctions}
  look && [ -z "$(known ${old})" ]`;

/** Who is gone cannot be taken in again. */
export const keepDetached = (old: string): Sh => sh`
  set -eu
  ${poolFunctions}
  command -v gluster >/dev/null || exit 0
  look
  if [ -n "$(known ${old})" ]; then exit 0; fi
  echo ${`${old} stays out of the pool: it was dead when it was taken out`} >&2
  exit ${KEPT}`;

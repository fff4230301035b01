import { volumeAddBrick, volumeRemoveBrick } from '../../gluster/command.ts';
import type { Brick } from '../../model/cluster.ts';
import { KEPT } from '../../run/script.ts';
import { type Sh, sh } from '../../sh.ts';
import { oweFunctions } from './rebalance.ts';
import { listOf, PATIENCE, volumeFunctions } from './scripts.ts';

/** Seconds for the way back of all files from bricks that are taken out: less than a change may take (CHANGE_TIMEOUT). */
const MIGRATION_SECONDS = 1500;

/**
 * After `look`: `added` all of the bricks $new belong to the volume; `among` those that do.
 * gluster takes bricks in all at once or not at all.
 */
const membership = (volume: string, bricks: readonly Brick[]): Sh => sh`
  ${volumeFunctions(volume)}
  new=${listOf(bricks)}
  among() { bricks | grep -xF -- "$new" || :; }
  added() { [ "$(among | wc -l)" -eq ${bricks.length} ]; }`;

/** The note comes first: a run that is cut off behind the deed still knows that files are to be spread. */
export const addBricks = (volume: string, bricks: readonly Brick[], force: boolean): Sh => sh`
  set -eu
  ${membership(volume, bricks)}
  ${oweFunctions(volume)}
  look
  if ! added; then
    if [ -e "$note" ]; then was=owed; else was=; fi
    owe
    n=0
    until e=$(g ${volumeAddBrick(volume, bricks, { force })} 2>&1); do
      n=$((n + 1))
      case $n:$e in
        ?:*'not connected'* | ?:*"is not in 'Peer in Cluster' state"*) sleep 2; continue ;;
        *'rebalance is in progress'* | *'remove-brick task exists'*) e="$e
  Wait until it has ended (gluster volume rebalance $v status), then apply again." ;;
      esac
      look
      if added; then break; fi
      printf '%s\n' "$e" >&2
      [ "$was" = owed ] || settle
      exit 1
    done
    look
  fi
  if [ "$(status)" != Started ]; then exit 0; fi
  end=$(($(date +%s) + ${PATIENCE}))
  while off=$(offline | grep -xF -- "$new") && [ -n "$off" ]; do
    if [ "$(date +%s)" -ge "$end" ]; then
      printf '%s\n' "these bricks were added to $v and do not come online:" "$off" "On their nodes see /var/log/glusterfs/bricks/" >&2
      exit 1
    fi
    sleep 1
  done`;

export const isAdded = (volume: string, bricks: readonly Brick[]): Sh => sh`
  ${membership(volume, bricks)}
  look
  added`;

/**
 * Has all files moved off the bricks, and only then takes them out. Never with force, which would leave files behind: what
 * does not get done in time is called off, and the bricks stay.
 */
export const removeBricks = (volume: string, bricks: readonly Brick[]): Sh => sh`
  set -eu
  ${membership(volume, bricks)}
  ${oweFunctions(volume)}
  command -v gluster >/dev/null || exit 0
  look
  if [ "$(status)" = none ] || [ -z "$(among)" ]; then settle; exit 0; fi
  stays() { printf '%s\n' "$1" "the bricks stay in $v" >&2; exit 1; }
  added || stays "only some of the bricks are still in $v: $(among | tr '\n' ' ')"
  [ "$(status)" = Started ] || stays "$v does not run, and only a volume that runs can move its files off a brick: start it"
  off=$(offline)
  [ -z "$off" ] || stays "files can only be moved with all bricks online; down: $(printf %s "$off" | tr '\n' ' ')"
  e=$(g ${volumeRemoveBrick(volume, bricks, 'start')} 2>&1) || case $e in
    *'remove-brick task exists'*) ;;
    *) stays "$e" ;;
  esac
  call_off() {
    g ${volumeRemoveBrick(volume, bricks, 'stop')}
    owe
    printf '%s\n' "$1" "the bricks stay in $v, and its files are in reach where they are" >&2
    exit "$2"
  }
  of() { printf '%s\n' "$now" | sed -n "s|.*<$1>\([^<]*\)</$1>.*|\1|p"; }
  end=$(($(date +%s) + ${MIGRATION_SECONDS}))
  while :; do
    now=$(tell ${volumeRemoveBrick(volume, bricks, 'status')} | flat aggregate)
    case $(of statusStr) in
      completed)
        [ "$(of failures):$(of skipped)" = 0:0 ] ||
          call_off "$(of failures) files could not be moved off the bricks, $(of skipped) were skipped; see /var/log/glusterfs/$v-rebalance.log on their nodes" 1
        break ;;
      failed | stopped) call_off "moving the files off the bricks has $(of statusStr); see /var/log/glusterfs/$v-rebalance.log on their nodes" 1 ;;
    esac
    if [ "$(date +%s)" -ge "$end" ]; then
      call_off "after ${MIGRATION_SECONDS} s not all files have left the bricks ($(of files) have); to go on by hand: gluster volume remove-brick $v $(printf %s "$new" | tr '\n' ' ') start" ${KEPT}
    fi
    sleep 1
  done
  g ${volumeRemoveBrick(volume, bricks, 'commit')}
  settle`;

import { volumeRebalance } from '../../gluster/command.ts';
import type { Fact } from '../../model/fact.ts';
import { type Sh, sh } from '../../sh.ts';
import { volumeFunctions } from './scripts.ts';

/** Seconds until a rebalance that was begun has to say of all its nodes how it goes; one that has just begun knows nothing (glusterfs 10.3). */
const PATIENCE = 60;

/** Where a node notes that files of a volume are yet to be spread over bricks that were added. A volume's name has no slash. */
const noteOf = (volume: string): string => `/var/lib/glusterctl/rebalance/${volume}`;

/** The id of the volume that waits for a rebalance; null where none does. Nothing that gluster tells says so. */
export const rebalanceOwed = (volume: string): Fact<string | null> => ({
  id: `rebalance-owed:${volume}`,
  read: sh`cat -- ${noteOf(volume)}`,
  parse: ({ stdout }) => /^[0-9a-f-]{36}$/.exec(stdout.trim())?.[0] ?? null,
});

/**
 * After `look` of volumeFunctions.
 *
 * owe, settle    note that a rebalance is due; that none is
 * rebalancing    how the one goes that was begun last: in progress, completed, failed, stopped; nothing when it cannot be told
 */
export const oweFunctions = (volume: string): Sh => sh`
  note=${noteOf(volume)}
  owe() {
    mkdir -p -- "\${note%/*}"
    in_info volume | sed -n 's|.*<id>\([0-9a-f-]*\)</id>.*|\1|p' >"$note.new"
    mv -f -- "$note.new" "$note"
  }
  settle() {
    rm -f -- "$note" "$note.new"
    for d in /var/lib/glusterctl/rebalance /var/lib/glusterctl; do
      [ ! -d "$d" ] || rmdir --ignore-fail-on-non-empty -- "$d"
    done
  }
  rebalancing() {
    tell ${volumeRebalance(volume, 'status')} | flat aggregate | sed -n 's|.*<statusStr>\([^<]*\)</statusStr>.*|\1|p'
  }`;

/** Begins it: moving the files of a large volume takes days, and clients work on. */
export const startRebalance = (volume: string): Sh => sh`
  set -eu
  ${volumeFunctions(volume)}
  ${oweFunctions(volume)}
  look
  if [ -e "$note" ]; then
    e=$(g ${volumeRebalance(volume, 'start')} 2>&1) || case $e in
      *'already started'* | *'is in progress'*) ;;
      *) printf '%s\n' "$e" >&2; exit 1 ;;
    esac
  fi
  end=$(($(date +%s) + ${PATIENCE}))
  while :; do
    s=$(rebalancing)
    case $s in
      'in progress' | completed) break ;;
      failed | stopped) echo "the rebalance of $v has $s; see /var/log/glusterfs/$v-rebalance.log on the nodes of its bricks" >&2; exit 1 ;;
    esac
    if [ "$(date +%s)" -ge "$end" ]; then
      echo "the rebalance of $v was begun, but ${PATIENCE} s later its nodes do not say how it goes; see: gluster volume rebalance $v status" >&2
      exit 1
    fi
    sleep 1
  done
  settle`;

export const isRebalancing = (volume: string): Sh => sh`
  ${volumeFunctions(volume)}
  ${oweFunctions(volume)}
  [ ! -e "$note" ]`;

/** Files that were moved stay where they are: all bricks have them in reach. What is due again is noted. */
export const stopRebalance = (volume: string): Sh => sh`
  set -eu
  ${volumeFunctions(volume)}
  ${oweFunctions(volume)}
  command -v gluster >/dev/null || exit 0
  look
  [ "$(status)" != none ] || exit 0
  if [ "$(rebalancing)" = 'in progress' ]; then g ${volumeRebalance(volume, 'stop')}; fi
  owe`;

import { volumeResetBrick } from '../../gluster/command.ts';
import { KEPT } from '../../run/script.ts';
import { type Sh, sh } from '../../sh.ts';
import { makeBrick } from '../brick/make.ts';
import { brickFunctions } from '../brick/scripts.ts';
import { recordOf } from '../brick/state.ts';
import { run } from '../glusterd.ts';
import { PATIENCE, volumeFunctions } from '../volume/scripts.ts';
import { HEALS, healNote } from './facts.ts';

const INFO = '/var/lib/glusterd/glusterd.info';
const peerFile = (uuid: string): string => `/var/lib/glusterd/peers/${uuid}`;

export interface Member {
  uuid: string;
  name: string;
}

const stop = sh`for u in glusterd.service glusterfs-server.service; do ! systemctl is-active -q "$u" 2>/dev/null || systemctl stop "$u"; done`;

/**
 * Gives a glusterd that knows nothing the UUID that its node had, and the names of the members: when it starts, they know each other.
 * The UUID comes last, so that a run that was cut off is known by its lack.
 */
export const giveIdentity = (uuid: string, opVersion: number, members: readonly Member[]): Sh => sh`
  set -eu
  umask 077
  has() { ls -A "/var/lib/glusterd/$1" 2>/dev/null | grep -q .; }
  if ! grep -qsxF ${`UUID=${uuid}`} ${INFO} && [ ! -e ${INFO}.glusterctl ] && { has vols || has peers; }; then
    echo "glusterd has been in a pool here, or has volumes; see /var/lib/glusterd/peers and vols" >&2
    exit 1
  fi
  ${stop}
  mkdir -p -- /var/lib/glusterd/peers
  if [ -e ${INFO} ]; then cp -p -- ${INFO} ${INFO}.glusterctl; else : >${INFO}.glusterctl; fi
  ${members.map(({ uuid: id, name }) => sh`printf 'uuid=%s\nstate=3\nhostname1=%s\n' ${id} ${name} >${peerFile(id)};`)}
  printf 'UUID=%s\noperating-version=%s\n' ${uuid} ${opVersion} >${INFO}.new
  mv -f -- ${INFO}.new ${INFO}
  rm -f -- ${INFO}.glusterctl`;

export const hasIdentity = (uuid: string, members: readonly Member[]): Sh => sh`
  grep -qxF ${`UUID=${uuid}`} ${INFO} || exit 1
  for f in ${members.map(({ uuid: id }) => peerFile(id))}; do [ -e "$f" ] || exit 1; done`;

/** A node that has volumes of the pool again stays in it. What a fresh glusterd had made up for a UUID it makes up again. */
export const takeIdentity = (uuid: string, members: readonly Member[]): Sh => sh`
  set -eu
  grep -qsxF ${`UUID=${uuid}`} ${INFO} || exit 0
  if ls -A /var/lib/glusterd/vols 2>/dev/null | grep -q .; then
    echo "it is in the pool again, with its volumes, and stays there" >&2
    exit ${KEPT}
  fi
  ${stop}
  rm -f -- ${members.map(({ uuid: id }) => peerFile(id))} ${INFO} ${INFO}.glusterctl`;

export interface Rejoining {
  volume: string;
  id: string;
  /** The brick as the pool names it. */
  brick: string;
  path: string;
  /** The other bricks of its set. */
  others: readonly string[];
  mount: string | null;
  onRoot: boolean;
}

const noteFunctions = ({ volume, path }: Rejoining): Sh => sh`note=${healNote(volume, path)}`;

/**
 * Runs on the node itself. Nothing is marked but a directory without data; glusterd takes a brick for a new one until it has started
 * with the directory in place ("When destination brick is new", glusterfs 10.3), so it is started anew. reset-brick has the others
 * note that all of it has to be healed, which a mark made by hand would not.
 */
export const rejoinBrick = (one: Rejoining): Sh => sh`
  (
  ${makeBrick(one)}
  ) || exit 1
  set -eu
  ${volumeFunctions(one.volume)}
  ${brickFunctions}
  ${noteFunctions(one)}
  b=${one.brick} p=${one.path}
  no() { printf '%s\n' "$b is not made anew: $1" >&2; exit 1; }
  look
  online() { ! offline | grep -qxF -- "$b"; }
  if ! online || [ "$(volume_id "$p")" != ${one.id} ]; then
    end=$(($(date +%s) + ${PATIENCE}))
    until [ "$(status)" = Started ]; do
      [ "$(date +%s)" -lt "$end" ] || no "the volume $v is not known here yet, or does not run"
      sleep 1
      look
    done
    d=$(data_in "$p")
    [ -z "$d" ] || no "it holds $(printf %s "$d" | tr '\n' ' ')"
    i=$(volume_id "$p")
    [ -z "$i" ] || [ "$i" = ${one.id} ] || no "it is marked for the volume with the id $i"
    (
    ${run('restart')}
    )
    until off=$(offline | grep -xF -- ${one.others.join('\n')} || :) && [ -z "$off" ]; do
      [ "$(date +%s)" -lt "$end" ] || no "other bricks of its set are down: $(printf %s "$off" | tr '\n' ' ')"
      sleep 1
    done
    split=$(tell volume heal "$v" info split-brain | flat brick | grep -F -- ${`<name>${one.others[0] ?? ''}</name>`} | sed -n 's|.*<numberOfEntries>\([1-9][0-9]*\)<.*|\1|p')
    [ -z "$split" ] || no "$split entries are in split-brain; see: gluster volume heal $v info split-brain"
    mkdir -p -- ${HEALS}
    : >"$note"
    end=$(($(date +%s) + ${PATIENCE}))
    until e=$({ g ${volumeResetBrick(one.volume, one.brick, 'start')} && g ${volumeResetBrick(one.volume, one.brick, 'commit')}; } 2>&1); do
      case $e in
        *'not connected'* | *"is not in 'Peer in Cluster' state"*) if [ "$(date +%s)" -lt "$end" ]; then sleep 2; continue; fi ;;
      esac
      no "$e"
    done
    until online; do
      [ "$(date +%s)" -lt "$end" ] || { echo "$b is there again and does not come online; see /var/log/glusterfs/bricks/" >&2; exit 1; }
      sleep 1
    done
  fi`;

export const isRejoined = (one: Rejoining): Sh => sh`
  ${volumeFunctions(one.volume)}
  ${brickFunctions}
  look
  [ "$(volume_id ${one.path})" = ${one.id} ] && ! offline | grep -qxF -- ${one.brick}`;

/** What was made whole stays whole. */
export const keepRejoined = (one: Rejoining): Sh => sh`
  ${brickFunctions}
  if [ "$(volume_id ${one.path})" != ${one.id} ]; then
    r=${recordOf(one.path)}
    [ ! -e "$r" ] || ! grep -qx made "$r" || [ ! -d ${one.path} ] || rmdir -- ${one.path} || exit 1
    rm -f -- "$r"
    exit 0
  fi
  echo ${`${one.brick} has its files again, and stays a brick of ${one.volume}`} >&2
  exit ${KEPT}`;

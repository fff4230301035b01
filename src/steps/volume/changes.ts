import type { VolumeInfo } from '../../gluster/volume-info.ts';
import type { PoolChange } from '../../model/change.ts';
import type { Brick, Volume } from '../../model/cluster.ts';
import { sh } from '../../sh.ts';
import { brickFunctions } from '../brick/scripts.ts';
import { recordOf } from '../brick/state.ts';
import { addBricks, isAdded, removeBricks } from './grow.ts';
import { isSet } from './options.ts';
import { isRebalancing, startRebalance, stopRebalance } from './rebalance.ts';
import * as script from './scripts.ts';

/** Looks again: nothing is cleared but what a failed create, or a volume without files in a directory taken empty, has left. */
export const clearRemains = (volume: string, { node, path }: Brick): PoolChange => ({
  node,
  id: `remains:${path}`,
  title: `clear what a failed create left in ${path}`,
  risk: 'safe',
  do: sh`
    set -eu
    ${brickFunctions}
    p=${path}
    no() { echo "$p is not cleared: $1" >&2; exit 1; }
    [ -d "$p" ] || exit 0
    v=$(member_of "$p")
    [ -z "$v" ] || no "it is a brick of the volume $v"
    v=$(volume_of "$(volume_id "$p")")
    [ -z "$v" ] || [ "$v" = ${volume} ] || no "it is marked for the volume $v"
    d=$(data_in "$p")
    [ -z "$d" ] || no "it holds $(printf %s "$d" | tr '\n' ' ')"
    if [ ! -e ${recordOf(path)} ]; then
      [ -z "$(ls -A "$p/.glusterfs" 2>/dev/null)" ] || no "a volume has used it"
      ! getfattr --absolute-names -n trusted.gfid -- "$p" >/dev/null 2>&1 || no "a volume has used it"
    fi
    strip "$p"`,
  undo: 'nothing',
  verify: sh`
    ${brickFunctions}
    [ ! -e ${path}/.glusterfs ] && [ -z "$(volume_id ${path})" ]`,
});

export const create = (node: string, volume: Volume, force: boolean): PoolChange => ({
  node,
  id: `create:${volume.name}`,
  title: `create the volume ${volume.name} on ${volume.bricks.map((b) => `${b.node}:${b.path}`).join(' ')}`,
  risk: 'safe',
  do: script.createVolume(volume, force),
  undo: script.deleteVolume(volume),
  verify: script.isCreated(volume),
});

/** Whole new sets. The way back moves the files off them first. */
export const grow = (node: string, volume: string, bricks: readonly Brick[], force: boolean): PoolChange => ({
  node,
  id: `grow:${volume}:${bricks.map((b) => `${b.node}:${b.path}`).join(' ')}`,
  title: `add to the volume ${volume} the bricks ${bricks.map((b) => `${b.node}:${b.path}`).join(' ')}`,
  risk: 'safe',
  do: addBricks(volume, bricks, force),
  undo: removeBricks(volume, bricks),
  verify: isAdded(volume, bricks),
});

export const rebalance = (node: string, volume: string): PoolChange => ({
  node,
  id: `rebalance:${volume}`,
  title: `begin to spread the files of ${volume} over all its bricks`,
  risk: 'disruptive',
  do: startRebalance(volume),
  undo: stopRebalance(volume),
  verify: isRebalancing(volume),
});

export const start = (node: string, volume: string, info: VolumeInfo | null): PoolChange => ({
  node,
  id: `start:${volume}`,
  title: info?.status === 'started' ? `start the bricks of ${volume} that are down` : `start the volume ${volume}`,
  risk: 'safe',
  do: script.startVolume(volume),
  undo: info?.status === 'started' ? 'nothing' : script.stopVolume(volume),
  verify: script.isStarted(volume),
});

/** Options of a volume that is made in the same run go with it; one that has files by then stays, options and all. */
const before = (volume: string, info: VolumeInfo | null, options: Iterable<string>): PoolChange['undo'] =>
  info === null
    ? 'nothing'
    : script.restoreOptions(volume, new Map([...options].map((option) => [option, info.options.get(option) ?? null])));

/** The profile first: what the file says itself wins over it, so that is set again where the profile has it, too. */
export const options = (
  node: string,
  volume: Volume,
  info: VolumeInfo | null,
  profile: ReadonlyMap<string, string> | null,
): PoolChange[] => {
  const { name, group } = volume;
  const own = Object.entries(volume.options);
  const fromGroup = [...(profile ?? [])].filter(([option]) => volume.options[option] === undefined);
  const grouped =
    group !== null && (info === null || profile === null || !fromGroup.every(([option, value]) => isSet(info, option, value)));
  const changes: PoolChange[] = [];
  if (grouped) {
    changes.push({
      node,
      id: `group:${name}`,
      title: `set the profile ${group} on ${name}`,
      risk: 'safe',
      do: script.setGroup(name, group),
      undo: before(name, info, profile?.keys() ?? []),
      verify: script.isGroup(name, group),
    });
  }
  for (const [option, value] of own) {
    if (info !== null && isSet(info, option, value) && !(grouped && (profile === null || profile.has(option)))) continue;
    changes.push({
      node,
      id: `option:${name}:${option}`,
      title: `set ${option} of ${name} to ${value}`,
      risk: 'safe',
      do: script.setOption(name, option, value),
      undo: before(name, info, [option]),
      verify: script.isOption(name, option, value),
    });
  }
  return changes;
};

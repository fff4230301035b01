import { pool, volumes } from '../facts/gluster.ts';
import type { VolumeBrick } from '../gluster/volume-info.ts';
import type { PoolChange } from '../model/change.ts';
import type { Brick } from '../model/cluster.ts';
import { CannotPlan, definePoolStep } from '../model/step.ts';
import { detach, probe } from './peers/scripts.ts';
import { glusterdState } from './pool/glusterd-state.ts';
import { bricksUp, healNote, healsOwed, reaches } from './replace/facts.ts';
import { judge } from './replace/judge.ts';
import type { Pair } from './replace/pairs.ts';
import * as script from './replace/scripts.ts';
import { awaitHeal, isHealed } from './replace/scripts.ts';
import { type Going, goingOf, type Views } from './replace/view.ts';
import { servers, Want, wantOf } from './replace/want.ts';
import { setsOf } from './volume/layout.ts';

const move = (on: string, old: string, pair: Pair, dead: boolean): PoolChange => ({
  node: on,
  id: `replace:${pair.volume}:${pair.to.path}`,
  title: `put the brick ${pair.from.host}:${pair.from.path} of ${pair.volume} on ${pair.to.node}:${pair.to.path}`,
  risk: 'disruptive',
  do: script.replaceBrick(pair, old, dead),
  undo: script.keepReplaced(pair, old),
  verify: script.isReplaced(pair),
  ...(dead && { lost: old }),
});

/** `set`: its bricks as the pool names them, those of the node that goes left out. */
const heal = (on: string, volume: string, to: Brick, set: readonly string[], disperse: boolean): PoolChange => ({
  node: on,
  id: `heal:${volume}:${to.path}`,
  title: `wait until ${to.node}:${to.path} has all that the other bricks of its set have`,
  risk: 'safe',
  do: awaitHeal(volume, [...set].sort(), disperse, to.path),
  undo: 'nothing',
  verify: isHealed(volume, to.path),
});

const named = ({ host, path }: VolumeBrick): string => `${host}:${path}`;

/** Heals that an earlier run has begun and not seen the end of. */
const waiting = ({ old, by }: Want, on: string, gone: string | null, is: Views): PoolChange[] => {
  const answer = is[on]?.volumes;
  const uuid = is[by]?.disk.uuid;
  return (answer?.ok ? answer.value : []).flatMap((info) =>
    setsOf(info).flatMap((set) =>
      set
        .filter(({ hostUuid, path }) => hostUuid === uuid && is[on]?.owed.has(healNote(info.name, path)))
        .map(({ path }) => {
          const others = set.filter(({ host, hostUuid }) => hostUuid !== gone && host !== old);
          return heal(on, info.name, { node: by, path }, others.map(named), info.type === 'disperse');
        }),
    ),
  );
};

const leave = ({ on, dead }: Going, old: string): PoolChange => ({
  node: on,
  id: `detach:${old}`,
  title: dead ? `take ${old}, which is dead, out of the pool` : `take ${old} out of the pool`,
  risk: 'disruptive',
  do: dead ? script.detachDead(old) : detach(old),
  undo: dead ? script.keepDetached(old) : probe(old),
  verify: script.isDetached(old),
  ...(dead && { lost: old }),
});

export const replace = definePoolStep({
  id: 'replace',
  title: 'Put the bricks of a node on another one',
  about:
    'For `node replace`: moves one brick of the node after the other, waits until each is healed, and takes the node out of the pool when it has none left. Refuses where too few bricks are online to make new ones from.',
  want: Want,

  jobs: (cluster) =>
    cluster.replacing === undefined || cluster.replacing.old === cluster.replacing.by
      ? []
      : [{ nodes: servers(cluster), want: wantOf(cluster, cluster.replacing) }],

  facts: ({ old }: Want) => ({ disk: glusterdState, pool, volumes, up: bricksUp, owed: healsOwed, reached: reaches(old) }),

  plan(want, is: Views) {
    const { old, by } = want;
    const going = goingOf(old, by, is);
    if (going === null) return Object.keys(is).flatMap((on) => waiting(want, on, null, is));
    const { faults, pairs } = judge(want, going, is);
    if (faults.length > 0) throw new CannotPlan(...faults);
    return [
      ...waiting(want, going.on, going.peer.uuid, is),
      ...pairs.flatMap((pair) => [
        move(going.on, old, pair, going.dead),
        heal(going.on, pair.volume, pair.to, [...pair.others.map(named), `${pair.to.node}:${pair.to.path}`], pair.type === 'disperse'),
      ]),
      leave(going, old),
    ];
  },

  notes: ({ old, by }, is: Views) => {
    const going = goingOf(old, by, is);
    return [
      ...(going === null ? [`${old} is in no pool with the nodes of the file`] : []),
      `when all is done, take ${old} out of nodes, write ${by} in its place where bricks name it, and apply: that takes care of all else that names it`,
      going?.dead === false
        ? `${old} keeps its packages and an old copy of its bricks; nothing is deleted there`
        : `should ${old} come back, it must not run glusterd: it still believes to be in the pool. Empty its /var/lib/glusterd first`,
    ];
  },
});

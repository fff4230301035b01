import { pool, volumes } from '../facts/gluster.ts';
import type { PoolChange } from '../model/change.ts';
import { CannotPlan, definePoolStep } from '../model/step.ts';
import { detach, probe } from './peers/scripts.ts';
import { glusterdState } from './pool/glusterd-state.ts';
import { bricksUp, healNote, healsOwed, reaches } from './replace/facts.ts';
import { judge } from './replace/judge.ts';
import type { Pair } from './replace/pairs.ts';
import * as script from './replace/scripts.ts';
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

/** `set`: the bricks of the set as they are to be. */
const heal = (on: string, volume: Want['volumes'][number], path: string, by: string): PoolChange => {
  const set = setsOf(volume).find((bricks) => bricks.some((brick) => brick.node === by && brick.path === path)) ?? [];
  return {
    node: on,
    id: `heal:${volume.name}:${path}`,
    title: `wait until ${by}:${path} has all that the other bricks of its set have`,
    risk: 'safe',
    do: script.awaitHeal(
      volume.name,
      set.map((brick) => `${brick.node}:${brick.path}`),
      volume.type === 'disperse',
      path,
    ),
    undo: 'nothing',
    verify: script.isHealed(volume.name, path),
  };
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
    const waiting = (on: string, skip: ReadonlySet<string>): PoolChange[] =>
      want.volumes.flatMap((volume) =>
        volume.bricks
          .filter(({ node, path }) => node === by && is[on]?.owed.has(healNote(volume.name, path)) && !skip.has(`${volume.name}:${path}`))
          .map(({ path }) => heal(on, volume, path, by)),
      );
    if (going === null) return Object.keys(is).flatMap((on) => waiting(on, new Set()));
    const { faults, pairs } = judge(want, going, is);
    if (faults.length > 0) throw new CannotPlan(...faults);
    return [
      ...waiting(going.on, new Set(pairs.map(({ volume, to }) => `${volume}:${to.path}`))),
      ...pairs.flatMap((pair) => {
        const volume = want.volumes.find(({ name }) => name === pair.volume);
        return [move(going.on, old, pair, going.dead), ...(volume ? [heal(going.on, volume, pair.to.path, by)] : [])];
      }),
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

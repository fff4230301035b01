import { z } from 'zod';
import type { Report } from '../errors.ts';
import { pool, volumes } from '../facts/gluster.ts';
import { names } from '../facts/names.ts';
import type { VolumeInfo } from '../gluster/volume-info.ts';
import type { PoolChange } from '../model/change.ts';
import type { Answers } from '../model/fact.ts';
import { CannotPlan, definePoolStep } from '../model/step.ts';
import { diskMount } from './brick/place.ts';
import { brickStates, ownMark } from './brick/state.ts';
import { isWholeMesh } from './peers/view.ts';
import { meshChange } from './peers.ts';
import { glusterdState } from './pool/glusterd-state.ts';
import { bricksUp, healNote, healsOwed } from './replace/facts.ts';
import { setFaults } from './replace/judge.ts';
import { isRejoined, keepRejoined, type Rejoining, rejoinBrick } from './replace/rejoin-scripts.ts';
import { awaitHeal, isHealed } from './replace/scripts.ts';
import { goingOf } from './replace/view.ts';
import { servers } from './replace/want.ts';
import { setsOf } from './volume/layout.ts';

const Want = z.strictObject({
  node: z.string().describe('The host that was set up anew'),
  nodes: z.array(z.string()).describe('The servers of the file'),
  bricks: z.array(
    z.strictObject({
      volume: z.string(),
      path: z.string(),
      mount: z.string().nullable().describe('The mount point of a disk of this file that it lies on'),
      onRoot: z.boolean().describe('It may lie on the root filesystem'),
    }),
  ),
});
type Want = z.infer<typeof Want>;

const facts = ({ bricks }: Want) => ({
  disk: glusterdState,
  pool,
  volumes,
  names: names([]),
  up: bricksUp,
  owed: healsOwed,
  bricks: brickStates(bricks.map(({ path }) => path)),
});
type Is = Readonly<Record<string, Answers<ReturnType<typeof facts>>>>;

interface Found {
  faults: Report[];
  anew: (Rejoining & { set: string[]; disperse: boolean; bare: boolean })[];
}

/** The bricks that the pool knows on the node, those that are bare, and what stands against making them anew. */
const look = ({ node, bricks }: Want, is: Is, infos: readonly VolumeInfo[], uuid: string): Found => {
  const found: Found = { faults: [], anew: [] };
  const byUuid = new Map(Object.entries(is).map(([name, { disk }]) => [disk.uuid, name]));
  const fault = (report: Report) => found.faults.push({ node, ...report });
  for (const info of infos) {
    for (const set of setsOf(info)) {
      const own = set.filter(({ hostUuid }) => hostUuid === uuid);
      for (const brick of own) {
        const wanted = bricks.find(({ volume, path }) => volume === info.name && path === brick.path);
        const state = is[node]?.bricks.get(brick.path);
        const name = `${brick.host}:${brick.path}`;
        if (wanted === undefined || state === undefined) {
          fault({
            what: `${name} is a brick of ${info.name}, and the file does not name it`,
            next: `write it into the file: gluster volume info ${info.name}`,
          });
          continue;
        }
        const id = ownMark(brick.path, state)?.volumeId ?? null;
        const others = set.filter(({ hostUuid }) => hostUuid !== uuid);
        const bare = id !== info.id;
        const one = { ...wanted, id: info.id, brick: name, others: others.map((o) => `${o.host}:${o.path}`), bare };
        found.anew.push({ ...one, set: [...one.others, name], disperse: info.type === 'disperse' });
        if (!bare) continue;
        if (info.type === 'distribute' || info.type === 'other')
          fault({
            what: `${name} is empty, and no other brick of ${info.name} has its files`,
            why: `${info.typeText} keeps one copy of a file`,
            next: 'mount the disk that it was on; if that is lost, restore from a backup into a new volume',
          });
        else if (info.status !== 'started')
          fault({ what: `${info.name} does not run, so nothing can be copied to ${name}`, next: `gluster volume start ${info.name}` });
        else if (state.content === 'data' || id !== null || state.kind === 'other')
          fault({
            check: 'brick-data',
            what: `${brick.path} is not empty, and is no brick of ${info.name}`,
            why:
              id === null
                ? `it holds ${state.sample.slice(0, 3).join(', ') || 'something else than a folder'}`
                : `it is marked for the volume with the id ${id}`,
            next: 'move away what is in it; it is never overwritten',
          });
        else if (wanted.mount === null && state.onRoot && !wanted.onRoot)
          fault({
            check: 'brick-on-root',
            what: `${brick.path} lies on the root filesystem`,
            why: 'nothing is mounted there or above it: the disk of the brick is missing',
            next: `mount a filesystem for it, check it with: findmnt -T ${brick.path}`,
          });
        const pair = {
          volume: info.name,
          type: info.type,
          from: brick,
          to: { node, path: brick.path },
          others,
          going: own.length,
          redundancy: info.redundancy,
        };
        found.faults.push(...setFaults(pair, { dead: true }, is, (other, host) => byUuid.get(other) ?? host));
      }
    }
  }
  return found;
};

export const rejoin = definePoolStep({
  id: 'rejoin',
  title: 'Make the bricks of a node anew',
  about:
    'For `node replace` without `--with`: has a host that was set up anew see the pool again, makes its bricks where their disks are mounted and empty, and waits until each is healed. Bricks whose disks were kept are taken as they are.',
  want: Want,

  jobs: (cluster) => {
    const { replacing, nodes, volumes: all } = cluster;
    if (replacing === undefined || replacing.old !== replacing.by) return [];
    const node = replacing.old;
    const disks = nodes.find(({ name }) => name === node)?.disks ?? [];
    const bricks = all.flatMap(({ name, bricks: list, allow }) =>
      list
        .filter((brick) => brick.node === node)
        .map(({ path }) => ({ volume: name, path, mount: diskMount(path, disks), onRoot: allow.includes('root-partition') })),
    );
    return [{ nodes: servers(cluster), want: { node, nodes: servers(cluster), bricks } }];
  },
  facts,

  plan(want, is: Is) {
    const { node, nodes } = want;
    const going = goingOf(node, node, Object.fromEntries(Object.entries(is).map(([name, one]) => [name, { ...one, reached: true }])));
    // What is missing then is said by the step before.
    if (going === null) return [];
    const answer = is[going.on]?.volumes;
    const { faults, anew } = look(want, is, answer?.ok ? answer.value : [], going.peer.uuid);
    if (faults.length > 0) throw new CannotPlan(...faults);
    const whole = is[node]?.disk.uuid === going.peer.uuid && isWholeMesh(nodes, is);
    const open = anew.filter(({ bare, volume, path }) => bare || is[node]?.owed.has(healNote(volume, path)));
    return [
      ...(whole ? [] : [meshChange(nodes, going.on)]),
      ...open.flatMap((one): PoolChange[] => [
        ...(one.bare
          ? [
              {
                node,
                id: `rejoin:${one.volume}:${one.path}`,
                title: `make the brick ${one.brick} of ${one.volume} anew`,
                risk: 'disruptive' as const,
                do: rejoinBrick(one),
                undo: keepRejoined(one),
                verify: isRejoined(one),
              },
            ]
          : []),
        {
          node,
          id: `heal:${one.volume}:${one.path}`,
          title: `wait until ${one.brick} has all that the other bricks of its set have`,
          risk: 'safe',
          do: awaitHeal(one.volume, one.set, one.disperse, one.path),
          undo: 'nothing',
          verify: isHealed(one.volume, one.path),
        },
      ]),
    ];
  },
});

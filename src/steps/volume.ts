import { z } from 'zod';
import type { Report } from '../errors.ts';
import { fileState } from '../facts/file.ts';
import { volumes } from '../facts/gluster.ts';
import type { VolumeInfo } from '../gluster/volume-info.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Answers } from '../model/fact.ts';
import { CannotPlan, definePoolStep, type PoolJob } from '../model/step.ts';
import { faultsOf, isRemains } from './brick/judge.ts';
import { diskMount } from './brick/place.ts';
import { type BrickState, brickStates } from './brick/state.ts';
import { bricksRunning } from './pool/bricks-running.ts';
import { glusterdState } from './pool/glusterd-state.ts';
import { clearRemains, create, grow, options, rebalance, start } from './volume/changes.ts';
import { type Compared, compare } from './volume/existing.ts';
import { layoutFaults, sharedSets } from './volume/layout.ts';
import { parseGroup, plainValue } from './volume/options.ts';
import { rebalanceOwed } from './volume/rebalance.ts';
import { IRREVERSIBLE } from './volume/scripts.ts';

const Want = z.strictObject({
  name: z.string(),
  type: z.enum(['distribute', 'replicate', 'arbiter', 'disperse']),
  setSize: z.int().min(1).describe('Bricks in one set'),
  redundancy: z.int().min(0).describe('disperse: bricks of a set that may be lost'),
  bricks: z
    .array(
      z.strictObject({
        node: z.string(),
        path: z.string(),
        mount: z.string().nullable().describe('The mount point of a disk of this file that it lies on'),
      }),
    )
    .min(1)
    .describe('A set after the other'),
  options: z.record(z.string(), z.string()),
  group: z.string().nullable().describe('Profile of options'),
  start: z.boolean(),
  allow: z.array(z.enum(['replica-2', 'root-partition', 'same-node'])),
});
type Want = z.infer<typeof Want>;

const facts = ({ name, bricks, group }: Want) => {
  const paths = bricks.map(({ path }) => path);
  return {
    disk: glusterdState,
    volumes,
    bricks: brickStates(paths),
    running: bricksRunning(name, paths),
    owed: rebalanceOwed(name),
    profile: fileState(`/var/lib/glusterd/groups/${group ?? ''}`),
  };
};
type Is = Readonly<Record<string, Answers<ReturnType<typeof facts>>>>;

const jobs = ({ nodes, volumes: all }: Cluster): PoolJob<Want>[] =>
  all.map((volume) => ({
    nodes: nodes.filter(({ name }) => volume.bricks.some(({ node }) => node === name)).map(({ name }) => name),
    want: {
      ...volume,
      bricks: volume.bricks.map(({ node, path }) => ({
        node,
        path,
        mount: diskMount(path, nodes.find(({ name }) => name === node)?.disks ?? []),
      })),
      allow: [...volume.allow],
    },
  }));

/** Any member of the pool knows it; a node that is not in it yet, or whose glusterd is down, does not. */
const existing = (name: string, is: Is): VolumeInfo | null => {
  for (const { volumes: answer } of Object.values(is)) {
    const found = answer.ok ? answer.value.find((volume) => volume.name === name) : undefined;
    if (found) return found;
  }
  return null;
};

const stateOf = (is: Is, node: string, path: string): BrickState | undefined => is[node]?.bricks.get(path);

/** Only what was allowed and is the case: force overrides all else that gluster has against the bricks, too. */
const needsForce = (want: Want, is: Is): boolean =>
  (want.allow.includes('same-node') && sharedSets(want).length > 0) ||
  (want.allow.includes('root-partition') &&
    want.bricks.some(({ node, path, mount }) => mount === null && stateOf(is, node, path)?.onRoot === true));

/** What speaks against new bricks: those of a new volume, or those that one gets. */
const judgeNew = (want: Want, is: Is): Report[] => {
  const dirty = needsForce(want, is)
    ? want.bricks.flatMap(({ node, path }) => {
        const state = stateOf(is, node, path);
        return state ? faultsOf(path, want.name, state).map((fault) => ({ ...fault, node })) : [];
      })
    : [];
  return [...layoutFaults(want), ...dirty];
};

const compared = (want: Want, is: Is, info: VolumeInfo): Compared<Want['bricks'][number]> => {
  const byUuid = new Map(Object.entries(is).map(([name, { disk }]) => [disk.uuid, name]));
  return compare(want, info, ({ host, hostUuid }) => byUuid.get(hostUuid) ?? host);
};

const judge = (want: Want, is: Is, info: VolumeInfo | null, profile: string | null, installed: boolean): Report[] => {
  const { name, group } = want;
  const [node] = Object.keys(is);
  const missing: Report[] =
    group !== null && profile === null && installed
      ? [
          {
            node,
            what: `there is no profile ${group} for ${name}`,
            why: `/var/lib/glusterd/groups/${group} is not there`,
            next: 'see what is there: ls /var/lib/glusterd/groups',
          },
        ]
      : [];
  if (info === null) return [...judgeNew(want, is), ...missing];
  const found = compared(want, is, info);
  const frozen = IRREVERSIBLE.filter((option) => {
    const value = want.options[option];
    return value !== undefined && plainValue(value) === 'off' && plainValue(info.options.get(option) ?? 'off') === 'on';
  });
  return [
    ...(found.is === 'other' ? [found.report] : []),
    ...(found.is === 'grown' ? judgeNew({ ...want, bricks: [...found.bricks] }, is) : []),
    ...missing,
    ...frozen.map((option) => ({
      what: `${option} of ${name} is on and cannot be switched off`,
      why: 'files that were written with it could not be read any more',
      next: `take ${option} out of the options of ${name}, or copy the files to another volume`,
    })),
  ];
};

export const volume = definePoolStep({
  id: 'volume',
  title: 'Create, start and grow the volumes',
  about:
    'Creates each volume with its bricks in order, sets its profile and options, starts it and waits until every brick is online. One that exists gets whole new sets of bricks, and its files are then spread over all; no brick of it is moved or taken out.',
  want: Want,
  jobs,
  facts,

  plan(want, is: Is) {
    const { name, bricks } = want;
    const node = Object.keys(is)[0] ?? '';
    const info = existing(name, is);
    const profile = want.group === null ? null : (is[node]?.profile.text ?? null);
    const faults = judge(want, is, info, profile, is[node]?.profile.parent === true);
    if (faults.length > 0) throw new CannotPlan(...faults);

    const known = info !== null || Object.values(is).some(({ disk }) => disk.volumes.includes(name));
    const found = info === null ? null : compared(want, is, info);
    const more = found?.is === 'grown' ? found.bricks : [];
    const down = bricks.some((brick) => !more.includes(brick) && is[brick.node]?.running.has(brick.path) !== true);
    const remains = (known ? more : bricks).filter((brick) => {
      const state = stateOf(is, brick.node, brick.path);
      return state !== undefined && isRemains(brick.path, state);
    });
    const runs = info?.status === 'started' || want.start;
    const [waiting] = info === null ? [] : Object.entries(is).flatMap(([on, { owed }]) => (owed === info.id ? [on] : []));
    const volume = { ...want, bricks: bricks.map(({ node: on, path }) => ({ node: on, path })) };
    return [
      ...remains.map((brick) => clearRemains(name, brick)),
      ...(known ? [] : [create(node, volume, needsForce(want, is))]),
      // A volume that no glusterd tells about is one whose daemons are down: its options are looked at when they run.
      ...(known && info === null ? [] : options(node, volume, info, profile === null ? null : parseGroup(profile))),
      ...(want.start && (info?.status !== 'started' || down) ? [start(node, name, info)] : []),
      ...(more.length > 0 ? [grow(waiting ?? node, name, more, needsForce({ ...want, bricks: [...more] }, is))] : []),
      ...(runs && (more.length > 0 || waiting !== undefined) ? [rebalance(waiting ?? node, name)] : []),
    ];
  },

  notes(want, is: Is) {
    const info = existing(want.name, is);
    return info?.status === 'started' && !want.start ? [`${want.name} runs although the file has start: false; it is not stopped`] : [];
  },
});

import type { Report } from '../../errors.ts';
import type { VolumeInfo } from '../../gluster/volume-info.ts';
import { sharedSets } from '../volume/layout.ts';
import { isUp } from './facts.ts';
import { type Pair, pairsOf } from './pairs.ts';
import type { Going, Views } from './view.ts';
import type { Want } from './want.ts';

const BY_HAND: Readonly<Record<string, string>> = {
  distribute:
    'give the volume further bricks in the file and apply; then: gluster volume remove-brick VOLUME OLD:/BRICK start, and commit when its status says completed',
};

const words = (list: readonly string[]): string => list.join(', ');

/** The pool as a whole: whoever else is away, nothing is moved. */
export const poolFaults = (
  { old, by }: Pick<Want, 'old' | 'by'>,
  going: Going,
  is: Readonly<Record<string, Pick<Views[string], 'pool' | 'volumes'>>>,
): Report[] => {
  const answer = is[going.on]?.pool;
  if (!answer?.ok) {
    return [
      {
        node: going.on,
        what: 'glusterd does not say who is in the pool',
        why: answer?.problem.cause,
        next: answer?.problem.remedy ?? 'systemctl status glusterd',
      },
    ];
  }
  const { peers } = answer.value;
  const up = peers.filter((peer) => peer.self || (peer.connected && !(going.dead && peer.uuid === going.peer.uuid)));
  const away = peers.filter((peer) => !up.includes(peer) && peer.uuid !== going.peer.uuid && !peer.hostnames.includes(by));
  const volumes = Object.values(is).flatMap(({ volumes: found }) => (found.ok ? found.value : []));
  const strict = volumes.some(({ options }) => options.get('cluster.server-quorum-type') === 'server');
  const lost = strict ? up.length * 2 <= peers.length : up.length * 2 < peers.length;
  return [
    ...(lost
      ? [
          {
            node: going.on,
            what: `the pool has lost its quorum: ${up.length} of ${peers.length} members are there`,
            why: 'the others may go on without these, and know another truth',
            next: `bring more of them back before ${old} is replaced`,
          },
        ]
      : []),
    ...away.map((peer) => ({
      node: peer.hostname,
      what: 'is in the pool and not connected',
      why: `${going.on} says so; while it is away its bricks may be the ones that are needed`,
      next: `bring it back, or take it out of the pool, before ${old} is replaced`,
    })),
  ];
};

export const setFaults = (
  pair: Pair,
  { dead }: Pick<Going, 'dead'>,
  is: Readonly<Record<string, Pick<Views[string], 'up'>>>,
  nameOf: (uuid: string, host: string) => string,
): Report[] => {
  const { volume, type, from, others, going, redundancy } = pair;
  const down = others.filter(({ host, hostUuid, path }) => {
    const up = is[nameOf(hostUuid, host)]?.up;
    return up === undefined || !isUp(up, volume, path);
  });
  const data = others.filter(({ arbiter }) => !arbiter);
  const few = dead && (type === 'disperse' ? going > redundancy : data.length === 0);
  if (down.length === 0 && !few) return [];
  return [
    {
      what: `${volume}: too few bricks of the set of ${from.host}:${from.path} are left to make a new one from`,
      why: few
        ? `${going} of its ${others.length + going} bricks were on the node that is lost`
        : `down: ${words(down.map(({ host, path }) => `${host}:${path}`))}`,
      next: few
        ? 'bring the node back, or restore from a backup; replacing the bricks would make the loss final'
        : `bring them online first: gluster volume start ${volume} force; then look at gluster volume heal ${volume} info`,
    },
  ];
};

const volumeFaults = (want: Want, info: VolumeInfo, pairs: readonly Pair[] | null, going: Going): Report[] => {
  const { old, by } = want;
  const { name } = info;
  const file = want.volumes.find((volume) => volume.name === name);
  if (file === undefined)
    return [
      { what: `${old} has bricks of the volume ${name}, which the file does not name`, next: `write ${name} into the file as it is` },
    ];
  if (info.type === 'distribute' || info.type === 'other')
    return [
      {
        what: `${name}: a brick of a ${info.type === 'other' ? info.typeText : info.type} volume cannot be replaced`,
        why: 'no other brick has its files, so a new one would stay empty and the files would be lost',
        next: BY_HAND.distribute?.replace('VOLUME OLD:/BRICK', `${name} ${old}:/BRICK`),
      },
    ];
  if (pairs === null)
    return [
      {
        check: 'volume-differs',
        what: `the volume ${name} has another layout than the file, also apart from ${old}`,
        next: `write into the file what is there (gluster volume info ${name}), with the bricks of ${old} on ${old} or on ${by}`,
      },
    ];
  if (info.status !== 'started')
    return [
      {
        what: `the volume ${name} does not run, so nothing can be copied to a new brick`,
        next: `start it first: gluster volume start ${name}`,
      },
    ];
  const shared = file.allow.includes('same-node') ? [] : sharedSets(file);
  return [
    ...shared.map((set) => ({
      what: `${name}: ${set}`,
      why: 'when that node is away, the set has too few bricks left',
      next: `choose another node than ${by}, or accept the risk with allow: [same-node]`,
    })),
    ...(going.connected || going.dead
      ? []
      : [
          {
            node: old,
            what: `answers on port 24007, and ${going.on} is not connected to it`,
            next: `see /var/log/glusterfs/glusterd.log on both`,
          },
        ]),
  ];
};

export interface Judged {
  faults: Report[];
  pairs: Pair[];
}

/** All that stands against moving the bricks, and which goes where. */
export const judge = (want: Want, going: Going, is: Views): Judged => {
  const { old } = want;
  const byUuid = new Map(Object.entries(is).map(([node, { disk }]) => [disk.uuid, node]));
  const nameOf = (uuid: string, host: string): string => byUuid.get(uuid) ?? host;
  const infos = is[going.on]?.volumes;
  const concerned = infos?.ok ? infos.value.filter(({ bricks }) => bricks.some(({ hostUuid }) => hostUuid === going.peer.uuid)) : [];
  const faults: Report[] = [...poolFaults(want, going, is)];
  const pairs: Pair[] = [];
  if (going.seenBy.length > 0)
    faults.push({
      node: going.on,
      what: `does not reach glusterd of ${old}, and ${words(going.seenBy)} does`,
      why: 'the network between them is cut, so nobody can say whether it is dead',
      next: `mend the network: port 24007 from ${going.on} to ${old}`,
    });
  for (const info of concerned) {
    const file = want.volumes.find(({ name }) => name === info.name);
    const found = file ? pairsOf(file, info, going.peer.uuid, ({ host, hostUuid }) => nameOf(hostUuid, host)) : null;
    const own = volumeFaults(want, info, found, going);
    faults.push(...own);
    if (own.length > 0 || found === null) continue;
    const short = found.flatMap((pair) => setFaults(pair, going, is, nameOf));
    faults.push(...new Map(short.map((fault) => [fault.why, fault])).values());
    pairs.push(...found);
  }
  return { faults, pairs };
};

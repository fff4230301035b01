import type { Cluster } from '../model/cluster.ts';
import type { Answer } from './answer.ts';
import type { HealSummary } from './heal.ts';
import { type Pool, REJECTED } from './pool.ts';
import type { VolumeInfo } from './volume-info.ts';
import { joinStatus, type VolumeState, type VolumeStatus } from './volume-status.ts';

/** What was seen, by node; a node that could not be asked is not in `pools`. */
export interface Seen {
  pools: ReadonlyMap<string, Answer<Pool>>;
  volumes: Answer<readonly VolumeInfo[]>;
  status: ReadonlyMap<string, Answer<readonly VolumeStatus[]>>;
  heal: ReadonlyMap<string, Answer<HealSummary>>;
  unreachable: ReadonlyMap<string, string>;
}

export interface Fault {
  /** What is not well: a node, a peer, a volume, a brick. */
  of: string;
  what: string;
  next: string;
}

export interface Health {
  healthy: boolean;
  peers: readonly { node: string; reachable: boolean; glusterd: boolean; connectedTo: readonly string[] }[];
  volumes: readonly {
    name: string;
    type: string;
    status: VolumeInfo['status'];
    state: VolumeState;
    /** Entries that wait to be healed; null where nobody could count, or where nothing heals (distribute). */
    healEntries: number | null;
    splitBrain: number | null;
  }[];
  faults: readonly Fault[];
}

/** A brick whose filesystem is fuller than this cannot take part in a rebalance or a self-heal for long. */
const FULL = 0.9;

const heals = (volume: VolumeInfo): boolean => volume.type === 'replicate' || volume.type === 'arbiter' || volume.type === 'disperse';

const peerFaults = (names: readonly string[], { pools, unreachable }: Seen): Fault[] =>
  names.flatMap((node): Fault[] => {
    const lost = unreachable.get(node);
    if (lost !== undefined)
      return [{ of: node, what: `cannot be reached: ${lost}`, next: 'mend the connection; the pool itself may be well' }];
    const pool = pools.get(node);
    if (!pool?.ok)
      return [
        { of: node, what: pool?.problem.cause ?? 'glusterd did not answer', next: pool?.problem.remedy ?? 'systemctl status glusterd' },
      ];
    return names
      .filter((other) => other !== node)
      .flatMap((other): Fault[] => {
        const peer = pool.value.peers.find((p) => p.hostnames.includes(other));
        if (!peer) return [{ of: node, what: `does not know ${other}`, next: 'glusterctl plan shows what is missing' }];
        if (peer.state === REJECTED)
          return [{ of: node, what: `rejects ${other}`, next: `compare the versions; then restart glusterd on ${other}` }];
        return peer.connected
          ? []
          : [{ of: node, what: `is not connected to ${other}`, next: `look at glusterd and the network of ${other}` }];
      });
  });

const volumeFaults = (volume: Health['volumes'][number], canHeal: boolean): Fault[] => {
  const of = volume.name;
  if (volume.status !== 'started')
    return [{ of, what: `is ${volume.status}, not started`, next: 'glusterctl apply starts it when cluster.yaml says so' }];
  const faults: Fault[] = [];
  for (const b of volume.state.bricks) {
    const brick = `${b.host}:${b.path}`;
    if (!b.online)
      faults.push({
        of,
        what: `the brick ${brick} is down`,
        next: `look at ${b.host}: is its filesystem mounted? then: gluster volume start ${of} force`,
      });
    const { total, free } = b.space ?? {};
    if (total && free !== null && free !== undefined && 1 - free / total > FULL) {
      faults.push({
        of,
        what: `the brick ${brick} is ${Math.round((1 - free / total) * 100)} % full`,
        next: 'free space, or extend the volume',
      });
    }
  }
  if (volume.splitBrain)
    faults.push({ of, what: `${volume.splitBrain} entries are in split-brain`, next: `gluster volume heal ${of} info split-brain` });
  if (canHeal && volume.healEntries === null)
    faults.push({ of, what: 'what waits to be healed could not be counted', next: `gluster volume heal ${of} info` });
  else if (volume.healEntries)
    faults.push({
      of,
      what: `${volume.healEntries} entries wait to be healed`,
      next: 'wait for the self-heal daemon; glusterctl status shows the count',
    });
  return faults;
};

/** What the nodes said -> whether the pool is as the file wants it, and what is not. */
export const health = (cluster: Pick<Cluster, 'nodes' | 'volumes'>, seen: Seen): Health => {
  const servers = cluster.nodes.filter((n) => n.roles.includes('server')).map((n) => n.name);
  const infos = seen.volumes.ok ? seen.volumes.value : [];
  const volumes = infos.map((info) => {
    const status = seen.status.get(info.name);
    const heal = seen.heal.get(info.name);
    const found = status?.ok ? status.value.find((s) => s.name === info.name) : undefined;
    const counted = heals(info) && heal?.ok ? heal.value : null;
    return {
      name: info.name,
      type: info.typeText,
      status: info.status,
      state: joinStatus(info, found),
      healEntries: counted?.entries ?? null,
      splitBrain: counted?.splitBrain ?? null,
    };
  });
  const byName = new Map(infos.map((info) => [info.name, info]));
  const faults = [
    ...peerFaults(servers, seen),
    ...(seen.volumes.ok
      ? []
      : [{ of: 'pool', what: `volumes could not be read: ${seen.volumes.problem.cause}`, next: seen.volumes.problem.remedy }]),
    ...volumes.flatMap((volume) => {
      const info = byName.get(volume.name);
      return volumeFaults(volume, info !== undefined && heals(info));
    }),
    ...cluster.volumes
      .filter((v) => seen.volumes.ok && !byName.has(v.name))
      .map((v) => ({ of: v.name, what: 'is in the file but not in the pool', next: 'glusterctl apply creates it' })),
  ];
  const peers = servers.map((node) => {
    const pool = seen.pools.get(node);
    const connectedTo = pool?.ok
      ? servers.filter((o) => o !== node && pool.value.peers.some((p) => p.connected && p.hostnames.includes(o)))
      : [];
    return { node, reachable: !seen.unreachable.has(node), glusterd: pool?.ok === true && pool.value.peers.length > 0, connectedTo };
  });
  return { healthy: faults.length === 0, peers, volumes, faults };
};

import type { Answer } from '../../gluster/answer.ts';
import type { Pool } from '../../gluster/pool.ts';
import type { VolumeInfo } from '../../gluster/volume-info.ts';
import type { GlusterdState, KnownPeer } from '../pool/glusterd-state.ts';

/** What the nodes that stay say of the one that goes. */
export interface ReplaceFacts {
  disk: GlusterdState;
  pool: Answer<Pool>;
  volumes: Answer<readonly VolumeInfo[]>;
  up: ReadonlySet<string>;
  owed: ReadonlySet<string>;
  reached: boolean | null;
}
export type Views = Readonly<Record<string, ReplaceFacts>>;

export interface Going {
  /** The member from which it is replaced. */
  on: string;
  peer: KnownPeer;
  /** Its glusterd does not answer `on`; where its name leads nowhere, the pool says so. */
  dead: boolean;
  /** Members beside `on` that reach it while `on` does not. */
  seenBy: readonly string[];
  /** What `on` says of it. */
  connected: boolean;
}

type Sight = Pick<ReplaceFacts, 'disk' | 'pool' | 'reached'>;

/** The node that goes, as the first member that knows it sees it; null where it is in no pool that ours are in. */
export const goingOf = (old: string, by: string, is: Readonly<Record<string, Sight>>): Going | null => {
  const others = Object.entries(is).filter(([node]) => node !== by);
  for (const [on, { disk, pool, reached }] of others) {
    const peer = disk.peers.find(({ names }) => names.includes(old));
    if (peer === undefined) continue;
    const connected = pool.ok && pool.value.peers.some(({ uuid, connected: up }) => uuid === peer.uuid && up);
    const dead = reached === false || (reached === null && !connected);
    const seenBy = dead ? others.flatMap(([node, facts]) => (facts.reached === true ? [node] : [])) : [];
    return { on, peer, dead, seenBy, connected };
  }
  return null;
};

import type { Answer } from '../../gluster/answer.ts';
import { isMember, type Pool } from '../../gluster/pool.ts';
import type { GlusterdState, KnownPeer } from '../pool/glusterd-state.ts';

/** What a node of the file says of the pool. */
export interface PeerFacts {
  disk: GlusterdState;
  pool: Answer<Pool>;
  names: ReadonlyMap<string, readonly string[]>;
}

export type PeerViews = Readonly<Record<string, PeerFacts>>;

export const uuidOf = (is: PeerViews, node: string): string | null => is[node]?.disk.uuid ?? null;

export const knownBy = (is: PeerViews, viewer: string): readonly KnownPeer[] => is[viewer]?.disk.peers ?? [];

/** How `viewer` knows `node`, by UUID. */
export const peerOf = (is: PeerViews, viewer: string, node: string): KnownPeer | undefined => {
  const uuid = uuidOf(is, node);
  return uuid === null ? undefined : knownBy(is, viewer).find((peer) => peer.uuid === uuid);
};

/**
 * The node to probe from: one that shares a pool with most of ours; it, not the others, can take members in. Where none
 * does, one that has volumes, since glusterd lets no such node be probed. Else the first of the file.
 */
export const coordinatorOf = (nodes: readonly string[], is: PeerViews): string => {
  const rank = (node: string): number => {
    const ours = nodes.filter((other) => peerOf(is, node, other) !== undefined).length;
    return ours * 4 + ((is[node]?.disk.volumes.length ?? 0) > 0 ? 2 : 0) + (knownBy(is, node).length > 0 ? 1 : 0);
  };
  return nodes.reduce((best, node) => (rank(node) > rank(best) ? node : best));
};

/** Every node sees every other as a full, connected member. False as long as one does not say. */
export const isWholeMesh = (nodes: readonly string[], is: PeerViews): boolean =>
  nodes.every((viewer) =>
    nodes.every((other) => {
      if (other === viewer) return true;
      const uuid = uuidOf(is, other);
      const seen = is[viewer]?.pool;
      const peer = seen?.ok ? seen.value.peers.find((p) => p.uuid === uuid) : undefined;
      return uuid !== null && peer !== undefined && !peer.self && isMember(peer);
    }),
  );

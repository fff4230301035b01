import type { FactOutput } from '../model/fact.ts';
import { type Answer, mapAnswer, reply } from './answer.ts';
import { all, at, count, own, text } from './xml.ts';

/** A member of the pool as one member sees it. */
export interface Peer {
  uuid: string;
  /** The name it was first probed by; `localhost` for the node that was asked. */
  hostname: string;
  /** All names it is known by. */
  hostnames: readonly string[];
  connected: boolean;
  /** Peer state: 3 in cluster, 6 rejected; the others pass. null for the node that was asked. glusterd-sm.h */
  state: number | null;
  stateText: string;
  /** The node that was asked. */
  self: boolean;
}

export interface Pool {
  peers: readonly Peer[];
}

/** A full member that can be reached: only then does glusterd take bricks on it. */
export const isMember = (peer: Peer): boolean => peer.self || (peer.connected && peer.state === 3);

export const REJECTED = 6;

export const parsePool = (out: FactOutput): Answer<Pool> =>
  mapAnswer(reply(out), ({ xml }) => ({
    peers: all(at(xml, 'peerStatus'), 'peer').map((peer) => {
      const hostname = text(peer, 'hostname');
      const state = count(peer, 'state');
      const names = all(at(peer, 'hostnames'), 'hostname').map(own);
      return {
        uuid: text(peer, 'uuid'),
        hostname,
        hostnames: [...new Set([hostname, ...names])],
        connected: text(peer, 'connected') === '1',
        state,
        stateText: text(peer, 'stateStr'),
        self: hostname === 'localhost' && state === null,
      };
    }),
  }));

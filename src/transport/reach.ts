import type { Duplex } from 'node:stream';
import { ofHop } from './failure.ts';
import type { Shared } from './shared.ts';
import { type Connection, connect, dial, type Visit } from './ssh2-connection.ts';
import { chain, placeOf, type Target } from './target.ts';

interface Hop {
  connection: Promise<Connection>;
  users: number;
}

const hops = new WeakMap<Shared, Map<string, Hop>>();

const keyOf = (target: Target): string => JSON.stringify([chain(target), target.identity, target.knownHosts, target.hostKeys]);

/** A connection to a jump host, one for all who go the same way; it ends with its last user. */
const borrow = async (target: Target, node: string, shared: Shared): Promise<{ connection: Connection; giveBack: () => void }> => {
  const open = hops.get(shared) ?? new Map<string, Hop>();
  hops.set(shared, open);
  const key = keyOf(target);
  const hop = open.get(key) ?? {
    connection: reach({ target, node, password: null, signal: shared.options.signal ?? new AbortController().signal }, shared),
    users: 0,
  };
  open.set(key, hop);
  hop.users += 1;
  const drop = (): void => {
    if (open.get(key) === hop) open.delete(key);
  };
  const giveBack = (): void => {
    hop.users -= 1;
    if (hop.users > 0) return;
    drop();
    hop.connection.then((c) => c.end()).catch(() => {});
  };
  try {
    const connection = await hop.connection;
    connection.closed.then(drop);
    return { connection, giveBack };
  } catch (error) {
    drop();
    throw ofHop(placeOf(target), error);
  }
};

/** Connects to a place, through its jump hosts if it has any, each of them verified by its own name. */
export const reach = async (visit: Visit, shared: Shared): Promise<Connection> => {
  const { target } = visit;
  if (target.via === null) return connect(visit, dial(target.host, target.port), shared);
  const { connection: hop, giveBack } = await borrow(target.via, visit.node, shared);
  try {
    const stream: Duplex = await hop.forward(target.host, target.port);
    const connection = await connect(visit, stream, shared);
    connection.closed.then(giveBack);
    return connection;
  } catch (error) {
    giveBack();
    throw error;
  }
};

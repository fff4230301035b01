import { ConnectError } from '../errors.ts';
import type { Node } from '../model/cluster.ts';
import type { Link } from './link.ts';
import { reach } from './reach.ts';
import type { Shared } from './shared.ts';
import { loadSsh2 } from './ssh2.ts';
import type { Connection } from './ssh2-connection.ts';
import { SessionRefused } from './ssh2-exec.ts';
import { placeOf, resolveTarget, type Target } from './target.ts';

/** sshd's MaxSessions, unless it says otherwise by refusing. */
const SESSIONS = 10;

interface Slot {
  connection: Connection;
  sessions: number;
  limit: number;
  used: boolean;
}

const noProxyCommand = (target: Target): ConnectError =>
  new ConnectError({
    what: `cannot connect to ${placeOf(target)}`,
    why: '~/.ssh/config sets ProxyCommand for it, which only the ssh program can run',
    next: 'set ssh.transport: openssh, or give a jump host (ssh.jump)',
  });

/** Built in: no ssh program is needed on this machine. */
export const ssh2Link = (node: Node, shared: Shared): Link => {
  const { options } = shared;
  let target: Promise<Target> | null = null;
  let opening: Promise<Slot> | null = null;
  let slots: Slot[] = [];
  let password: string | null = null;
  const closing = new AbortController();

  const where = (): Promise<Target> => {
    if (target === null) {
      target = resolveTarget(node, shared.config, options);
      target.catch(() => {
        target = null;
      });
      // While ssh -G runs, the library can be loaded.
      setImmediate(() => void loadSsh2());
    }
    return target;
  };

  const connect = async (): Promise<Slot> => {
    const to = await where();
    if (to.via === null && to.proxyCommand !== null) throw noProxyCommand(to);
    const { signal } = options;
    const began = performance.now();
    const stop = signal ? AbortSignal.any([closing.signal, signal]) : closing.signal;
    const connection = await reach({ target: to, node: node.name, password, signal: stop }, shared);
    options.log?.(`${node.name}: logged in to ${placeOf(to)} in ${Math.round(performance.now() - began)} ms`);
    password = connection.password;
    const slot: Slot = { connection, sessions: 0, limit: SESSIONS, used: false };
    connection.closed.then(() => {
      slots = slots.filter((s) => s !== slot);
    });
    if (closing.signal.aborted) {
      await connection.end();
      throw closing.signal.reason;
    }
    slots.push(slot);
    return slot;
  };

  const free = async (): Promise<Slot> => {
    for (;;) {
      const slot = slots.find((s) => s.connection.alive && s.sessions < s.limit);
      if (slot) {
        slot.sessions += 1;
        return slot;
      }
      opening ??= connect().finally(() => {
        opening = null;
      });
      await opening;
    }
  };

  return {
    async open() {
      const { user } = await where();
      if (!slots.some((s) => s.connection.alive)) {
        opening ??= connect().finally(() => {
          opening = null;
        });
        await opening;
      }
      return { root: user === 'root', user };
    },
    async exec(command) {
      for (;;) {
        const slot = await free();
        try {
          const code = await slot.connection.exec(command);
          slot.used = true;
          return code;
        } catch (error) {
          if (!(error instanceof SessionRefused)) throw error;
          // Nothing was run. A connection that is new and idle and still gets no session will not get one later.
          if (slot.connection.alive && !slot.used && slot.sessions === 1)
            throw new ConnectError({
              check: 'sshd-sessions',
              what: 'the login works, but sshd gives no session',
              why: error.message,
              next: 'look at MaxSessions in sshd_config on the node',
            });
          slot.limit = slot.sessions - 1;
          slot.used = true;
        } finally {
          slot.sessions -= 1;
          if (slot.limit === 0 && slot.sessions === 0) void slot.connection.end();
        }
        command.signal.throwIfAborted();
      }
    },
    async close() {
      closing.abort(new Error(`${node.name} is closed`));
      await Promise.all(slots.map((s) => s.connection.end(s.sessions === 0)));
    },
  };
};

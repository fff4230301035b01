import { Socket, connect as tcpConnect } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import { ConnectError } from '../errors.ts';
import { noAnswer, unreachable } from './failure.ts';
import { identities } from './identities.ts';
import type { Command } from './link.ts';
import { login } from './login.ts';
import { CONNECT_TIMEOUT } from './options.ts';
import type { Shared } from './shared.ts';
import { loadSsh2 } from './ssh2.ts';
import { ALGORITHMS } from './ssh2-algorithms.ts';
import { execOn } from './ssh2-exec.ts';
import { placeOf, type Target } from './target.ts';
import { watchdog } from './watchdog.ts';

export interface Connection {
  readonly alive: boolean;
  /** Throws SessionRefused when the server gives no further session on this connection. */
  exec(command: Command): Promise<number>;
  /** A stream to a place that the server reaches. */
  forward(host: string, port: number): Promise<Duplex>;
  /** The password it was opened with, if any. */
  password: string | null;
  closed: Promise<void>;
  /** `idle`: no command is on its way, so nothing on the node waits for this end, and nobody here for sshd to take note of it. */
  end(idle?: boolean): Promise<void>;
}

/** A connection that died unnoticed (power cut) is given up after four of these. */
const KEEPALIVE = 15_000;

/** Nagle's algorithm off: a script's few small packets would each wait for the other side's delayed acknowledgement. */
export const dial = (host: string, port: number) => tcpConnect({ host, port, noDelay: true });

export interface Visit {
  target: Target;
  /** The node that it is for, for questions. */
  node: string;
  /** The one that was right before. */
  password: string | null;
  /** Gives up the attempt; a connection that stands is not touched. */
  signal: AbortSignal;
}

/** Logs in. Throws ConnectError or Refused; the host key was checked before anything was sent. */
export const connect = async (visit: Visit, socket: Duplex, shared: Shared): Promise<Connection> => {
  const { target, node, signal } = visit;
  let { password } = visit;
  const ms = shared.options.connectTimeout ?? CONNECT_TIMEOUT;
  const place = placeOf(target);
  let early: Error | null = null;
  const catchEarly = (error: Error): void => {
    early ??= error;
  };
  socket.on('error', catchEarly);
  const prepare = async () => {
    const ssh2 = await loadSsh2();
    return { ssh2, algorithms: await shared.hostKeys.algorithms(target), keys: await identities(target, node, ssh2, shared) };
  };
  const { ssh2, algorithms, keys } = await prepare().catch((error) => {
    socket.destroy();
    throw error;
  });
  signal.throwIfAborted();
  if (early) throw unreachable(place, early);

  const client = new ssh2.Client();
  let ready = false;
  let failure: Error | null = null;
  let whyLost = 'the other side closed it';
  let alive = true;
  const closed = new Promise<void>((resolve) => {
    client.once('close', () => {
      alive = false;
      resolve();
    });
  });
  const destroy = (): void => {
    alive = false;
    socket.destroy();
  };

  await new Promise<void>((resolve, reject) => {
    const fail = (error: Error): void => {
      if (ready) return;
      failure ??= error;
      dog.stop();
      signal.removeEventListener('abort', stop);
      reject(failure);
      client.end();
      destroy();
    };
    const stop = (): void => fail(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    const dog = watchdog(ms, 'connect', (step) => fail(noAnswer(place, step, ms)));
    const auth = login(target, node, keys, password, ssh2, shared, {
      pause: dog.pause,
      stop: () => process.nextTick(() => fail(auth.failure())),
    });
    client.on('connect', () => dog.step('greeting and key exchange'));
    client.on('handshake', () => dog.step('login'));
    client.on('error', (error: Error & { level?: string }) => {
      if (ready) {
        whyLost = error.message === 'Keepalive timeout' ? `no answer for ${(4 * KEEPALIVE) / 1000} s` : error.message;
        alive = false;
        return;
      }
      if (error.level === 'agent') return;
      const fatal = auth.fatal();
      if (fatal) fail(fatal);
      else if (error.level === 'client-authentication') fail(auth.failure());
      else if (error.level === 'client-socket') fail(unreachable(place, error));
      else if (/too many auth/i.test(error.message)) fail(auth.failure(`${error.message}: give the right key by ssh.identityFile`));
      else fail(new ConnectError({ what: `cannot connect to ${place}`, why: error.message, next: 'look at the log of sshd on the node' }));
    });
    client.on('close', () =>
      fail(
        new ConnectError({
          what: `cannot connect to ${place}`,
          why: 'the server closed the connection',
          next: 'look at the log of sshd on the node (MaxStartups, DenyUsers, fail2ban)',
        }),
      ),
    );
    client.on('ready', () => {
      ready = true;
      dog.stop();
      signal.removeEventListener('abort', stop);
      password = auth.password() ?? password;
      resolve();
    });
    client.connect({
      sock: socket as never,
      username: target.user,
      readyTimeout: 0,
      keepaliveInterval: KEEPALIVE,
      keepaliveCountMax: 4,
      hostVerifier: (key: Buffer, verify: (ok: boolean) => void) => {
        shared.hostKeys.check(target, key).then(
          () => verify(true),
          (error: Error) => {
            failure ??= error;
            verify(false);
          },
        );
      },
      algorithms: {
        ...ALGORITHMS,
        serverHostKey: algorithms as ServerHostKeyAlgorithm[],
      },
      // The types leave out that nothing is known before the first answer.
      authHandler: auth.handler as never,
    });
    socket.removeListener('error', catchEarly);
  });

  return {
    get alive() {
      return alive;
    },
    password,
    closed,
    exec: (command) => execOn(client, place, ms, () => whyLost, destroy, command),
    forward: (host, port) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(noAnswer(`${host}:${port}`, 'connect', ms)), ms);
        client.forwardOut('127.0.0.1', 0, host, port, (error, channel) => {
          clearTimeout(late);
          if (!error) return resolve(channel);
          const why = error.message.replace('(SSH) Channel open failure: ', '');
          reject(
            new ConnectError({
              what: `cannot connect to ${host}:${port}`,
              why: `${placeOf(target)} says: ${why || 'no'}`,
              next: 'look whether the node is up, and whether the jump host reaches it and may forward (AllowTcpForwarding)',
            }),
          );
        });
      }),
    end: async (idle = false) => {
      if (idle && socket instanceof Socket) socket.once('finish', destroy);
      client.end();
      const late = setTimeout(destroy, 1000);
      await closed;
      clearTimeout(late);
    },
  };
};

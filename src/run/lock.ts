import { Locked } from '../errors.ts';
import type { Host } from '../model/host.ts';
import { sh } from '../sh.ts';
import { anySignal } from './context.ts';
import { GUARDS } from './guard.ts';

const TAKEN = 75;
const ORPHAN = 76;

/**
 * The lock is an flock that this script holds for as long as its channel lives: the line a second that it
 * prints fails once the connection is gone, and with it ends the script. The kernel releases the rest.
 * A lock that is taken is tried for ten seconds, since that of a run that was just killed may linger for one.
 * Then a script that an earlier, killed run left at work is waited for, and a change that nobody has confirmed
 * until the node has taken it back.
 */
const holdLock = (who: string): string =>
  sh`
  exec 9>>/run/glusterctl.lock || exit 1
  i=0
  until flock -n 9; do
    i=$((i + 1))
    if [ "$i" -ge 10 ]; then cat /run/glusterctl.lock >&2; exit ${TAKEN}; fi
    sleep 1 9>&-
  done
  printf '%s since %s\n' ${who} "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >/run/glusterctl.lock
  exec 8>>/run/glusterctl.change.lock
  if ! flock -n 8; then echo waiting; flock -w 900 8 || exit ${ORPHAN}; fi
  exec 8>&-
  i=0
  while [ -n "$(ls ${GUARDS} 2>/dev/null)" ]; do
    [ "$i" -gt 0 ] || echo waiting
    [ "$i" -lt 900 ] || exit ${ORPHAN}
    i=$((i + 1))
    sleep 1 9>&-
  done
  echo locked || exit 1
  while sleep 1 9>&-; do echo held || exit 0; done`.text;

/** Why a lock's signal is aborted. */
export class LockLost extends Error {
  readonly node: string;
  constructor(node: string) {
    super(`the connection to ${node} that holds the lock was lost`);
    this.node = node;
  }
}

export interface Lock {
  /** Aborted, with a LockLost, when the lock is lost: the connection broke, and another run may take over. */
  lost: AbortSignal;
  release(): Promise<void>;
}

/**
 * Takes the lock of one node. Throws Locked when another run holds it. `say` is told when a script of a
 * killed run is being waited for.
 */
export const lockNode = (host: Host, who: string, say: (text: string) => void, signal?: AbortSignal): Promise<Lock> =>
  new Promise((resolve, reject) => {
    const cut = new AbortController();
    const lost = new AbortController();
    let held = false;
    const release = async (): Promise<void> => {
      cut.abort();
      await done;
    };
    const onLine = (line: string) => {
      if (line === 'waiting') say(`${host.name}: a script of an earlier run is still at work there; waiting for it to end`);
      if (line !== 'locked') return;
      held = true;
      resolve({ lost: lost.signal, release });
    };
    const stop = signal ? anySignal(cut.signal, signal) : cut.signal;
    const done = host
      .run(holdLock(who), { signal: stop, timeout: 2 ** 31 - 1, onLine: (line, stream) => stream === 'stdout' && onLine(line) })
      .then(
        ({ code, stderr }) => {
          if (held) return lost.abort(new LockLost(host.name));
          const next = 'wait until it ends; a lock ends by itself with the connection of the run that holds it';
          if (code === TAKEN) reject(new Locked({ node: host.name, what: 'another run is at work', why: stderr.trim(), next }));
          else if (code === ORPHAN)
            reject(
              new Locked({
                node: host.name,
                what: 'a script of an earlier run has not ended within 15 minutes',
                next: `look for it with: fuser -v /run/glusterctl.change.lock; or for what waits to be taken back: ls ${GUARDS}`,
              }),
            );
          else
            reject(
              new Locked({ node: host.name, what: 'the lock /run/glusterctl.lock cannot be taken', why: stderr.trim() || `exit ${code}` }),
            );
        },
        (error: unknown) => (held ? lost.abort(new LockLost(host.name)) : reject(error)),
      );
  });

/** Takes the locks of all nodes or of none. */
export const lockNodes = async (hosts: readonly Host[], who: string, say: (text: string) => void, signal?: AbortSignal): Promise<Lock> => {
  const tried = await Promise.allSettled(hosts.map((host) => lockNode(host, who, say, signal)));
  const locks = tried.flatMap((t) => (t.status === 'fulfilled' ? [t.value] : []));
  const release = async () => void (await Promise.all(locks.map((lock) => lock.release())));
  const failed = tried.find((t) => t.status === 'rejected');
  if (failed) {
    await release();
    throw failed.reason;
  }
  return { lost: anySignal(...locks.map((lock) => lock.lost)), release };
};

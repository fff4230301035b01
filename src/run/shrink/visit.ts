import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectError, Locked } from '../../errors.ts';
import type { Host, Receiver } from '../../model/host.ts';
import { sh } from '../../sh.ts';
import type { System } from '../../shrink/legs.ts';
import { LIVE_SIGN } from '../../shrink/names.ts';
import { lockNode } from '../lock.ts';

/** Seconds until a node that was told to reboot has to answer: a server's firmware alone may take five minutes. */
export const BOOT_LIMIT = 900;
/** Seconds for which a lost connection is tried again. */
export const RECONNECT_LIMIT = 300;
/** Between two tries. */
const PAUSE = 3000;

/** How to get to a node, whatever system it is in. */
export interface Door {
  node: string;
  /** As a lock names it. */
  who: string;
  /** A new connection; 'root' where the file names another user, whom the live system does not know. */
  open(user?: 'root'): Receiver;
  note(text: string): void;
  /** Aborted by whoever does not want to wait any longer. */
  cut: AbortSignal;
  /** Milliseconds between two tries; default 3 s. */
  pause?: number;
}

/** Being on a node, in one boot of it, with its lock held. */
export interface Visit {
  host: Receiver;
  /** Unlike in every other boot. */
  boot: string;
  system: System;
  /** Aborted when the connection that holds the lock is lost. */
  lost: AbortSignal;
  leave(): Promise<void>;
}

export interface Place {
  boot: string;
  system: System;
}

export const WHERE = sh`
  cat /proc/sys/kernel/random/boot_id
  if [ -e ${LIVE_SIGN} ]; then echo live; else echo normal; fi`;

/** Which boot of which system answers. Throws ConnectError. */
export const where = async (host: Host, signal: AbortSignal): Promise<Place> => {
  const { stdout } = await host.run(WHERE.text, { signal, timeout: 60_000 });
  const [boot = '', system = ''] = stdout.trim().split('\n');
  if (boot === '' || (system !== 'live' && system !== 'normal'))
    throw new ConnectError({ node: host.name, what: 'the node does not say which system it is in' });
  return { boot, system };
};

export interface Arrival {
  /** A boot that is not waited for: the one that is about to end. */
  not: string | null;
  /** Which system is likely: only the order of the tries. */
  likely: System;
  /** Seconds. */
  limit: number;
}

/** What no waiting mends: a host key that is not the node's. */
const isFinal = (error: ConnectError): boolean => error.report.check === 'host-key';

const knock = async (door: Door, not: string | null, user: 'root' | undefined): Promise<Visit | ConnectError | Locked> => {
  const host = door.open(user);
  let stays = false;
  try {
    const { boot, system } = await where(host, door.cut);
    if (boot === not) return new ConnectError({ node: door.node, what: 'it has not rebooted yet' });
    const lock = await lockNode(host, door.who, door.note, door.cut);
    stays = true;
    const leave = async (): Promise<void> => {
      await lock.release();
      await host.close();
    };
    return { host, boot, system, lost: lock.lost, leave };
  } catch (error) {
    // The lock of the connection that was lost may linger.
    if (error instanceof Locked || (error instanceof ConnectError && !isFinal(error))) return error;
    throw error;
  } finally {
    if (!stays) await host.close();
  }
};

/** Waits for the node, in whatever system, and takes its lock. Throws ConnectError when the time is over, and at once for a wrong host key. */
export const arrive = async (door: Door, { not, likely, limit }: Arrival): Promise<Visit> => {
  const end = performance.now() + limit * 1000;
  const users = likely === 'live' ? (['root', undefined] as const) : ([undefined, 'root'] as const);
  for (;;) {
    let why = '';
    for (const user of users) {
      const visit = await knock(door, not, user);
      if (!(visit instanceof Error)) return visit;
      why = visit.message;
    }
    if (performance.now() > end)
      throw new ConnectError({ node: door.node, what: `the node did not answer within ${Math.round(limit / 60)} min`, why });
    await sleep(door.pause ?? PAUSE, undefined, { signal: door.cut });
  }
};

import type { Sh } from '../sh.ts';

/**
 * safe: nothing that runs is interrupted and no data is touched.
 * disruptive: a service restarts, a version goes down, a node reboots.
 * destructive: data on a device is lost; needs the device's serial typed.
 */
export type Risk = 'safe' | 'disruptive' | 'destructive';

export interface FileDiff {
  path: string;
  before: string;
  after: string;
}

/**
 * One deed, as data: what is shown is what is run, what is journaled and what is undone.
 * Scripts are POSIX sh, run as root in a sub-shell with stdin closed and LC_ALL=C.
 */
export interface Change {
  /** Unique within its step on its node, and the same each time the same thing is planned. */
  id: string;
  title: string;
  risk: Risk;
  diff?: FileDiff;
  /** May be run again after it was cut off at any point. */
  do: Sh;
  /** Idempotent; restores what was there. 'nothing' where there is nothing to restore. */
  undo: Sh | 'nothing';
  /** Exit 0 when, and only when, the change is in effect. */
  verify: Sh;
  /** Destructive only: the device whose serial has to be typed. `serial` is the place it is plugged in where it has none. */
  device?: { path: string; serial: string; loses: string };
  /**
   * For what could cut SSH: the node itself runs `undo` after so many seconds, unless glusterctl has logged in
   * anew by then. A connection that is there already proves nothing: firewalls let it be.
   */
  guard?: { seconds: number };
  /** A node that this takes for dead: its name has to be typed, or given by --confirm-dead. */
  lost?: string;
  /** It changes nothing, and only waits for what comes by itself, such as peers that connect again after a restart. */
  waits?: true;
}

/** A change of a pool step, which says itself where it runs. */
export interface PoolChange extends Change {
  node: string;
}

import type { Brick, Volume } from '../model/cluster.ts';
import { type Sh, sh } from '../sh.ts';

/*
 * Words for `gluster`, without the program: give them to `cli` to read an answer as XML, or to `g` of prelude.ts in a script.
 * --mode=script answers every question with yes, so nothing may be sent here that has not been asked of a human before.
 */

/**
 * The whole command: XML on stdout, stderr at its place because usage errors are there only.
 * Its own log is left out: reading must not write on a node.
 */
export const cli = (words: Sh): Sh => sh`gluster --mode=script --xml --log-file=/dev/null ${words} 2>&1 </dev/null`;

export const poolList = (): Sh => sh`pool list`;
export const peerProbe = (name: string): Sh => sh`peer probe ${name}`;
export const peerDetach = (name: string): Sh => sh`peer detach ${name}`;
export const peerStatus = (): Sh => sh`peer status`;

export const brick = ({ node, path }: Brick): string => `${node}:${path}`;

/** How bricks form sets, as `volume create` takes it. */
export type Layout = Pick<Volume, 'name' | 'type' | 'setSize' | 'redundancy' | 'bricks'>;

const kind = ({ type, setSize, redundancy }: Layout): Sh => {
  if (type === 'replicate') return sh`replica ${setSize}`;
  if (type === 'arbiter') return sh`replica ${setSize} arbiter 1`;
  // Both numbers are always given, or gluster asks about the redundancy and script mode says yes.
  if (type === 'disperse') return sh`disperse-data ${setSize - redundancy} redundancy ${redundancy}`;
  return sh``;
};

/** Never with `force`, unless every reason that gluster has against it was shown and allowed. */
export const volumeCreate = (volume: Layout, options: { force?: boolean } = {}): Sh => {
  const words = [kind(volume), ...volume.bricks.map((b) => sh`${brick(b)}`), ...(options.force === true ? [sh`force`] : [])];
  return sh`volume create ${volume.name} ${words.filter((w) => w.text !== '')}`;
};

export const volumeSet = (volume: string, option: string, value: string): Sh => sh`volume set ${volume} ${option} ${value}`;
export const volumeReset = (volume: string, option: string): Sh => sh`volume reset ${volume} ${option}`;
/** The profile is read on the node where this runs: /var/lib/glusterd/groups/GROUP. */
export const volumeGroup = (volume: string, group: string): Sh => sh`volume set ${volume} group ${group}`;
export const volumeStart = (volume: string): Sh => sh`volume start ${volume}`;
export const volumeStop = (volume: string): Sh => sh`volume stop ${volume}`;
/** Leaves all bricks with their data and marks. */
export const volumeDelete = (volume: string): Sh => sh`volume delete ${volume}`;
export const volumeList = (): Sh => sh`volume list`;
export const volumeInfo = (volume?: string): Sh => (volume === undefined ? sh`volume info` : sh`volume info ${volume}`);
/** Takes a lock on the pool while it runs, so ask it seldom and one after the other. */
export const volumeStatus = (volume = 'all'): Sh => sh`volume status ${volume}`;
export const volumeStatusDetail = (volume: string): Sh => sh`volume status ${volume} detail`;
export const volumeGet = (volume: string, option: string): Sh => sh`volume get ${volume} ${option}`;
export const healInfo = (volume: string): Sh => sh`volume heal ${volume} info`;
export const healSummary = (volume: string): Sh => sh`volume heal ${volume} info summary`;
export const healLaunch = (volume: string): Sh => sh`volume heal ${volume}`;
export const opVersion = (): Sh => sh`volume get all cluster.op-version`;
export const maxOpVersion = (): Sh => sh`volume get all cluster.max-op-version`;
export const setOpVersion = (version: number): Sh => sh`volume set all cluster.op-version ${version}`;

export const addBrick = (volume: Layout, bricks: readonly Brick[]): Sh => sh`volume add-brick ${volume.name} ${bricks.map(brick)}`;
export const removeBrick = (volume: string, bricks: readonly Brick[], verb: 'start' | 'status' | 'stop' | 'commit' | 'force'): Sh =>
  sh`volume remove-brick ${volume} ${bricks.map(brick)} ${verb}`;
export const replaceBrick = (volume: string, from: Brick, to: Brick): Sh =>
  sh`volume replace-brick ${volume} ${brick(from)} ${brick(to)} commit force`;
export const resetBrickStart = (volume: string, which: Brick): Sh => sh`volume reset-brick ${volume} ${brick(which)} start`;
export const resetBrickCommit = (volume: string, which: Brick): Sh =>
  sh`volume reset-brick ${volume} ${brick(which)} ${brick(which)} commit force`;
export const rebalance = (volume: string, verb: 'fix-layout start' | 'start' | 'status' | 'stop'): Sh =>
  sh`volume rebalance ${volume} ${verb.split(' ')}`;

export const snapshotList = (volume?: string): Sh => (volume === undefined ? sh`snapshot list` : sh`snapshot list ${volume}`);
/** Without `no-timestamp` gluster appends a date to the name. */
export const snapshotCreate = (name: string, volume: string): Sh => sh`snapshot create ${name} ${volume} no-timestamp`;
export const snapshotActivate = (name: string): Sh => sh`snapshot activate ${name}`;
export const snapshotDeactivate = (name: string): Sh => sh`snapshot deactivate ${name}`;
export const snapshotClone = (clone: string, snapshot: string): Sh => sh`snapshot clone ${clone} ${snapshot}`;
export const snapshotDelete = (name: string): Sh => sh`snapshot delete ${name}`;

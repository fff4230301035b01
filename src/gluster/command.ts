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
/** For a peer that is gone for good. */
export const peerDetachForce = (name: string): Sh => sh`peer detach ${name} force`;

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

/** Whole sets of the volume's own kind: gluster knows how many bricks make one. Force as with a create. */
export const volumeAddBrick = (volume: string, bricks: readonly Brick[], options: { force?: boolean } = {}): Sh =>
  sh`volume add-brick ${volume} ${[...bricks.map(brick), ...(options.force === true ? ['force'] : [])]}`;
/** `commit` only after `status` has said that all files have moved. There is no `force`: it leaves them behind. */
export const volumeRemoveBrick = (volume: string, bricks: readonly Brick[], verb: 'start' | 'status' | 'stop' | 'commit'): Sh =>
  sh`volume remove-brick ${volume} ${bricks.map(brick)} ${verb}`;
/** There is no other verb than `commit force`: it asks for neither heals nor bricks that are online. */
export const volumeReplaceBrick = (volume: string, from: string, to: Brick): Sh =>
  sh`volume replace-brick ${volume} ${from} ${brick(to)} commit force`;
/** The brick again, at its place, with nothing in it: all of it is healed from the others. */
export const volumeResetBrick = (volume: string, brick: string, verb: 'start' | 'commit'): Sh =>
  verb === 'start' ? sh`volume reset-brick ${volume} ${brick} start` : sh`volume reset-brick ${volume} ${brick} ${brick} commit force`;
export const volumeRebalance = (volume: string, verb: 'start' | 'status' | 'stop'): Sh => sh`volume rebalance ${volume} ${verb}`;

export const volumeSet = (volume: string, option: string, value: string): Sh => sh`volume set ${volume} ${option} ${value}`;
export const volumeReset = (volume: string, option: string): Sh => sh`volume reset ${volume} ${option}`;
/** The profile is read on the node where this runs: /var/lib/glusterd/groups/GROUP. */
export const volumeGroup = (volume: string, group: string): Sh => sh`volume set ${volume} group ${group}`;
export const volumeStop = (volume: string): Sh => sh`volume stop ${volume}`;
/** Leaves all bricks with their data and marks. */
export const volumeDelete = (volume: string): Sh => sh`volume delete ${volume}`;
export const volumeList = (): Sh => sh`volume list`;
export const volumeInfo = (volume?: string): Sh => (volume === undefined ? sh`volume info` : sh`volume info ${volume}`);

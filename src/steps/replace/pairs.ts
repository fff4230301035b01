import type { VolumeBrick, VolumeInfo } from '../../gluster/volume-info.ts';
import type { Brick } from '../../model/cluster.ts';
import { type NodeOf, sameKind } from '../volume/existing.ts';
import { type LayoutOf, setsOf } from '../volume/layout.ts';

/** A brick of the node that goes, where it goes to, and what else is in its set. */
export interface Pair {
  volume: string;
  type: VolumeInfo['type'];
  from: VolumeBrick;
  to: Brick;
  /** The other bricks of the set that are not on the node that goes: they hold what is to be kept. */
  others: readonly VolumeBrick[];
  /** How many of the set are on the node that goes, this one included. */
  going: number;
  redundancy: number;
}

const nameOf = (node: string, path: string): string => `${node}:${path}`;

/**
 * Which brick of the node that goes (by UUID) is which in the file: both sets hold the same other bricks. null: the file has
 * another layout than the volume, also when that brick is thought away.
 */
export const pairsOf = (want: LayoutOf, info: VolumeInfo, gone: string, nodeOf: NodeOf): Pair[] | null => {
  if (!sameKind(want, info)) return null;
  const wanted = setsOf(want);
  const pairs: Pair[] = [];
  for (const set of setsOf(info)) {
    const leaving = set.filter(({ hostUuid }) => hostUuid === gone);
    const others = set.filter(({ hostUuid }) => hostUuid !== gone);
    const names = others.map((brick) => nameOf(nodeOf(brick), brick.path));
    const match = wanted.find((bricks) => names.every((name) => bricks.some(({ node, path }) => nameOf(node, path) === name)));
    if (leaving.length === 0 || match === undefined) {
      if (match === undefined) return null;
      continue;
    }
    const fresh = match.filter(({ node, path }) => !names.includes(nameOf(node, path)));
    for (const from of leaving) {
      const at = match[set.indexOf(from)];
      const to =
        at && fresh.includes(at) ? at : fresh.find((brick) => want.type !== 'arbiter' || (brick === match.at(-1)) === from.arbiter);
      if (to === undefined) return null;
      fresh.splice(fresh.indexOf(to), 1);
      pairs.push({
        volume: info.name,
        type: info.type,
        from,
        to: { node: to.node, path: to.path },
        others,
        going: leaving.length,
        redundancy: info.redundancy,
      });
    }
  }
  return pairs;
};

import type { Report } from '../../errors.ts';
import type { VolumeInfo } from '../../gluster/volume-info.ts';
import type { LayoutOf } from './layout.ts';
import { setsOf } from './layout.ts';

/** The name in the file of the node that a brick is on: by UUID, since a pool may know the node by another name. */
export type NodeOf = (brick: { host: string; hostUuid: string }) => string;

const kindOf = ({ type, setSize, redundancy }: { type: string; setSize: number; redundancy: number }): string =>
  type === 'disperse' ? `disperse ${setSize - redundancy}+${redundancy}` : type === 'distribute' ? type : `${type} ${setSize}`;

/** Sets in words; within a set the order says nothing, but for the arbiter, which is the last. */
const setKeys = (type: string, setSize: number, bricks: readonly string[]): string[] =>
  setsOf({ setSize, bricks })
    .map((set) => (type === 'arbiter' ? [...set.slice(0, -1).sort(), `arbiter ${set.at(-1)}`] : [...set].sort()).join(' '))
    .sort();

/** Why the volume that is there is not the one in the file; null when it is. */
export const otherLayout = (want: LayoutOf, info: VolumeInfo, nodeOf: NodeOf): Report | null => {
  const wanted = want.bricks.map(({ node, path }) => `${node}:${path}`);
  const there = info.bricks.map((brick) => `${nodeOf(brick)}:${brick.path}`);
  const sameKind = kindOf(want) === kindOf(info);
  const sameBricks = setKeys(want.type, want.setSize, wanted).join('\n') === setKeys(info.type, info.setSize, there).join('\n');
  if (sameKind && sameBricks) return null;
  const was = info.type === 'other' ? info.typeText : kindOf(info);
  return {
    check: 'volume-differs',
    what: `the volume ${want.name} is there with another layout`,
    why: `there: ${was}: ${there.join(' ')}\nin the file: ${kindOf(want)}: ${wanted.join(' ')}`,
    next: 'write into the file what is there, or give the volume of the file another name; apply does not move, add or remove bricks of a volume that exists',
  };
};

import type { Report } from '../../errors.ts';
import type { VolumeInfo } from '../../gluster/volume-info.ts';
import type { LayoutOf } from './layout.ts';
import { setsOf } from './layout.ts';

/** The name in the file of the node that a brick is on: by UUID, since a pool may know the node by another name. */
export type NodeOf = (brick: { host: string; hostUuid: string }) => string;

const kindOf = ({ type, setSize, redundancy }: { type: string; setSize: number; redundancy: number }): string =>
  type === 'disperse' ? `disperse ${setSize - redundancy}+${redundancy}` : type === 'distribute' ? type : `${type} ${setSize}`;

export const sameKind = (a: Parameters<typeof kindOf>[0], b: Parameters<typeof kindOf>[0]): boolean => kindOf(a) === kindOf(b);

/** Sets in words; within a set the order says nothing, but for the arbiter, which is the last. */
const setKeys = (type: string, setSize: number, bricks: readonly string[]): string[] =>
  setsOf({ setSize, bricks })
    .map((set) => (type === 'arbiter' ? [...set.slice(0, -1).sort(), `arbiter ${set.at(-1)}`] : [...set].sort()).join(' '))
    .sort();

export type Compared<B> =
  | { is: 'same' }
  /** All sets that are there, and these, one after the other. */
  | { is: 'grown'; bricks: readonly B[] }
  | { is: 'other'; report: Report };

/** What to do about a layout that glusterctl does not change by itself. */
const wayOut = (name: string, alike: boolean, wanted: ReadonlySet<string>, there: readonly string[]): string => {
  const gone = there.filter((brick) => !wanted.has(brick));
  if (!alike)
    return `write into the file what is there; the kind of a volume does not change: make another one and copy the files from ${name} to it`;
  if (gone.length === 0)
    return 'give whole new sets of the same kind, a set after the other, and leave the sets that are there as they are';
  return `write into the file what is there. A node's bricks go to another node with: glusterctl node replace. A whole set goes with: gluster volume remove-brick ${name} ${gone.join(' ')} start; when its status says completed, the same with commit; then take it out of the file`;
};

/** The volume in the file beside the one that is there. */
export const compare = <B extends LayoutOf['bricks'][number]>(
  want: LayoutOf & { bricks: readonly B[] },
  info: VolumeInfo,
  nodeOf: NodeOf,
): Compared<B> => {
  const nameOf = ({ node, path }: B) => `${node}:${path}`;
  const keyOf = (bricks: readonly string[]) => setKeys(want.type, want.setSize, bricks)[0] ?? '';
  const there = info.bricks.map((brick) => `${nodeOf(brick)}:${brick.path}`);
  const sets = setsOf(want).map((bricks) => ({ bricks, key: keyOf(bricks.map(nameOf)) }));
  const live = new Set(setsOf({ setSize: info.setSize, bricks: there }).map(keyOf));
  const alike = sameKind(want, info);
  const more = sets.filter(({ key }) => !live.has(key));
  if (alike && sets.length - more.length === live.size) {
    const bricks = more.flatMap((set) => set.bricks);
    const twice = bricks.some((brick) => there.includes(nameOf(brick)));
    if (bricks.length === 0) return { is: 'same' };
    if (bricks.length % want.setSize === 0 && !twice) return { is: 'grown', bricks };
  }
  const wanted = want.bricks.map(nameOf);
  const was = info.type === 'other' ? info.typeText : kindOf(info);
  return {
    is: 'other',
    report: {
      check: 'volume-differs',
      what: `the volume ${want.name} is there with another layout`,
      why: `there: ${was}: ${there.join(' ')}\nin the file: ${kindOf(want)}: ${wanted.join(' ')}`,
      next: wayOut(want.name, alike, new Set(wanted), there),
    },
  };
};

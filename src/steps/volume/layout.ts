import type { Report } from '../../errors.ts';
import type { Volume } from '../../model/cluster.ts';

export type LayoutOf = Pick<Volume, 'name' | 'type' | 'setSize' | 'redundancy' | 'bricks' | 'allow'>;

/** Consecutive bricks form a set. */
export const setsOf = <T>({ setSize, bricks }: { setSize: number; bricks: readonly T[] }): T[][] =>
  Array.from({ length: Math.ceil(bricks.length / setSize) }, (_, i) => bricks.slice(i * setSize, (i + 1) * setSize));

/** Sets of which two bricks or more are on one node: with that node all of them are lost. */
export const sharedSets = (volume: LayoutOf): string[] =>
  volume.setSize === 1
    ? []
    : setsOf(volume).flatMap((set, i) => {
        const nodes = set.map(({ node }) => node);
        const twice = nodes.find((node, at) => nodes.indexOf(node) < at);
        return twice === undefined ? [] : [`set ${i + 1} has ${nodes.filter((node) => node === twice).length} bricks on ${twice}`];
      });

const sizeFaults = ({ type, setSize, redundancy, allow }: LayoutOf): Omit<Report, 'node'>[] => {
  const data = setSize - redundancy;
  if (type === 'distribute' && setSize !== 1) return [{ what: 'a distribute volume has sets of one brick' }];
  if (type === 'replicate' && setSize < 2) return [{ what: 'a replicate volume has two copies or more', next: 'replica: 3' }];
  if (type === 'replicate' && setSize === 2 && !allow.includes('replica-2')) {
    const why = 'with two copies and no witness, a cut between the nodes leaves files that differ and no majority to tell which is right';
    return [
      {
        what: 'replica 2 splits its brain',
        why,
        next: 'use type: arbiter (two copies and a witness) or replica: 3; or accept the risk with allow: [replica-2]',
      },
    ];
  }
  if (type === 'arbiter' && setSize !== 3)
    return [{ what: 'an arbiter volume has sets of three: two copies and the arbiter', next: 'replica: 3' }];
  if (type === 'disperse' && (setSize < 3 || redundancy < 1 || redundancy * 2 >= setSize || data > 16)) {
    const what = `disperse cannot have ${data} data and ${redundancy} redundancy bricks in a set`;
    return [
      {
        what,
        why: 'a set has 3 bricks or more, at most 16 for data, and more for data than for redundancy',
        next: 'for example { data: 4, redundancy: 2 }',
      },
    ];
  }
  return [];
};

/**
 * What is wrong with a layout, whatever the nodes are like: sets that are not whole, bricks twice or one in another, sets
 * that a single node takes with it. gluster finds some of it only after it has marked the bricks ("Failed to create
 * volume files", glusterfs 10.3), and asks about the rest what script mode answers with yes.
 */
export const layoutFaults = (volume: LayoutOf): Report[] => {
  const { name, setSize, bricks, allow } = volume;
  const faults: Report[] = sizeFaults(volume).map((fault) => ({ ...fault, what: `${name}: ${fault.what}` }));
  if (bricks.length === 0 || bricks.length % setSize !== 0) {
    faults.push({
      what: `${name}: ${bricks.length} bricks do not make whole sets of ${setSize}`,
      next: `give ${Math.max(1, Math.ceil(bricks.length / setSize)) * setSize} bricks, a set after the other`,
    });
  }
  bricks.forEach((brick, i) => {
    for (const other of bricks.slice(0, i)) {
      if (other.node !== brick.node) continue;
      if (other.path === brick.path) faults.push({ what: `${name}: the brick ${brick.node}:${brick.path} is listed twice` });
      else if (other.path.startsWith(`${brick.path}/`) || brick.path.startsWith(`${other.path}/`)) {
        faults.push({ what: `${name}: on ${brick.node}, the bricks ${other.path} and ${brick.path} lie one in the other` });
      }
    }
  });
  if (!allow.includes('same-node')) {
    for (const shared of sharedSets(volume)) {
      faults.push({
        what: `${name}: ${shared}`,
        why: 'when that node is away, the set has too few bricks left',
        next: 'order the bricks so that each set is on as many nodes as it has bricks; or accept the risk with allow: [same-node]',
      });
    }
  }
  return faults;
};

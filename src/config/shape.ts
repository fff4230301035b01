import type { Brick, Volume } from '../model/cluster.ts';
import { type Layout, type LayoutWish, placeBricks } from './layout.ts';
import type { NodeInput } from './schema/node.ts';
import type { VolumeInput } from './schema/volume.ts';

export type Shape = Pick<Volume, 'setSize' | 'redundancy'>;

/** How many bricks make a set; null when `replica` does not go with the type. */
export const shapeOf = ({ type, replica }: Pick<VolumeInput, 'type' | 'replica'>): Shape | null => {
  if (type === 'disperse')
    return typeof replica === 'object' ? { setSize: replica.data + replica.redundancy, redundancy: replica.redundancy } : null;
  if (typeof replica === 'object') return null;
  if (type === 'distribute') return replica === undefined ? { setSize: 1, redundancy: 0 } : null;
  if (type === 'arbiter') return (replica ?? 3) === 3 ? { setSize: 3, redundancy: 0 } : null;
  return { setSize: replica ?? 3, redundancy: 0 };
};

export const parseBrick = (text: string): Brick => {
  const colon = text.indexOf(':');
  return { node: text.slice(0, colon), path: text.slice(colon + 1) };
};

export type LayoutNode = Pick<NodeInput, 'name' | 'zone' | 'roles'> & { disks: readonly Pick<NodeInput['disks'][number], 'mount'>[] };

/** The placed bricks of a volume without a list of its own. */
export const layoutOf = (volume: Omit<LayoutWish, 'setSize'>, shape: Shape, nodes: readonly LayoutNode[]): Layout =>
  placeBricks(
    { ...volume, setSize: shape.setSize },
    nodes
      .filter(({ roles }) => roles.includes('server'))
      .map(({ name, zone, disks }) => ({ name, zone: zone ?? name, mounts: disks.flatMap(({ mount }) => mount ?? []) })),
  );

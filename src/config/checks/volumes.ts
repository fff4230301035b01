import type { Brick } from '../../model/cluster.ts';
import type { Draft, DraftVolume, Fail } from '../draft.ts';
import type { Path } from '../problem.ts';
import type { VolumeInput } from '../schema/volume.ts';
import { type LayoutNode, layoutOf, parseBrick, shapeOf } from '../shape.ts';
import { isIn } from './disks.ts';
import { knownName } from './names.ts';
import { checkSets } from './sets.ts';

/** Options of the pool: `Option "..." is not valid for a single volume` (glusterfs 10.3, valid_all_vol_opts). */
const OF_ALL = [
  'cluster.server-quorum-ratio',
  'cluster.enable-shared-storage',
  'cluster.op-version',
  'cluster.max-op-version',
  'cluster.brick-multiplex',
  'cluster.max-bricks-per-process',
  'cluster.localtime-logging',
  'cluster.daemon-log-level',
  'cluster.brick-graceful-cleanup',
  'glusterd.vol_count_per_thread',
];

const WANTED: Readonly<Record<VolumeInput['type'], string>> = {
  distribute: 'no replica: every brick stands alone',
  replicate: 'a number, 2 or more',
  arbiter: '3: two bricks with data and the arbiter',
  disperse: '{ data: D, redundancy: R }',
};

const checkShape = (volume: DraftVolume, path: Path, fail: Fail): void => {
  const { type, replica, allow, options } = volume;
  const at = [...path, 'replica'];
  if (shapeOf(volume) === null) {
    const message = replica === undefined ? `replica is missing: type is ${type}` : `does not go with type: ${type}`;
    fail(at, message, {
      ...(replica !== undefined && { found: typeof replica === 'object' ? 'data and redundancy' : String(replica) }),
      allowed: WANTED[type],
    });
  }
  if (type === 'disperse' && typeof replica === 'object' && replica.redundancy * 2 >= replica.data + replica.redundancy) {
    const { data, redundancy } = replica;
    fail([...at, 'redundancy'], `of ${data + redundancy} bricks ${redundancy} cannot be redundancy: fewer than half can`, {
      allowed: `1 to ${Math.floor((data + redundancy - 1) / 2)} with ${data + redundancy} bricks in a set`,
    });
  }
  if (type === 'replicate' && replica === 2 && !allow.includes('replica-2')) {
    fail(at, 'replica 2 volumes are prone to split-brain; use arbiter or replica 3 to avoid this', {
      suggestion: 'write type: arbiter, replica: 3 (the third brick holds names only), or accept it with allow: [replica-2]',
    });
  }
  for (const name of Object.keys(options)) {
    if (OF_ALL.includes(name))
      fail([...path, 'options', name], 'is an option of the whole pool, not of one volume', {
        at: 'key',
        suggestion: `gluster volume set all ${name} ...`,
      });
  }
};

interface Use {
  volume: string;
  node: string;
  path: string;
}

/** Rules for one brick: its node, and where on the node. */
const checkBrick = ({ node, path }: Brick, at: Path, draft: Draft, fail: Fail): void => {
  const entry = draft.nodes.find((item) => item?.name === node);
  if (!knownName('node', node, draft.nodeNames, at, fail) || !entry) return;
  if (!entry.roles.includes('server')) fail(at, `${node} has not the role server`, { suggestion: `add server to the roles of ${node}` });
  if (isIn(path, '/var/lib/glusterd'))
    fail(at, 'glusterd allows no brick inside its own folder /var/lib/glusterd', { suggestion: 'take a path such as /data/brick1/gv0' });
  const mount = entry.disks.find((disk) => disk?.mount !== undefined && isIn(disk.mount, path))?.mount;
  if (mount !== undefined) {
    const folder = mount === path ? 'a disk is mounted there' : `a disk is mounted in it, at ${mount}`;
    fail(at, `${path} cannot be a brick: ${folder}, and without the disk the brick would fill the root filesystem`, {
      suggestion: `take a folder on the disk: ${node}:${mount}/brick`,
    });
  }
};

/** Volumes and their bricks. Layout is judged here, before anything is sent: gluster notices some of it too late. */
export const checkVolumes = (draft: Draft, fail: Fail): void => {
  const names = new Map<string, number>();
  const used: Use[] = [];
  const place = (volume: string, { node, path }: Brick, at: Path): void => {
    const other = used.find((use) => use.node === node && (isIn(path, use.path) || isIn(use.path, path)));
    if (other?.path === path) fail(at, `${node}:${path} is a brick of ${other.volume} already`);
    else if (other) fail(at, `${node}:${path} and the brick ${other.path} of ${other.volume} lie one in the other`);
    else used.push({ volume, node, path });
  };

  draft.volumes.forEach((volume, v) => {
    if (volume === null) return;
    const path = ['volumes', v];
    const first = names.get(volume.name);
    if (first !== undefined) fail([...path, 'name'], `volumes[${first}] has the name ${volume.name} too`);
    else names.set(volume.name, v);
    checkShape(volume, path, fail);
    const shape = shapeOf(volume);
    volume.bricks?.forEach((text, b) => {
      if (text === null) return;
      const brick = parseBrick(text);
      checkBrick(brick, [...path, 'bricks', b], draft, fail);
      place(volume.name, brick, [...path, 'bricks', b]);
    });
    if (shape !== null && volume.bricks) checkSets(volume, shape, volume.bricks, path, draft, fail);
  });

  // Placed bricks last: they give way to those that are listed.
  if (draft.nodes.some((node) => node === null || node.disks.includes(null))) return;
  draft.volumes.forEach((volume, v) => {
    const shape = volume && shapeOf(volume);
    if (!volume || !shape || volume.bricks) return;
    const layout = layoutOf(volume, shape, draft.nodes as readonly LayoutNode[]);
    if ('why' in layout) fail(['volumes', v], `${volume.name} cannot be placed: ${layout.why}`, { suggestion: layout.next });
    else for (const brick of layout.bricks) place(volume.name, brick, ['volumes', v, 'name']);
  });
};

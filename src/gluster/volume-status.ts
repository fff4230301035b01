import type { FactOutput } from '../model/fact.ts';
import { type Answer, mapAnswer, reply } from './answer.ts';
import type { VolumeBrick, VolumeInfo } from './volume-info.ts';
import { all, at, count, text, type Xml } from './xml.ts';

export interface Process {
  online: boolean;
  port: number | null;
  pid: number | null;
}

/** Of `volume status NAME detail` only; null where gluster did not say. Bytes and inodes. */
export interface BrickSpace {
  total: number | null;
  free: number | null;
  inodes: number | null;
  inodesFree: number | null;
  device: string;
  fstype: string;
}

interface StatusNode extends Process {
  /** A peer, or the name of a service: `Self-heal Daemon`. */
  hostname: string;
  /** Path of the brick, or the peer where the service runs. */
  path: string;
  peerId: string;
  space: BrickSpace;
}

export interface VolumeStatus {
  name: string;
  nodes: readonly StatusNode[];
  /** Rebalance and remove-brick, running or done. */
  tasks: readonly { type: string; id: string; status: string }[];
}

const parseNode = (node: Xml): StatusNode => {
  const pid = count(node, 'pid');
  return {
    hostname: text(node, 'hostname'),
    path: text(node, 'path'),
    peerId: text(node, 'peerid'),
    online: text(node, 'status') === '1',
    port: count(node, 'port'),
    pid: pid !== null && pid > 0 ? pid : null,
    space: {
      total: count(node, 'sizeTotal'),
      free: count(node, 'sizeFree'),
      inodes: count(node, 'inodesTotal'),
      inodesFree: count(node, 'inodesFree'),
      device: text(node, 'device'),
      fstype: text(node, 'fsName'),
    },
  };
};

/** Volumes that run. A single one that does not is a problem `not-started`. */
export const parseStatus = (out: FactOutput): Answer<readonly VolumeStatus[]> =>
  mapAnswer(reply(out), ({ xml }) =>
    all(at(xml, 'volStatus', 'volumes'), 'volume').map((volume) => ({
      name: text(volume, 'volName'),
      nodes: all(volume, 'node').map(parseNode),
      tasks: all(at(volume, 'tasks'), 'task').map((task) => ({
        type: text(task, 'type'),
        id: text(task, 'id'),
        status: text(task, 'statusStr'),
      })),
    })),
  );

export interface BrickState extends VolumeBrick, Process {
  /** False where `volume status` does not name the brick at all: its peer is disconnected, or the volume does not run. */
  reported: boolean;
  space: BrickSpace | null;
}

export interface VolumeState {
  name: string;
  bricks: readonly BrickState[];
  services: readonly (Process & { name: string; host: string; peerId: string })[];
  tasks: VolumeStatus['tasks'];
}

/**
 * Every brick that the volume has, with what `volume status` says of it. Status leaves out bricks of disconnected
 * peers altogether (glusterfs 10.3), so what it lists must never be taken for the whole.
 */
export const joinStatus = (info: VolumeInfo, status: VolumeStatus | undefined): VolumeState => {
  const nodes = status?.nodes ?? [];
  const same = (brick: VolumeBrick, node: StatusNode) =>
    node.path === brick.path && (node.peerId !== '' ? node.peerId === brick.hostUuid : node.hostname === brick.host);
  return {
    name: info.name,
    bricks: info.bricks.map((brick) => {
      const node = nodes.find((n) => same(brick, n));
      if (node === undefined) return { ...brick, online: false, port: null, pid: null, reported: false, space: null };
      return { ...brick, online: node.online, port: node.port, pid: node.pid, reported: true, space: node.space };
    }),
    services: nodes
      .filter((n) => !n.path.startsWith('/'))
      .map(({ hostname, path, peerId, online, port, pid }) => ({ name: hostname, host: path, peerId, online, port, pid })),
    tasks: status?.tasks ?? [],
  };
};

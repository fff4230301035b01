import type { Peer } from '../../src/gluster/pool.ts';
import type { VolumeInfo } from '../../src/gluster/volume-info.ts';
import type { BrickState } from '../../src/steps/brick/state.ts';

/** The path of every brick of {@link volumeInfo}. */
export const PATH = '/data/brick1/gv0';
export const VOLUME_ID = '5e276a11-7b82-408f-8945-89aae3ed8ae8';
export const uuid = (name: string): string => `uuid-of-${name}`;

/** gv0, replica 3 on node-1 to node-3, started, as gluster tells of it. */
export const volumeInfo = (over: Partial<VolumeInfo> = {}): VolumeInfo => ({
  name: 'gv0',
  id: VOLUME_ID,
  status: 'started',
  type: 'replicate',
  typeText: 'Replicate',
  setSize: 3,
  redundancy: 0,
  bricks: ['node-1', 'node-2', 'node-3'].map((host) => ({ host, path: PATH, hostUuid: uuid(host), arbiter: false })),
  options: new Map(),
  snapshots: 0,
  ...over,
});

/** A folder that is there, and empty. */
export const brickState = (over: Partial<BrickState> = {}): BrickState => ({
  kind: 'directory',
  missing: [],
  onRoot: false,
  marks: [],
  volume: null,
  member: null,
  content: 'empty',
  trace: false,
  sample: [],
  taken: false,
  ...over,
});

/** `gluster pool list` as `viewer` answers it. */
export const peersOf = (viewer: string, names: readonly string[], away: readonly string[] = []): Peer[] =>
  names.map((name) => ({
    uuid: uuid(name),
    hostname: name === viewer ? 'localhost' : name,
    hostnames: [name],
    connected: !away.includes(name),
    state: name === viewer ? null : 3,
    stateText: '',
    self: name === viewer,
  }));

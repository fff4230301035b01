import type { FactOutput } from '../model/fact.ts';
import { type Answer, mapAnswer, reply } from './answer.ts';
import { all, at, count, own, text, type Xml } from './xml.ts';

export interface VolumeBrick {
  host: string;
  path: string;
  hostUuid: string;
  arbiter: boolean;
}

export interface VolumeInfo {
  name: string;
  /** With dashes, as gluster shows it. */
  id: string;
  status: 'created' | 'started' | 'stopped';
  /** What cluster.yaml calls it; `other` for what this release no longer has (stripe, tier). */
  type: 'distribute' | 'replicate' | 'arbiter' | 'disperse' | 'other';
  /** What gluster calls it: Distributed-Replicate... */
  typeText: string;
  /** Bricks in one set: 1 for distribute. */
  setSize: number;
  redundancy: number;
  /** In gluster's order: consecutive ones form a set. */
  bricks: readonly VolumeBrick[];
  /** Only what was set, by hand or at creation. */
  options: ReadonlyMap<string, string>;
  snapshots: number;
}

const STATUS = ['created', 'started', 'stopped'] as const;

const typeOf = (text: string, arbiters: number): VolumeInfo['type'] => {
  if (/NOT SUPPORTED|Stripe|Tier/i.test(text)) return 'other';
  if (/Replicate$/.test(text)) return arbiters > 0 ? 'arbiter' : 'replicate';
  if (/Disperse$/.test(text)) return 'disperse';
  return text === 'Distribute' ? 'distribute' : 'other';
};

/** `host:/path`; a host may be an IPv6 address, so the path starts at the last `:/`. */
export const splitBrick = (brick: string): { host: string; path: string } => {
  const cut = brick.indexOf(':/');
  return { host: brick.slice(0, cut), path: brick.slice(cut + 1) };
};

const parseVolume = (volume: Xml): VolumeInfo => {
  const typeText = text(volume, 'typeStr');
  const type = typeOf(typeText, count(volume, 'arbiterCount') ?? 0);
  const replica = count(volume, 'replicaCount') ?? 1;
  const disperse = count(volume, 'disperseCount') ?? 0;
  return {
    name: text(volume, 'name'),
    id: text(volume, 'id'),
    status: STATUS[count(volume, 'status') ?? 0] ?? 'created',
    type,
    typeText,
    // distCount means one thing in old releases and another in new ones, so it is not used.
    setSize: type === 'disperse' ? disperse : Math.max(1, replica),
    redundancy: count(volume, 'redundancyCount') ?? 0,
    bricks: all(at(volume, 'bricks'), 'brick').map((brick) => ({
      ...splitBrick(text(brick, 'name') || own(brick)),
      hostUuid: text(brick, 'hostUuid'),
      arbiter: text(brick, 'isArbiter') === '1',
    })),
    options: new Map(all(at(volume, 'options'), 'option').map((option) => [text(option, 'name'), text(option, 'value')])),
    snapshots: count(volume, 'snapshotCount') ?? 0,
  };
};

/** All volumes in the answer, also of `volume info NAME`; [] where the pool has none. A name that is not there is a problem `no-volume`. */
export const parseVolumes = (out: FactOutput): Answer<readonly VolumeInfo[]> =>
  mapAnswer(reply(out), ({ xml }) => all(at(xml, 'volInfo', 'volumes'), 'volume').map(parseVolume));

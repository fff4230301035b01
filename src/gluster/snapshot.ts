import type { FactOutput } from '../model/fact.ts';
import { type Answer, mapAnswer, reply } from './answer.ts';
import { all, at, own, text } from './xml.ts';

/** Names, as `snapshot list` gives them. */
export const parseSnapshotNames = (out: FactOutput): Answer<readonly string[]> =>
  mapAnswer(reply(out), ({ xml }) => all(at(xml, 'snapList'), 'snapshot').map(own));

export interface Snapshot {
  name: string;
  uuid: string;
  created: string;
  /** The volume it was taken of. */
  origin: string;
  /** Its own volume: active snapshots can be mounted. */
  started: boolean;
}

/** Of `snapshot info`. */
export const parseSnapshots = (out: FactOutput): Answer<readonly Snapshot[]> =>
  mapAnswer(reply(out), ({ xml }) =>
    all(at(xml, 'snapInfo', 'snapshots'), 'snapshot').map((snapshot) => ({
      name: text(snapshot, 'name'),
      uuid: text(snapshot, 'uuid'),
      created: text(snapshot, 'createTime'),
      origin: text(at(snapshot, 'snapVolume', 'originVolume'), 'name'),
      started: text(at(snapshot, 'snapVolume'), 'status') === 'Started',
    })),
  );

import type { FactOutput } from '../model/fact.ts';
import { type Answer, mapAnswer, reply } from './answer.ts';
import { splitBrick } from './volume-info.ts';
import { all, at, attribute, count, text } from './xml.ts';

/** What waits to be healed on one brick. null where gluster could not count: never to be read as 0. */
export interface BrickHeal {
  host: string;
  path: string;
  hostUuid: string | null;
  connected: boolean;
  /** What gluster said, cut to its first sentence. */
  status: string;
  entries: number | null;
  pending: number | null;
  splitBrain: number | null;
  healing: number | null;
}

export interface HealSummary {
  bricks: readonly BrickHeal[];
  /** Sum over all bricks; null as soon as one could not be asked. */
  entries: number | null;
  splitBrain: number | null;
}

const sum = (values: readonly (number | null)[]): number | null =>
  values.reduce<number | null>((total, v) => (total === null || v === null ? null : total + v), 0);

/**
 * Reads `heal V info` and `heal V info summary`. For a brick that is down the latter puts the counters' names into
 * the status text (`...endpoint is not connected)totalNumberOfEntries0`, glusterfs 10.3), the former has `-`.
 */
export const parseHeal = (out: FactOutput): Answer<HealSummary> =>
  mapAnswer(reply(out), ({ xml }) => {
    const bricks = all(at(xml, 'healInfo', 'bricks'), 'brick').map((brick): BrickHeal => {
      const status = text(brick, 'status')
        .replace(/totalNumberOfEntries.*$/s, '')
        .trim();
      const connected = status === 'Connected';
      const uuid = attribute(brick, 'hostUuid');
      const counted = (name: string) => (connected ? count(brick, name) : null);
      return {
        // A brick that is down has `info` in its name, too: `Brick n3:/srv/gv0` never, `n3:/srv/gv0` always.
        ...splitBrick(text(brick, 'name')),
        hostUuid: uuid === '' || uuid === '-' ? null : uuid,
        connected,
        status,
        entries: counted('totalNumberOfEntries') ?? counted('numberOfEntries'),
        pending: counted('numberOfEntriesInHealPending'),
        splitBrain: counted('numberOfEntriesInSplitBrain'),
        healing: counted('numberOfEntriesPossiblyHealing'),
      };
    });
    return { bricks, entries: sum(bricks.map((b) => b.entries)), splitBrain: sum(bricks.map((b) => b.splitBrain)) };
  });

import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectError, type Report } from '../../errors.ts';
import type { Change } from '../../model/change.ts';
import type { PlannedChange } from '../../model/plan.ts';
import type { Leg } from '../../shrink/legs.ts';
import { anySignal, type RunContext } from '../context.ts';
import { performStage } from '../perform.ts';
import { arrive, type Door, RECONNECT_LIMIT, type Visit } from './visit.ts';

/** What a whole way through the legs has in common. */
export interface Walk {
  door: Door;
  /** Its hosts, and when it is cut off, are those of the first visit. */
  ctx: RunContext;
  /** Done before the change of that id, on the same visit, as often as it is begun. */
  before: ReadonlyMap<string, (visit: Visit) => Promise<void>>;
}

export type LegEnd =
  | { is: 'done'; visit: Visit; done: number }
  /** A signal asked to stop. */
  | { is: 'stopped'; visit: Visit; done: number }
  | { is: 'failed'; visit: Visit; done: number; reports: readonly Report[] }
  /** The node rebooted by itself; `visit` is the new boot. */
  | { is: 'rebooted'; visit: Visit; done: number };

export const STEP = 'shrink';

export const plannedChange = (node: string, stage: string, change: Change): PlannedChange => ({
  ...change,
  node,
  step: STEP,
  stage,
  key: `${node}/${stage}/${change.id}`,
});

/** A connection that dies ends the change a moment before its lock is known to be lost. */
const isLost = async (visit: Visit): Promise<boolean> => {
  for (let i = 0; i < 20 && !visit.lost.aborted; i += 1) await sleep(100);
  return visit.lost.aborted;
};

const on = ({ ctx, door }: Walk, visit: Visit): RunContext => ({
  ...ctx,
  hosts: new Map([[door.node, visit.host]]),
  lost: visit.lost,
  cut: anySignal(door.cut, visit.lost),
});

type Try = 'done' | 'lost' | { reports: readonly Report[] };

const attempt = async (walk: Walk, visit: Visit, leg: Leg, change: Change): Promise<Try> => {
  try {
    await walk.before.get(change.id)?.(visit);
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    return (await isLost(visit)) ? 'lost' : { reports: [error.report] };
  }
  const { done, failures } = await performStage(on(walk, visit), [plannedChange(walk.door.node, leg.id, change)], false);
  if (done === 1) return 'done';
  return (await isLost(visit)) ? 'lost' : { reports: failures };
};

/** All changes of a leg in one boot of the node. A change whose connection was lost is begun again: each may be. */
export const walkLeg = async (walk: Walk, first: Visit, leg: Leg): Promise<LegEnd> => {
  const { door, ctx } = walk;
  let visit = first;
  let done = 0;
  for (const change of leg.changes) {
    for (;;) {
      if (ctx.interruption.asked !== null) return { is: 'stopped', visit, done };
      const tried = await attempt(walk, visit, leg, change);
      if (tried === 'done') break;
      if (tried !== 'lost')
        return ctx.interruption.asked === null ? { is: 'failed', visit, done, ...tried } : { is: 'stopped', visit, done };
      door.note(`${door.node}: the connection was lost; it is tried again for ${RECONNECT_LIMIT / 60} min`);
      await visit.leave();
      const again = await arrive(door, { not: null, likely: leg.system, limit: RECONNECT_LIMIT });
      const same = again.boot === visit.boot;
      visit = again;
      if (!same) return { is: 'rebooted', visit, done };
    }
    done += 1;
  }
  return { is: 'done', visit, done };
};

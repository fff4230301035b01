import { ConnectError, GlusterctlError, type Report } from '../../errors.ts';
import type { Host } from '../../model/host.ts';
import { sh } from '../../sh.ts';
import { arm, REBOOT } from '../../shrink/grml.ts';
import type { Leg, System } from '../../shrink/legs.ts';
import { stages } from './events.ts';
import { type LegEnd, type Walk, walkLeg } from './leg.ts';
import { arrive, BOOT_LIMIT, type Visit } from './visit.ts';

export interface Walked {
  /** null: the node does not answer. */
  visit: Visit | null;
  changed: number;
  /** Empty: the whole way was gone. */
  reports: readonly Report[];
  stopped: boolean;
}

const minutes = (seconds: number): string => `${Math.round(seconds / 60)} min`;

/** Reboots the node and waits for its next boot, whatever system that is. */
export const reboot = async ({ door }: Pick<Walk, 'door'>, visit: Visit, into: System): Promise<Visit> => {
  door.note(`${door.node}: rebooting into its ${into} system; it has ${minutes(BOOT_LIMIT)} to answer`);
  try {
    await visit.host.run(REBOOT.text, { signal: door.cut, timeout: 120_000 });
  } catch (error) {
    // It may have been quicker than its answer.
    if (!(error instanceof ConnectError)) throw error;
  }
  await visit.leave();
  const next = await arrive(door, { not: visit.boot, likely: into, limit: BOOT_LIMIT });
  door.note(`${door.node}: is in its ${next.system} system`);
  return next;
};

/** Units that systemd calls failed; what the reboots add to them is worth a remark. */
export const failedUnits = async (host: Host): Promise<string[]> => {
  const { stdout } = await host.run(sh`systemctl list-units --failed --plain --no-legend --no-pager | awk '{ print $1 }'`.text);
  return stdout.split('\n').filter(Boolean);
};

const notLive = (node: string): Report => ({
  node,
  what: 'the live system did not start',
  why: 'the node came back in its normal system by itself',
  next: "look at the node's console during the boot: memory, network, and whether the image fits the machine",
});

const ownReboot = (node: string, { system }: Visit): Report => ({
  node,
  what: `the node has rebooted by itself, and is in its ${system} system`,
  why: 'its power failed, or somebody rebooted it',
});

/** Whatever has ended a leg early: a node in the live system is booted back, one that is about to boot it is told not to. */
const backOut = async (walk: Walk, leg: Leg, { visit }: LegEnd): Promise<Visit> => {
  if (visit.system === 'live') return reboot(walk, visit, 'normal');
  const { undo } = arm('');
  if (leg.rebootsTo === 'live' && undo !== 'nothing') await visit.host.run(undo.text, { timeout: 60_000 });
  return visit;
};

const reportsOf = (node: string, ended: LegEnd): readonly Report[] => {
  if (ended.is === 'failed') return ended.reports;
  return ended.is === 'rebooted' ? [ownReboot(node, ended.visit)] : [];
};

/** Goes the legs of a plan, from boot to boot. Never throws for what becomes of the node. */
export const walkLegs = async (walk: Walk, first: Visit, legs: readonly Leg[]): Promise<Walked> => {
  const { door, ctx } = walk;
  let visit: Visit | null = first;
  let changed = 0;
  try {
    for (const leg of legs) {
      const ended: LegEnd = await stages(ctx, door.node, leg, () => walkLeg(walk, visit as Visit, leg));
      visit = ended.visit;
      changed += ended.done;
      // Asked to stop between the last change and the reboot: the live system is not gone into any more.
      const stop = ended.is === 'done' && leg.rebootsTo === 'live' && ctx.interruption.asked !== null;
      if (ended.is !== 'done' || stop) {
        const now = visit;
        visit = null;
        visit = await backOut(walk, leg, { ...ended, visit: now });
        return { visit, changed, reports: reportsOf(door.node, ended), stopped: stop || ended.is === 'stopped' };
      }
      if (leg.rebootsTo === null) continue;
      const now = visit;
      visit = null;
      visit = await reboot(walk, now, leg.rebootsTo);
      if (visit.system === leg.rebootsTo) continue;
      if (visit.system === 'live') visit = await reboot(walk, visit, 'normal');
      if (leg.rebootsTo === 'live') return { visit, changed, reports: [notLive(door.node)], stopped: false };
    }
    return { visit, changed, reports: [], stopped: false };
  } catch (error) {
    if (door.cut.aborted) return { visit: null, changed, reports: [], stopped: true };
    if (!(error instanceof GlusterctlError)) throw error;
    return { visit: visit?.lost.aborted ? null : visit, changed, reports: [error.report], stopped: false };
  }
};

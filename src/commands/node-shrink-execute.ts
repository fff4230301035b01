import { ApplyFailed, ConfigError, EXIT, GlusterctlError, Interrupted, Refused, type Report } from '../errors.ts';
import { type CheckedImage, obtainImage } from '../image/image.ts';
import type { Cluster, Node } from '../model/cluster.ts';
import type { Host, Receiver } from '../model/host.ts';
import type { Plan } from '../model/plan.ts';
import { saveBackup } from '../run/shrink/backup.ts';
import { plannedChange, type Walk } from '../run/shrink/leg.ts';
import { upload } from '../run/shrink/upload.ts';
import { arrive, type Door, type Visit, where } from '../run/shrink/visit.ts';
import { failedUnits, reboot, walkLegs } from '../run/shrink/walk.ts';
import type { Image, ShrinkPlan } from '../shrink/plan.ts';
import { paint } from '../ui/paint.ts';
import { shrinkText } from '../ui/shrink-text.ts';
import type { Invocation } from './invocation.ts';
import { chosen, look, namedImage, type ShrinkFlags } from './node-shrink.ts';
import { agreeToShrink } from './node-shrink-consent.ts';
import { stateReport } from './node-shrink-state.ts';
import { type OpenRun, openRun } from './open-run.ts';
import { type Session, withSession } from './session.ts';
import { type Ending, inEvents, type Views } from './views.ts';

export interface ExecuteOptions extends ShrinkFlags {
  confirm?: string[];
}

/** One node's shrink, as far as it is known before anything is done. */
interface Order {
  session: Session;
  node: Node;
  options: ExecuteOptions;
}

const VERB = 'node shrink';

/** The plan as every other run has one, for consent and journal. */
const planOf = ({ name }: Cluster, { node, legs }: ShrinkPlan): Plan => {
  const changes = legs.flatMap((leg) => leg.changes.map((change) => plannedChange(node, leg.id, change)));
  const destructive = changes.filter(({ risk }) => risk === 'destructive').length;
  return {
    v: 1,
    cluster: name,
    nodes: [node],
    changes,
    summary: { nodes: 1, steps: 1, changes: changes.length, destructive },
    fingerprint: {},
    notes: [],
  };
};

const doorOf = ({ session, node }: Order, cut: AbortSignal, views: Views): Door => ({
  node: node.name,
  who: session.who,
  open: (user) => (user === undefined || node.ssh.user === user ? session.afresh(node.name) : session.afresh(node.name, user)),
  note: (text) => views.emit({ type: 'note', text }),
  cut,
});

/** A node that an earlier run left in the live system is booted back. Who logs in there is root. */
const leaveLive = async (order: Order, door: Door): Promise<void> => {
  const host = door.open();
  const at = await where(host, door.cut)
    .catch((error: unknown) => error)
    .finally(() => host.close());
  if (!(at instanceof Error) && (at as { system: string }).system === 'normal') return;
  if (at instanceof Error && order.node.ssh.user === 'root') throw at;
  const visit = await arrive(door, { not: null, likely: 'live', limit: 0 }).catch((error: unknown) => {
    throw at instanceof GlusterctlError ? at : error;
  });
  try {
    if (visit.system === 'normal') return;
    door.note(`${door.node}: is in the live system of an earlier run`);
    const back = await reboot({ door }, visit, 'normal');
    await back.leave();
  } finally {
    await visit.leave();
  }
};

const needsImage = ({ legs }: ShrinkPlan): boolean => legs.some(({ rebootsTo }) => rebootsTo === 'live');

const fetchImage = (invocation: Invocation, { session, node }: Order, views: Views): Promise<CheckedImage> => {
  const { grml } = session.cluster;
  if (grml === null)
    throw new ConfigError({
      node: node.name,
      what: `${session.cluster.file} does not say where the live system's image is`,
      next: 'add grml: { iso: FILE-OR-URL, sha256: ... }',
    });
  const { env, interruption } = invocation;
  return obtainImage(grml, { cacheDir: env.cacheDir, signal: interruption.stop, say: (text) => views.emit({ type: 'note', text }) });
};

interface Ready {
  plan: ShrinkPlan;
  image: CheckedImage | null;
}

/** The plan with the real image in it; of a node that cannot be shrunk nothing is downloaded. */
const planned = async (invocation: Invocation, order: Order, host: Host, views: Views): Promise<Ready> => {
  const { session, node, options } = order;
  const planWith = async (image: Image | null): Promise<ShrinkPlan> => {
    const { plan, reasons } = await look(host, session.cluster, node, image, options);
    if (plan === null || reasons.length > 0) throw new Refused(reasons);
    return plan;
  };
  const first = await planWith(namedImage(session.cluster, invocation.env.cacheDir));
  if (!needsImage(first)) return { plan: first, image: null };
  const image = await fetchImage(invocation, order, views);
  return { plan: await planWith(image), image };
};

const scripts = ({ legs }: ShrinkPlan): string => JSON.stringify(legs.map(({ id, changes }) => [id, changes]));

const refuseWhenMoved = async (
  order: Order,
  host: Host,
  { plan, image }: Ready,
  cluster: Cluster,
  invocation: Invocation,
): Promise<void> => {
  const now = await look(host, cluster, order.node, image ?? namedImage(cluster, invocation.env.cacheDir), order.options);
  if (now.plan !== null && scripts(now.plan) === scripts(plan)) return;
  throw new Refused({
    node: order.node.name,
    what: 'the node has changed since the plan was shown',
    next: 'nothing was done; run it again and look at the new plan',
  });
};

const newFailures = async (visit: Visit, before: readonly string[], door: Door): Promise<void> => {
  const fresh = (await failedUnits(visit.host)).filter((unit) => !before.includes(unit));
  if (fresh.length > 0) door.note(`${door.node}: failed since it was rebooted: ${fresh.join(', ')} (systemctl status)`);
};

/** All of it, under the lock, with the journal open. */
const goThrough = async (invocation: Invocation, order: Order, ready: Ready, open: OpenRun, views: Views): Promise<Ending> => {
  const { session, node, options } = order;
  const { plan, image } = ready;
  const { ctx, run } = open;
  const door = doorOf(order, invocation.interruption.cut, views);
  const host = session.hosts.get(node.name) as Receiver;
  await refuseWhenMoved(order, host, ready, session.cluster, invocation);
  const kept = await saveBackup(host, plan.place, ctx.log);
  door.note(`${node.name}: copies of table, superblock and boot files are in ${kept}`);
  const units = await failedUnits(host);
  const first: Visit = { host, ...(await where(host, door.cut)), lost: ctx.lost, leave: async () => {} };
  const before = new Map<string, (visit: Visit) => Promise<void>>();
  const to = plan.image;
  if (image !== null && to !== null) before.set('image', (visit) => upload(visit, image, to, (text) => door.note(`${node.name}: ${text}`)));
  const walk: Walk = { door, ctx, before };
  const walked = await walkLegs(walk, first, plan.legs);
  const base = { run, changed: walked.changed, unchanged: 0 };
  try {
    const reports: Report[] = [...walked.reports];
    if (walked.visit !== null && reports.length === 0 && !walked.stopped) {
      await newFailures(walked.visit, units, door);
      const { plan: left } = await look(walked.visit.host, session.cluster, node, image, options);
      if (left?.legs.length === 0) return { ...base, result: 'changed', failed: 0, exit: EXIT.ok };
      reports.push({ node: node.name, what: 'the disk is not as planned after all was done' });
    }
    const state = await stateReport(walked.visit, run, node, () =>
      look((walked.visit as Visit).host, session.cluster, node, image, options),
    );
    const { asked } = ctx.interruption;
    if (walked.stopped && asked) {
      const error = new Interrupted(asked, { ...state, what: `stopped before all was done; ${state.what}` });
      views.fail(error);
      return { ...base, result: 'failed', failed: 0, exit: error.exit };
    }
    views.emit({ type: 'error', exit: EXIT.failed, reports: [...reports, state] });
    views.emit({ type: 'note', text: `the whole log: ${ctx.log}` });
    return { ...base, result: 'failed', failed: Math.max(1, reports.length), exit: EXIT.failed };
  } finally {
    if (walked.visit !== null && walked.visit !== first) await walked.visit.leave();
  }
};

const carryOut = async (invocation: Invocation, order: Order, ready: Ready, views: Views): Promise<Ending> => {
  const open = await openRun(invocation, order.session, { verb: VERB, plan: planOf(order.session.cluster, ready.plan), emit: views.emit });
  try {
    return open.end(await goThrough(invocation, order, ready, open, views));
  } catch (error) {
    if (!(error instanceof GlusterctlError)) throw error;
    views.fail(error);
    const result = error instanceof Refused ? 'refused' : 'failed';
    return open.end<Ending>({
      run: open.run,
      result,
      changed: 0,
      unchanged: 0,
      failed: error instanceof ApplyFailed ? 1 : 0,
      exit: error.exit,
    });
  } finally {
    await open.close();
  }
};

/** Plan, consent, then through the legs: to the live system and back. */
export const execute = (invocation: Invocation, name: string, options: ExecuteOptions): Promise<number> =>
  inEvents(invocation, { verb: VERB }, (views) =>
    withSession(invocation, [name], async (session) => {
      const { output } = invocation;
      views.emit({ type: 'version', v: 1, glusterctl: invocation.version, run: null, cluster: session.cluster.name, verb: VERB });
      const { node, host } = chosen(session, name);
      const order: Order = { session, node, options };
      await leaveLive(order, doorOf(order, invocation.interruption.stop, views));
      const ready = await planned(invocation, order, host, views);
      if (!invocation.json && !output.quiet) output.err(shrinkText(ready.plan, output.verbose, paint(output.colorErr)));
      const { legs } = ready.plan;
      if (legs.length === 0) return { run: null, result: 'converged', changed: 0, unchanged: 1, failed: 0, exit: EXIT.ok };
      await agreeToShrink(planOf(session.cluster, ready.plan), ready.plan, options.confirm ?? [], output);
      return carryOut(invocation, order, ready, views);
    }),
  );

import { statSync } from 'node:fs';
import { ConfigError, EXIT, Refused, UsageError } from '../errors.ts';
import { answersOf } from '../facts/record.ts';
import { imageFile, imageName } from '../image/image.ts';
import type { Cluster, Node } from '../model/cluster.ts';
import type { Host } from '../model/host.ts';
import { askAll } from '../run/ask.ts';
import { unreachable } from '../run/look.ts';
import { type Image, planShrink, type ShrinkPlanned, shrinkFacts } from '../shrink/plan.ts';
import { planUndo } from '../shrink/undo.ts';
import { paint } from '../ui/paint.ts';
import { checklistText, shrinkText } from '../ui/shrink-text.ts';
import type { Invocation } from './invocation.ts';
import { type ExecuteOptions, execute } from './node-shrink-execute.ts';
import { type Session, withSession } from './session.ts';

export interface ShrinkFlags {
  checklist?: boolean;
  iHaveConsole?: boolean;
  undo?: boolean;
}

/** Seconds for one question: resize2fs -P reads all that is in use of a large filesystem. */
const PATIENCE = 900;

/** Asks the node, and plans. */
export const look = async (
  host: Host,
  { grml }: Cluster,
  node: Node,
  image: Image | null,
  { iHaveConsole, undo }: ShrinkFlags,
): Promise<ShrinkPlanned> => {
  const facts = shrinkFacts(node.partition?.disk ?? '');
  const questions = new Map([[node.name, Object.values(facts)]]);
  const { answers, failures } = await askAll(new Map([[node.name, host]]), questions, 1, { seconds: PATIENCE });
  if (failures.size > 0) throw unreachable(failures);
  const own = answers.get(node.name);
  if (!own) throw new Error(`${node.name} was not asked`);
  const is = answersOf(facts, own);
  if (undo) return planUndo(is, node);
  return planShrink(is, { node, image, bootOptions: grml?.bootOptions ?? '', console: iHaveConsole === true });
};

/** What is known of the image before it was fetched and checked; its size only where it lies on this machine. */
export const namedImage = ({ grml }: Cluster, cacheDir: string): Image | null =>
  grml === null
    ? null
    : {
        name: imageName(grml.iso),
        size: statSync(imageFile(grml, cacheDir), { throwIfNoEntry: false })?.size ?? 0,
        sha256: grml.sha256,
      };

/** The node, and its host. */
export const chosen = ({ cluster, hosts }: Session, name: string) => {
  const node = cluster.nodes.find((n) => n.name === name);
  const host = hosts.get(name);
  if (!node || !host) throw new Error(`no node ${name}`);
  if (node.partition === null)
    throw new ConfigError({
      node: name,
      what: `${cluster.file} does not say what to cut from its root disk`,
      next: 'add partition: { disk: /dev/vda, rootSize: 30GiB } to the node',
    });
  return { node, host };
};

const show = (invocation: Invocation, name: string, options: ShrinkFlags): Promise<number> =>
  withSession(invocation, [name], async (session) => {
    const { node, host } = chosen(session, name);
    const { output, env } = invocation;
    const { plan, reasons } = await look(host, session.cluster, node, namedImage(session.cluster, env.cacheDir), options);
    if (plan === null) throw new Refused(reasons);
    if (invocation.json) output.out(JSON.stringify({ v: 1, ...plan, reasons }, null, 2));
    else output.out(options.checklist ? checklistText(plan) : shrinkText(plan, true, paint(output.colorOut)));
    // What stands in the way of glusterctl need not stand in the way of a person at a console.
    if (reasons.length > 0 && !options.checklist) throw new Refused(reasons);
    return EXIT.ok;
  });

export const run = async (invocation: Invocation, name: string, options: ExecuteOptions & { execute?: boolean }): Promise<number> => {
  if (options.execute) return execute(invocation, name, options);
  if (options.confirm) throw new UsageError({ what: '--confirm agrees to something only with --execute' });
  return show(invocation, name, options);
};

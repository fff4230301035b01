import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { ConfigError, EXIT, Refused } from '../errors.ts';
import { answersOf } from '../facts/record.ts';
import { askAll } from '../run/ask.ts';
import { unreachable } from '../run/look.ts';
import { planShrink, type ShrinkOptions, shrinkFacts } from '../shrink/plan.ts';
import { paint } from '../ui/paint.ts';
import { checklistText, shrinkText } from '../ui/shrink-text.ts';
import type { Invocation } from './invocation.ts';
import { type Session, withSession } from './session.ts';

/** File name of the live system's image, wherever it comes from. */
const nameOf = (iso: string): string => basename(/^https?:/.test(iso) ? new URL(iso).pathname : iso) || 'grml.iso';

interface Options {
  checklist?: boolean;
}

/** Asks the node, and plans. */
export const look = async (session: Session, { node, ...options }: ShrinkOptions) => {
  const facts = shrinkFacts(node.partition?.disk ?? '');
  const { answers, failures } = await askAll(session.hosts, new Map([[node.name, Object.values(facts)]]), 1);
  if (failures.size > 0) throw unreachable(failures);
  const own = answers.get(node.name);
  if (!own) throw new Error(`${node.name} was not asked`);
  return planShrink(answersOf(facts, own), { node, ...options });
};

export const chosen = ({ cluster }: Session, name: string) => {
  const node = cluster.nodes.find((n) => n.name === name);
  if (!node) throw new Error(`no node ${name}`);
  if (node.partition === null)
    throw new ConfigError({
      node: name,
      what: `${cluster.file} does not say what to cut from its root disk`,
      next: 'add partition: { disk: /dev/vda, rootSize: 30GiB } to the node',
    });
  return node;
};

export const run = (invocation: Invocation, name: string, options: Options): Promise<number> => {
  return withSession(invocation, [name], async (session) => {
    const node = chosen(session, name);
    const { grml } = session.cluster;
    const { output } = invocation;
    const local = grml === null ? undefined : statSync(grml.iso, { throwIfNoEntry: false });
    const image = grml === null ? null : { name: nameOf(grml.iso), size: local?.size ?? 0, sha256: grml.sha256 };
    const { plan, reasons } = await look(session, {
      node,
      image,
      bootOptions: grml?.bootOptions ?? '',
      console: false,
    });
    if (plan === null) throw new Refused(reasons);
    if (invocation.json) output.out(JSON.stringify({ v: 1, ...plan, reasons }, null, 2));
    else output.out(options.checklist ? checklistText(plan) : shrinkText(plan, true, paint(output.colorOut)));
    // What stands in the way of glusterctl need not stand in the way of a person at a console.
    if (reasons.length > 0 && !options.checklist) throw new Refused(reasons);
    return EXIT.ok;
  });
};

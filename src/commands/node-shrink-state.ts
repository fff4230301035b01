import { GlusterctlError, type Report } from '../errors.ts';
import type { Node } from '../model/cluster.ts';
import type { Visit } from '../run/shrink/visit.ts';
import { DEAD_MAN } from '../shrink/grml.ts';
import type { ShrinkPlanned } from '../shrink/plan.ts';
import { sizeText } from '../shrink/size.ts';

const away = (node: string, run: string): Report => ({
  node,
  what: 'in which state the node is, is not known: it does not answer',
  why: `in the live system it boots back by itself, ${DEAD_MAN / 60} minutes after the last who was at work there; a power cycle boots its normal system in any case`,
  next: `when it answers again, run the same: it finishes what is left. Or undo what was done: glusterctl rollback ${run}`,
});

/** In which state a node is that the whole way was not gone with, and what to do. */
export const stateReport = async (
  visit: Visit | null,
  run: string,
  { name, partition }: Node,
  look: () => Promise<ShrinkPlanned>,
): Promise<Report> => {
  if (visit === null) return away(name, run);
  if (visit.system === 'live')
    return {
      node: name,
      what: 'the node is in the live system',
      why: `it boots back by itself ${DEAD_MAN / 60} minutes after the last who was at work there`,
      next: 'run the same again: it boots the node back and finishes what is left',
    };
  const planned = await look().catch((error: unknown) => {
    if (!(error instanceof GlusterctlError)) throw error;
    return null;
  });
  if (planned === null) return away(name, run);
  const { plan, reasons } = planned;
  const next = `run the same again: it finishes what is left. Or undo what was done: glusterctl rollback ${run}`;
  if (plan === null) return { node: name, what: 'the node is in its normal system', why: reasons.map(({ what }) => what).join('\n'), next };
  const root = plan.before.find(({ number }) => number === plan.rootNumber);
  const there = plan.layout.pending.create ? 'is not there' : 'is there';
  return {
    node: name,
    what: `the node is in its normal system; root's partition has ${sizeText((root?.size ?? 0) * plan.layout.sector)}, partition ${partition?.label} ${there}`,
    why: `left to do: ${plan.legs.flatMap((leg) => leg.changes.map(({ title }) => title)).join('; ') || 'nothing'}`,
    next,
  };
};

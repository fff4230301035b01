import { Declined, Refused } from '../errors.ts';
import type { Plan } from '../model/plan.ts';
import { consentMissing, unconfirmed } from '../run/consent.ts';
import type { ShrinkPlan } from '../shrink/plan.ts';
import { askText } from '../ui/ask.ts';
import type { Output } from '../ui/output.ts';
import { agreeToLosses } from './consent.ts';

/**
 * `--confirm NODE` agrees to what is done to the node, its reboots with it, `--confirm NODE:SERIAL` to what its disk may lose.
 * What is not given is asked: the node's name first. Throws Declined, and Refused where nobody can be asked.
 */
export const agreeToShrink = async (
  plan: Plan,
  { node, legs }: ShrinkPlan,
  confirmed: readonly string[],
  output: Output,
): Promise<void> => {
  const open = unconfirmed(plan, confirmed);
  const reboots = legs.some(({ rebootsTo }) => rebootsTo !== null);
  const named = confirmed.includes(node);
  if (!output.interactive) {
    const missing = [
      ...(named
        ? []
        : [{ node, what: `${reboots ? 'rebooting the node' : 'changing its root disk'} needs consent`, next: `--confirm ${node}` }]),
      ...consentMissing(open),
    ];
    if (missing.length > 0) throw new Refused(missing);
    return;
  }
  if (!named) {
    const typed = await askText(`${reboots ? 'The node is rebooted twice and serves nothing in between. ' : ''}Type its name to begin:`);
    if (typed.trim() !== node) throw new Declined({ node, what: 'that is not its name; nothing was done' });
  }
  await agreeToLosses(open);
};

import { Declined, Refused } from '../errors.ts';
import type { Plan, PlannedChange } from '../model/plan.ts';
import { consentMissing, deathUnsaid, unconfirmed, unconfirmedDead } from '../run/consent.ts';
import { askText } from '../ui/ask.ts';
import type { Output } from '../ui/output.ts';

export interface ConsentOptions {
  yes?: boolean;
  confirm?: string[];
  /** Nodes that are said to be dead. */
  confirmDead?: string[];
}

/** Asks for the name of each node that is taken for dead. --yes never covers these. */
const agreeToDeaths = async (lost: readonly string[]): Promise<void> => {
  for (const node of lost) {
    const typed = await askText(`${node} does not answer and is given up: it must not come back as it is. Type its name to go on:`);
    if (typed.trim() !== node) throw new Declined({ node, what: 'that is not its name; nothing was done' });
  }
};

/** Asks for the serial of each disk that loses something. --yes never covers these. */
export const agreeToLosses = async (open: readonly PlannedChange[]): Promise<void> => {
  for (const change of open) {
    const serial = change.device?.serial ?? 'none';
    const typed = await askText(
      `${change.node}: ${change.title}. Type the serial of ${change.device?.path ?? 'the disk'} to lose what is on it:`,
    );
    if (typed.trim() !== serial) throw new Declined({ node: change.node, what: 'that is not the serial; nothing was done' });
  }
};

const YES = /^(y|yes)$/i;
const DETAILS = /^(d|details)$/i;

/** Consent to a plan, by flags or by answers. `details` is the plan in full. Throws Declined or Refused. */
export const agree = async (plan: Plan, options: ConsentOptions, output: Output, details: () => string): Promise<void> => {
  const open = unconfirmed(plan, options.confirm ?? []);
  const lost = unconfirmedDead(plan, options.confirmDead ?? []);
  if (!output.interactive) {
    if (open.length + lost.length > 0) throw new Refused([...deathUnsaid(lost), ...consentMissing(open)]);
    if (options.yes) return;
    throw new Refused({ what: 'these changes need your consent, and nobody can be asked here', next: 'look at the plan, then add --yes' });
  }
  while (!options.yes) {
    const typed = (await askText(`Carry out these ${plan.summary.changes} changes? (y)es, (n)o, (d)etails:`)).trim();
    if (YES.test(typed)) break;
    if (!DETAILS.test(typed)) throw new Declined({ what: 'nothing was done' });
    output.err(details());
  }
  await agreeToDeaths(lost);
  await agreeToLosses(open);
};

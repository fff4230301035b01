import { EXIT, Refused } from '../errors.ts';
import { paint } from '../ui/paint.ts';
import { planText } from '../ui/plan-text.ts';
import { draft, stageTitles } from './draft.ts';
import type { Invocation } from './invocation.ts';
import { summarizePlan } from './pipeline.ts';
import { planDocument, writePlan } from './plan-file.ts';
import type { Session } from './session.ts';

export interface PlanOptions {
  out?: string;
  detailedExitcode?: boolean;
  commands?: boolean;
}

/** Plans what `apply` would do, and shows it. */
export const planning = async (invocation: Invocation, session: Session, options: PlanOptions): Promise<number> => {
  const { plan, reasons, playbook } = await draft(invocation, session, 'apply', { hangUp: true });
  const { output } = invocation;
  if (invocation.json) output.out(planDocument(plan, invocation.version, reasons));
  else if (!output.quiet) {
    const shown = { commands: options.commands === true, diffs: true, whole: output.verbose, stages: stageTitles(playbook) };
    output.out(planText(plan, shown, paint(output.colorOut)));
  }
  summarizePlan(invocation.env, plan);
  if (reasons.length > 0) throw new Refused(reasons);
  if (options.out) writePlan(options.out, plan, invocation.version);
  return options.detailedExitcode && plan.changes.length > 0 ? EXIT.pending : EXIT.ok;
};

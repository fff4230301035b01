import { EXIT, Refused } from '../errors.ts';
import { paint } from '../ui/paint.ts';
import { planText } from '../ui/plan-text.ts';
import { draft, stageTitles } from './draft.ts';
import type { Invocation } from './invocation.ts';
import { summarizePlan } from './pipeline.ts';
import { planDocument, writePlan } from './plan-file.ts';
import { withSession } from './session.ts';

interface Options {
  out?: string;
  detailedExitcode?: boolean;
  commands?: boolean;
}

export const run = (invocation: Invocation, options: Options): Promise<number> =>
  withSession(invocation, [], async (session) => {
    const { plan, reasons, playbook } = await draft(invocation, session, 'apply');
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
  });

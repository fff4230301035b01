import { judge } from '../checks/report.ts';
import { loadPlaybook } from '../config/playbook.ts';
import { EXIT } from '../errors.ts';
import { jobsOf } from '../plan/jobs.ts';
import { preflight } from '../run/preflight.ts';
import { stepById } from '../steps/index.ts';
import { checkText } from '../ui/check-text.ts';
import { reportAnnotation } from '../ui/github.ts';
import { paint } from '../ui/paint.ts';
import type { Invocation } from './invocation.ts';
import { withSession } from './session.ts';

/** Every fault of every node in one report: what the checks find, and what the steps refuse. */
export const run = (invocation: Invocation, names: string[]): Promise<number> =>
  withSession(invocation, names, async ({ cluster, hosts }) => {
    const { output, env, concurrency } = invocation;
    const { jobs } = jobsOf(loadPlaybook('apply', stepById), cluster, stepById, new Set(hosts.keys()));
    const report = judge(await preflight(cluster, jobs, hosts, concurrency));
    const { stop, reached } = report.summary;
    if (invocation.json) output.out(JSON.stringify(report, null, 2));
    else if (!output.quiet || stop > 0) output.out(checkText(report, paint(output.colorOut)));
    if (env.githubActions) {
      for (const { node, severity, ...fault } of report.faults)
        if (severity === 'stop') output.err(reportAnnotation({ node: node ?? undefined, ...fault }));
    }
    if (reached === 0) return EXIT.connect;
    return stop > 0 ? EXIT.refused : EXIT.ok;
  });

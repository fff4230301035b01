import { findCluster } from '../config/find.ts';
import { EXIT, Refused } from '../errors.ts';
import { seenOf } from '../k8s/check/answers.ts';
import { explain } from '../k8s/check/rules.ts';
import { reportText } from '../ui/error-text.ts';
import { paint } from '../ui/paint.ts';
import type { Invocation } from './invocation.ts';
import { askMinor, kubectlJson } from './k8s-kubectl.ts';

/** What stands in the namespace of the claims, and what belongs to no namespace. */
const THERE = 'persistentvolumeclaims,pods,events,endpoints,services';
const EVERYWHERE = 'persistentvolumes,storageclasses,csidrivers,nodes';

/** Asks the cluster, changes nothing. */
export const run = async (invocation: Invocation): Promise<number> => {
  const { output, json } = invocation;
  const { cluster } = await findCluster(invocation.config, invocation.env);
  const { kubernetes } = cluster;
  if (kubernetes === null)
    throw new Refused({ what: `${cluster.file} hands no volume to Kubernetes`, next: 'add the section kubernetes:' });
  const { namespace } = kubernetes;
  const minor = await askMinor();
  const seen = seenOf(minor, [await kubectlJson('get', THERE, '-n', namespace), await kubectlJson('get', EVERYWHERE)]);
  const claims = kubernetes.volumes.map((wish) => ({
    claim: wish.claim,
    method: wish.method,
    problems: explain(cluster, namespace, wish, seen),
  }));
  const well = claims.every(({ problems }) => problems.length === 0);
  if (json) output.out(JSON.stringify({ v: 1, kubernetes: `1.${minor}`, namespace, well, claims }, null, 2));
  else {
    const p = paint(output.colorOut);
    for (const { claim, problems } of claims) {
      if (problems.length === 0) output.out(`${p.good('ok   ')} ${claim}`);
      for (const problem of problems) output.out(`${p.bad('WRONG')} ${claim}: ${reportText(problem)}`);
    }
  }
  return well ? EXIT.ok : EXIT.unhealthy;
};

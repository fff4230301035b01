import { findCluster } from '../config/find.ts';
import { manifestText } from '../config/manifest-text.ts';
import { EXIT, Refused, UsageError } from '../errors.ts';
import { adminKey } from '../heketi/paths.ts';
import { manifests } from '../k8s/manifests.ts';
import type { Made } from '../k8s/object.ts';
import { minorOf } from '../k8s/release.ts';
import type { Cluster } from '../model/cluster.ts';
import { Secret } from '../sh.ts';
import { hostOf } from './heketi-node.ts';
import type { Invocation } from './invocation.ts';
import { writeManifests } from './k8s-files.ts';
import { askMinor, kubectl } from './k8s-kubectl.ts';
import { withSession } from './session.ts';

interface Options {
  out?: string;
  apply?: boolean;
  /** `--version`, which commander knows by its longer name. */
  kubernetesVersion?: string;
}

const asked = (text: string): number | 'auto' => {
  const minor = text === 'auto' ? 'auto' : minorOf(text);
  if (minor === null)
    throw new UsageError({ what: `--version ${text} is no release of Kubernetes`, next: 'give a release such as 1.25, or auto' });
  return minor;
};

/** Whoever applies has a cluster to ask: manifests for another release must not reach it. */
const applied = async (wanted: number | 'auto'): Promise<number> => {
  const there = await askMinor();
  if (wanted === 'auto' || wanted === there) return there;
  throw new Refused({
    what: `the manifests are wanted for Kubernetes 1.${wanted}, and the cluster runs 1.${there}`,
    next: `give --version auto, or set kubernetes.version to "1.${there}"`,
  });
};

/** The key of a Heketi that glusterctl has installed, from its node; null where there is none, or nothing asks for it. */
const keyThere = async (invocation: Invocation, { heketi: { server }, kubernetes }: Cluster): Promise<Secret | null> => {
  if (server === undefined || !kubernetes?.volumes.some(({ method }) => method === 'heketi')) return null;
  const { stdout } = await withSession(invocation, [server.node], (session) => hostOf(session, server).run(adminKey.text));
  return stdout.trim() === '' ? null : new Secret(stdout.trim());
};

const asComment = ({ name, text }: Made['files'][number]): string =>
  [`${name}:`, ...text.trimEnd().split('\n')].map((line) => `# ${line}`.trimEnd()).join('\n');

const apply = async ({ objects }: Made, { output }: Invocation): Promise<void> => {
  const text = manifestText(objects);
  output.out(await kubectl(['apply', '-f', '-'], text));
  await kubectl(['get', '-f', '-', '-o', 'name'], text);
};

export const run = async (invocation: Invocation, options: Options): Promise<number> => {
  const { output, env, json } = invocation;
  if (options.apply && options.out !== undefined)
    throw new UsageError({ what: '--apply and --out do not go together', next: 'write the files first, then kubectl apply -f DIR' });
  const { cluster } = await findCluster(invocation.config, env);
  const wanted = asked(options.kubernetesVersion ?? cluster.kubernetes?.version ?? 'auto');
  const minor = options.apply ? await applied(wanted) : wanted === 'auto' ? await askMinor() : wanted;
  const made = manifests(cluster, minor, env.heketiKey ?? (await keyThere(invocation, cluster)));

  if (options.apply) await apply(made, invocation);
  else if (options.out !== undefined) for (const path of writeManifests(options.out, made)) output.out(path);
  else if (json) output.out(JSON.stringify({ v: 1, kubernetes: `1.${minor}`, ...made }, null, 2));
  else output.out([...made.files.map(asComment), manifestText([...made.objects, ...made.example])].join('\n'));
  if (!output.quiet) {
    for (const note of made.notes) output.err(`note: ${note}`);
    if (options.apply) {
      for (const { name, text } of made.files) output.err(`${name}:\n${text}`);
      output.err('glusterctl k8s check tells whether the claims are bound');
    }
  }
  return EXIT.ok;
};

import { type Command, Option } from 'commander';
import { examples, verb } from './verb.ts';

export const addK8s = (program: Command): void => {
  const k8s = program.command('k8s').description('the pool in Kubernetes');
  examples(
    k8s
      .command('manifests')
      .description('what Kubernetes needs to use the volumes, for its release: to stdout, into a folder, or applied')
      .option('-o, --out <dir>', 'write a file for each object')
      .option('--apply', 'hand them to the cluster with kubectl; without the example')
      .addOption(
        new Option('--version, --kubernetes-version <release>', 'a release such as 1.25, or auto: ask the cluster (default: the file)'),
      )
      .action(verb(() => import('../commands/k8s-manifests.ts'))),
    'glusterctl k8s manifests --version 1.25',
    'glusterctl k8s manifests --version 1.31 --out manifests',
    'glusterctl k8s manifests --apply',
  );
  examples(
    k8s
      .command('check')
      .description('why a claim waits or a pod does not mount it; exit 0 well, 9 not')
      .action(verb(() => import('../commands/k8s-check.ts'))),
    'glusterctl k8s check',
  );

  // `k8s manifests --version 1.25` means the cluster's; commander would take it for the program's own flag, wherever it stands.
  const parseOptions = program.parseOptions.bind(program);
  program.parseOptions = (words) => {
    const own = words.includes('k8s') && words.includes('manifests');
    return parseOptions(own ? words.map((word) => word.replace(/^--version(?==|$)/, '--kubernetes-version')) : words);
  };
};

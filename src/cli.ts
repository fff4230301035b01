import { Argument, Command, CommanderError, Option } from 'commander';
import { carriesOut, consent, count, junit, list } from './cli/flags.ts';
import { addInit } from './cli/init.ts';
import { addK8s } from './cli/k8s.ts';
import { examples, nameOf, outcome, verb, version } from './cli/verb.ts';
import { EXIT } from './errors.ts';

export { examplesOf } from './cli/verb.ts';

/** All verbs and their flags. Completion and the man page are made of it too. */
export const program = new Command('glusterctl')
  .description('From bare Linux hosts to a healthy GlusterFS pool, from one cluster.yaml, over SSH.')
  .version(version(), '--version', 'print the version')
  .option('-c, --config <file>', 'the cluster file; - is stdin (default: $GLUSTERCTL_CONFIG, else ./cluster.yaml)')
  .option('--json', 'print results as JSON')
  .option('-q, --quiet', 'say nothing but errors')
  .option('-v, --verbose', 'say what is run and what it prints')
  .option('--no-color', 'no colours')
  .option('--no-input', 'never ask; what would need an answer is refused (exit 7)')
  .addOption(new Option('--concurrency <n>', 'nodes to work on at a time').argParser(count))
  .addOption(new Option('--limit <node,...>', 'only these nodes').argParser(list))
  .helpCommand(true)
  .showHelpAfterError('(glusterctl --help shows all verbs)')
  .configureHelp({ showGlobalOptions: true })
  .exitOverride();

addInit(program);
examples(
  program
    .command('validate')
    .description('check the cluster file alone; no network')
    .action(verb(() => import('./commands/validate.ts'))),
  'glusterctl validate -c cluster.yaml',
);
examples(
  program
    .command('facts [nodes...]')
    .description('show what the nodes are; nothing is installed or written there')
    .option('--record <dir>', 'also write the raw answers to DIR, one file a node')
    .action(verb(() => import('./commands/facts.ts'))),
  'glusterctl facts node-1',
  'glusterctl facts --json',
);
examples(
  program
    .command('check [nodes...]')
    .description('look for all that would stop a run, on all nodes at once; exit 0 nothing would, 7 something would')
    .action(verb(() => import('./commands/check.ts'))),
  'glusterctl check',
  'glusterctl check --json',
);
examples(
  program
    .command('plan')
    .description('show what would change, and change nothing')
    .option('-o, --out <file>', 'also write the plan to a file that apply takes')
    .option('--detailed-exitcode', 'exit 10 when changes are pending')
    .option('--commands', 'show the exact commands of every change')
    .action(verb(() => import('./commands/plan.ts'))),
  'glusterctl plan',
  'glusterctl plan --commands -o plan.json',
  'glusterctl plan --json --detailed-exitcode',
);
const apply = program.command('apply [plan]').description('make the nodes what the cluster file says');
examples(
  carriesOut(apply).action(verb(() => import('./commands/apply.ts'))),
  'glusterctl apply',
  'glusterctl apply plan.json --yes',
  'glusterctl apply --yes --on-failure rollback --json',
);

const node = program.command('node').description('single nodes');
const prepare = node.command('prepare [nodes...]').description('the node part only: repositories, packages, modules, disks, service');
examples(carriesOut(prepare).action(verb(() => import('./commands/node-prepare.ts'))), 'glusterctl node prepare node-1 node-2');

const replace = node
  .command('replace <node>')
  .description('put the bricks of a node, dead or alive, on another one, or make them anew on a host of its name');
examples(
  carriesOut(replace)
    .addOption(new Option('--with <node>', 'the node that takes its place; left out: the same host, set up anew'))
    .addOption(new Option('--confirm-dead <node>', 'agree to give up this node, which does not answer (repeatable)').argParser(list))
    .action(verb(() => import('./commands/node-replace.ts'))),
  'glusterctl node replace node-3 --with node-4',
  'glusterctl node replace node-3 --with node-4 --dry-run --commands',
  'glusterctl node replace node-3 --with node-4 --yes --confirm-dead node-3',
  'glusterctl node replace node-3',
);

const shrink = node.command('shrink <node>');
examples(
  shrink
    .description('show how a partition is cut from the root disk, by way of GRML, to the sector; done only with --execute')
    .addOption(new Option('--checklist', 'the steps for a person at the console').conflicts(['undo', 'execute']))
    .option('--undo', 'the way back, while the new partition is empty: root gets its room again; no reboot')
    .option('--execute', 'do it: two reboots, the node serves nothing in between')
    .addOption(
      new Option('--confirm <node>', 'NODE agrees to the reboots, NODE:SERIAL to what its disk may lose (repeatable)').argParser(list),
    )
    .option('--i-have-console', 'go on where the boot loader cannot fall back by itself')
    .action(verb(() => import('./commands/node-shrink.ts'))),
  'glusterctl node shrink node-1',
  'glusterctl node shrink node-1 --checklist',
  'glusterctl node shrink node-1 --undo',
  'glusterctl node shrink node-1 --execute --confirm node-1 --confirm node-1:none',
);

const rollback = program.command('rollback [run]').description('undo a run, newest change first');
examples(
  consent(rollback)
    .addOption(junit())
    .action(verb(() => import('./commands/rollback.ts'))),
  'glusterctl rollback',
  'glusterctl rollback --yes --json --junit report.xml',
);

const runs = program
  .command('runs')
  .description('what was done, when and by whom')
  .action(verb(() => import('./commands/runs.ts')));
examples(runs, 'glusterctl runs', 'glusterctl runs --json');
examples(
  runs
    .command('show <run>')
    .description('every change of one run, and what became of it')
    .action(verb(() => import('./commands/runs-show.ts'))),
  'glusterctl runs show 20260102-030405-abcd',
);

examples(
  program
    .command('status')
    .description('pool, volumes, bricks, heal; exit 0 healthy, 9 not')
    .action(verb(() => import('./commands/status.ts'))),
  'glusterctl status',
  'glusterctl status --json',
);
addK8s(program);
const heketi = program.command('heketi').description('Heketi, for Kubernetes up to 1.25');
examples(
  heketi
    .command('topology')
    .description("the nodes' disks for Heketi, as heketi-cli topology load takes them; nothing is changed")
    .option('-o, --out <file>', 'write it to a file')
    .addOption(
      new Option('--format <format>', 'for heketi-cli, or values for a Helm chart that runs GlusterFS in Kubernetes')
        .choices(['heketi', 'ibm', 'acaleph'])
        .default('heketi'),
    )
    .action(verb(() => import('./commands/heketi-topology.ts'))),
  'glusterctl heketi topology',
  'glusterctl heketi topology --format ibm > values.yaml',
  'glusterctl heketi topology --out topology.json',
);
examples(
  heketi
    .command('export')
    .description('what Heketi knows, in the form in which it is loaded')
    .option('-o, --out <file>', 'write it to a file')
    .action(verb(() => import('./commands/heketi-export.ts'))),
  'glusterctl heketi export --out topology.json',
);
const load = heketi.command('load').description('tell Heketi of the nodes and disks; refused for disks that are not blank');
examples(carriesOut(load).action(verb(() => import('./commands/heketi-load.ts'))), 'glusterctl heketi load --yes');
examples(
  heketi
    .command('cli <words...>')
    .description('heketi-cli on its node, with the key of its admin; what it refuses is explained')
    .action(verb(() => import('./commands/heketi-cli.ts'))),
  'glusterctl heketi cli -- volume list',
  'glusterctl heketi cli -- volume create --size=10 --replica=3',
);
examples(
  program
    .command('schema')
    .description('print the JSON Schema of cluster.yaml')
    .action(verb(() => import('./commands/schema.ts'))),
  'glusterctl schema > cluster.schema.json',
);
examples(
  program
    .command('steps [steps...]')
    .description('list the steps and what each takes care of')
    .action(verb(() => import('./commands/steps.ts'))),
  'glusterctl steps',
  'glusterctl steps peers volume --json',
);

examples(
  program
    .command('completion')
    .description('print a script that completes verbs, flags, nodes and runs')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .action(verb(() => import('./commands/completion.ts'))),
  'glusterctl completion bash > ~/.local/share/bash-completion/completions/glusterctl',
  'source <(glusterctl completion zsh)',
);
examples(
  program
    .command('doctor')
    .description('look whether this machine has what glusterctl needs; exit 0 yes, 7 no')
    .action(verb(() => import('./commands/doctor.ts'))),
  'glusterctl doctor',
);
program
  .command('__complete [words...]', { hidden: true })
  .allowUnknownOption()
  .action(verb(() => import('./commands/complete.ts')));

const isAnswer = (error: CommanderError): boolean =>
  ['commander.helpDisplayed', 'commander.help', 'commander.version'].includes(error.code);

/** Who asked for events gets them for a wrong flag, too. */
const answerInEvents = async (argv: readonly string[], message: string): Promise<void> => {
  const speaking = [apply, prepare, replace, load, rollback, ...(argv.includes('--execute') ? [shrink] : [])];
  const verb = speaking.find((command) => argv.includes(command.name()));
  if (verb === undefined || !argv.includes('--json')) return;
  const { unstarted } = await import('./ui/ndjson.ts');
  const what = message.replace(/^error: /, '');
  for (const line of unstarted(version(), nameOf(verb), EXIT.usage, [{ what }])) process.stdout.write(`${line}\n`);
};

export const main = async (argv: readonly string[]): Promise<void> => {
  try {
    await program.parseAsync(argv);
  } catch (error) {
    if (error instanceof CommanderError) {
      outcome.exit = isAnswer(error) ? EXIT.ok : EXIT.usage;
      if (outcome.exit !== EXIT.ok) await answerInEvents(argv, error.message);
    } else {
      const { reportBug } = await import('./ui/bug.ts');
      outcome.exit = reportBug(error, version());
    }
  }
  // What was being waited for has no end of its own.
  if (outcome.exit === EXIT.interrupted || outcome.exit === EXIT.terminated) process.exit(outcome.exit);
  process.exitCode = outcome.exit;
};

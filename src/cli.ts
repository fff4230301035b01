import { readFileSync } from 'node:fs';
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import type { Invocation } from './commands/invocation.ts';
import { EXIT } from './errors.ts';
import { shipped } from './shipped.ts';

/* Over 250 lines: the whole tree of commands stands on one page, so that one look says what there is. */

type Verb = { run(invocation: Invocation, ...args: never[]): Promise<number> };

const version = (): string => JSON.parse(readFileSync(shipped('package.json'), 'utf8')).version;

const list = (text: string, before: string[] = []): string[] => [...before, ...text.split(',').filter((part) => part !== '')];
const count = (text: string): number => {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1 || n > 512) throw new InvalidArgumentError('a whole number from 1 to 512 is wanted.');
  return n;
};

const port = (text: string): number => {
  const n = Number(text);
  if (!Number.isInteger(n) || n < 1 || n > 65535) throw new InvalidArgumentError('a port from 1 to 65535 is wanted.');
  return n;
};
const RISKS = ['replica-2', 'root-partition', 'same-node'];
const risk = (text: string, before: string[] = []): string[] => {
  if (!RISKS.includes(text)) throw new InvalidArgumentError(`Allowed choices are ${RISKS.join(', ')}.`);
  return [...before, text];
};
/** Values may hold commas of their own, so each needs its own flag. */
const repeatable = (flags: string, description: string): Option =>
  new Option(flags, `${description} (repeatable)`).argParser((text: string, before: string[] = []) => [...before, text]);

/** Of each verb, for the man page and for the tests, which run each of them. */
export const examplesOf = new Map<Command, readonly string[]>();

const examples = (command: Command, ...lines: string[]): Command => {
  examplesOf.set(command, lines);
  return command.addHelpText('after', `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`);
};

/** As it is typed: `node prepare`. */
const nameOf = (command: Command): string => {
  const { parent } = command;
  return parent?.parent ? `${nameOf(parent)} ${command.name()}` : command.name();
};

let exitCode: number = EXIT.ok;

/** Loads a verb when it is called and not before: `--help` has to be there at once. */
const verb =
  (load: () => Promise<Verb>) =>
  async (...all: unknown[]): Promise<void> => {
    const command = all.at(-1) as Command;
    const { invoke } = await import('./commands/invocation.ts');
    exitCode = await invoke(command.optsWithGlobals(), { version: version(), verb: nameOf(command) }, async (invocation) =>
      (await load()).run(invocation, ...(all.slice(0, -1) as never[])),
    );
  };

const junit = (): Option => new Option('--junit <file>', 'also write a JUnit report, a test case for each change');

const consent = (command: Command): Command =>
  command
    .option('-y, --yes', 'agree to everything that is not destructive')
    .addOption(new Option('--confirm <node:serial>', 'agree to lose what is on this disk (repeatable)').argParser(list));

const carriesOut = (command: Command): Command =>
  consent(command)
    .option('--dry-run', 'show what would be done, and do nothing')
    .option('--commands', 'show the exact commands of every change')
    .addOption(junit())
    .addOption(new Option('--on-failure <what>', 'what to do when a change fails').choices(['stop', 'rollback']).default('stop'));

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

examples(
  program
    .command('init')
    .description('ask a few questions, look at the hosts, write cluster.yaml; without a terminal flags answer')
    .option('-o, --out <file>', 'the file to write (default: what --config names, else ./cluster.yaml)')
    .option('--dry-run', 'print the file instead of writing it; nothing is asked')
    .option('--force', 'replace a file that is there')
    .option('--offline', 'do not look at the hosts')
    .option('--from-live', 'describe the pool that these nodes are in')
    .option('--from-kubectl', 'the hosts are the nodes of Kubernetes: names, internal addresses and zones')
    .addOption(repeatable('--node <name=address>', 'a host that carries bricks: NAME=ADDRESS, NAME, ranges such as node[1-3]'))
    .addOption(repeatable('--client <name=address>', 'a host that mounts the volume; a --node may be named too'))
    .option('--kubernetes', 'hand the volume to Kubernetes')
    .option('--mount-path <path>', 'where the volume is mounted (default: /mnt/VOLUME)')
    .option('--name <name>', 'name of the cluster (default: gluster)')
    .option('--user <user>', 'who logs in (default: what ~/.ssh/config says)')
    .addOption(new Option('--port <n>', 'port of sshd').argParser(port))
    .option('--identity-file <file>', 'private key (default: the agent, then ~/.ssh/config)')
    .option('--known-hosts <file>', 'file with the host keys that are trusted')
    .addOption(new Option('--host-keys <how>', 'what to do with unknown host keys').choices(['strict', 'accept-new']))
    .option('--jump <user@host:port>', 'jump host, or a chain of them separated by commas')
    .addOption(repeatable('--storage <node=address>', 'address of a node on the storage network'))
    .addOption(repeatable('--zone <node=zone>', 'nodes of one zone fail together'))
    .option('--gluster-version <version>', 'a release such as 10.3, or a series such as 10')
    .addOption(new Option('--source <source>', 'where packages come from').choices(['upstream', 'distro', 'ppa', 'centos-sig', 'mirror']))
    .option('--mirror <url>', "a tree laid out like upstream's")
    .option('--key <file>', "the mirror's signing key, a file or https URL")
    .option('--fingerprint <fingerprint>', 'fingerprint of that key')
    .addOption(repeatable('--disk <node:device>', 'a disk for bricks, by device, serial or WWN; without NODE on every node'))
    .addOption(repeatable('--brick-path <node:path>', 'a folder for bricks; without NODE on every node'))
    .option('--volume <name>', 'name of the volume (default: gv0)')
    .addOption(new Option('--type <type>', 'how the volume keeps data').choices(['distribute', 'replicate', 'arbiter', 'disperse']))
    .option('--replica <n>', 'copies; of a disperse volume DATA+REDUNDANCY, such as 4+2')
    .addOption(new Option('--allow <risk>', 'take a risk knowingly (repeatable)').choices(RISKS).argParser(risk))
    .action(verb(() => import('./commands/init.ts'))),
  'glusterctl init',
  'glusterctl init --node node-[1-3]=192.0.2.[11-13] --brick-path /data/brick1',
  'glusterctl init --offline --node node-[1-3]=192.0.2.[11-13] --gluster-version 10 --brick-path /data/brick1 --dry-run',
  'glusterctl init --from-live --node node-1=192.0.2.11 -o live.yaml',
);
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
    .action(verb(() => import('./commands/k8s-manifests.ts'))),
  'glusterctl k8s manifests --version 1.25',
  'glusterctl k8s manifests --version 1.31 --out manifests',
  'glusterctl k8s manifests --apply',
);
examples(
  k8s
    .command('check')
    .description('why a claim waits or a pod does not mount it; exit 0 well, 9 not')
    .action(verb(() => import('./commands/k8s-check.ts'))),
  'glusterctl k8s check',
);
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

/** `k8s manifests --version 1.25` means the cluster's; commander would take it for the program's own flag, wherever it stands. */
const parseOptions = program.parseOptions.bind(program);
program.parseOptions = (words) => {
  const own = words.includes('k8s') && words.includes('manifests');
  return parseOptions(own ? words.map((word) => word.replace(/^--version(?==|$)/, '--kubernetes-version')) : words);
};

const isAnswer = (error: CommanderError): boolean =>
  ['commander.helpDisplayed', 'commander.help', 'commander.version'].includes(error.code);

/** Who asked for events gets them for a wrong flag, too. */
const answerInEvents = async (argv: readonly string[], message: string): Promise<void> => {
  const speaking = [apply, prepare, load, rollback, ...(argv.includes('--execute') ? [shrink] : [])];
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
      exitCode = isAnswer(error) ? EXIT.ok : EXIT.usage;
      if (exitCode !== EXIT.ok) await answerInEvents(argv, error.message);
    } else {
      const { reportBug } = await import('./ui/bug.ts');
      exitCode = reportBug(error, version());
    }
  }
  // What was being waited for has no end of its own.
  if (exitCode === EXIT.interrupted || exitCode === EXIT.terminated) process.exit(exitCode);
  process.exitCode = exitCode;
};

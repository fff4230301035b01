import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { attachLab, down, type Lab, openLab } from './index.ts';
import { labsUp } from './labs-up.ts';
import { cache } from './paths.ts';

const USAGE = `Usage: npm run lab -- COMMAND [--name NAME]

  up [--nodes N] [--port P]...   boot a lab of N nodes (default 3), afresh
         [--no-brick] [--loopback-name]
         [--el9 NODE]...         these stand in for Rocky Linux 9
  ssh [USER@]NODE [COMMAND...]   log in to a node
  status                         what runs
  reset [NODE]                   pristine again, one node or all
  reboot | power-cut | unplug | plug NODE
  down [--all]                   take it down, and whatever a crashed one has left
  clean                          throw away the image and the packages too

NAME is "default" unless given. Needs root, and a Debian or Ubuntu host.
`;

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  // What follows `ssh NODE` belongs to the command there, whatever it looks like.
  args: process.argv.slice(2, process.argv[2] === 'ssh' ? sshWords(process.argv) : undefined),
  options: {
    name: { type: 'string', default: 'default' },
    nodes: { type: 'string', default: '3' },
    port: { type: 'string', multiple: true, default: [] },
    el9: { type: 'string', multiple: true, default: [] },
    'no-brick': { type: 'boolean', default: false },
    'loopback-name': { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** The index behind `ssh [--name NAME] NODE`. */
function sshWords(argv: string[]): number {
  let at = 3;
  while (argv[at]?.startsWith('--')) at += argv[at]?.includes('=') ? 1 : 2;
  return at + 1;
}

const running = (): Lab => {
  const lab = attachLab(values.name);
  if (!lab) throw new Error(`no lab "${values.name}" is up: npm run lab -- up${values.name === 'default' ? '' : ` --name ${values.name}`}`);
  return lab;
};

const describe = (lab: Lab): void => {
  const again = lab.name === 'default' ? '' : ` --name ${lab.name}`;
  for (const { name, address } of lab.nodes) print(`${name}  ${address}  npm run lab -- ssh${again} ${name}`);
  print(`\nCluster file:  ${join(lab.dir, 'cluster.yaml')}`);
  print(`Key:           ${lab.identityFile}`);
  print(`Known hosts:   ${lab.knownHosts}`);
  print(`Users:         root; ops (sudo without a password); pat (sudo with the password "${lab.password}"); eve (no sudo)`);
  print(`Take it down:  npm run lab -- down${again}`);
};

const up = async (): Promise<void> => {
  const lab = await openLab({
    name: values.name,
    keep: true,
    nodes: Number(values.nodes),
    ports: values.port.map(Number),
    brickMount: !values['no-brick'],
    families: Object.fromEntries(values.el9.map((node) => [node, 'el9'])),
    loopbackName: values['loopback-name'],
  });
  writeFileSync(join(lab.dir, 'cluster.yaml'), lab.clusterYaml());
  describe(lab);
};

const ssh = (): Promise<number> => {
  const [user, node] = (positionals[1] ?? '').includes('@') ? (positionals[1] ?? '').split('@') : ['root', positionals[1]];
  const args = running().sshArgs(node ?? '', { user: user ?? 'root' });
  const child = spawn('ssh', [...args, ...process.argv.slice(sshWords(process.argv))], { stdio: 'inherit' });
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 255)));
};

const each = async (verb: 'reset' | 'reboot' | 'powerCut' | 'unplug' | 'plug'): Promise<void> => {
  const lab = running();
  const wanted = positionals.slice(1);
  if (wanted.length === 0 && verb !== 'reset') throw new Error('which node?');
  await Promise.all((wanted.length === 0 ? lab.nodes : wanted.map((name) => lab.node(name))).map((node) => node[verb]()));
};

const main = async (): Promise<number> => {
  switch (values.help ? 'help' : positionals[0]) {
    case 'up':
      await up();
      return 0;
    case 'ssh':
      return ssh();
    case 'status': {
      const lab = attachLab(values.name);
      print(`labs up: ${labsUp().join(', ') || 'none'}`);
      if (lab) describe(lab);
      return 0;
    }
    case 'reset':
    case 'reboot':
    case 'unplug':
    case 'plug':
      await each(positionals[0] as 'reset');
      return 0;
    case 'power-cut':
      await each('powerCut');
      return 0;
    case 'down':
      for (const name of values.all ? labsUp() : [values.name]) await down(name);
      return 0;
    case 'clean':
      if (labsUp().length > 0) throw new Error(`still up: ${labsUp().join(', ')}; take them down first (down --all)`);
      rmSync(cache, { recursive: true, force: true });
      return 0;
    case 'help':
      print(USAGE);
      return 0;
    default:
      process.stderr.write(USAGE);
      return 2;
  }
};

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

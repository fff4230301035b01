import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quote } from '../../src/sh.ts';
import { type Lab, openLab, openTargets } from '../lab/index.ts';
import { ansiblePlaybook } from './ansible.ts';
import { factsOfAll } from './facts-script.ts';
import { type Command, type Paired, pair } from './pair.ts';

const CLI = 'bin/glusterctl.js';

interface Line {
  what: string;
  /** The most that the ratio should be. */
  goal: number;
  measured: Paired;
  also?: string;
}

const print = ({ what, goal, measured: { ours, peer, ratio }, also }: Line): void => {
  const verdict = ratio <= goal ? 'met' : 'MISSED';
  process.stdout.write(
    `${what}\n  ${ours.toFixed(3)} s over ${peer.toFixed(3)} s: ${ratio.toFixed(2)} (goal: at most ${goal}, ${verdict})${also ? `; ${also}` : ''}\n`,
  );
};

const help = async (): Promise<Line> => ({
  what: 'glusterctl --help, over a bare node -e 0',
  goal: 1.4,
  measured: await pair({ argv: [process.execPath, CLI, '--help'] }, { argv: [process.execPath, '-e', '0'] }, 15),
});

const run = (command: Command): void => {
  const [file = '', ...args] = command.argv;
  const { status, stderr } = spawnSync(file, args, { env: { ...process.env, ...command.env }, input: '', encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command.argv.join(' ')}: exit ${status}\n${stderr}`);
};

/** `ssh node true` to all nodes in parallel. */
const sshAll = (lab: Lab): Command => {
  const one = (name: string) => ['ssh', ...lab.sshArgs(name), 'true'].map(quote).join(' ');
  return { argv: ['sh', '-c', `${lab.nodes.map((n) => `${one(n.name)} & `).join('')} wait`] };
};

const pool = async (dir: string): Promise<Line[]> => {
  const lab = await openLab({ name: 'bench', nodes: 3 });
  try {
    const config = join(dir, 'cluster.yaml');
    writeFileSync(config, lab.clusterYaml());
    const env = { GLUSTERCTL_CONFIG: config, GLUSTERCTL_STATE_DIR: join(dir, 'state') };
    const glusterctl = (...args: string[]): Command => ({ argv: [process.execPath, CLI, ...args], env });
    run(glusterctl('apply', '--yes'));
    const plan = glusterctl('plan', '--detailed-exitcode');
    const ansible = await ansiblePlaybook(lab, dir);
    return [
      {
        what: 'a converged plan of three nodes, over `ssh node true` to the three in parallel',
        goal: 1.6,
        measured: await pair(plan, sshAll(lab), 9),
      },
      { what: 'the same converged state: glusterctl plan, over ansible-playbook', goal: 0.1, measured: await pair(plan, ansible, 3) },
    ];
  } finally {
    await lab.down();
  }
};

const many = async (dir: string): Promise<Line> => {
  const count = 300;
  const lab = await openTargets({ count, name: 'bench-many' });
  try {
    const config = join(dir, 'many.yaml');
    const nodes = lab.targets.map(({ name, address }) => `  - { name: ${name}, address: ${address}, roles: [client] }`);
    const head = [
      'apiVersion: glusterctl/v1',
      'kind: Cluster',
      'name: many',
      'ssh:',
      '  user: root',
      `  identityFile: ${JSON.stringify(lab.identityFile)}`,
      `  knownHosts: ${JSON.stringify(lab.knownHosts)}`,
    ];
    writeFileSync(config, [...head, 'gluster: { version: "10.3", source: distro }', 'nodes:', ...nodes, ''].join('\n'));
    const script = join(dir, 'facts.sh');
    writeFileSync(script, factsOfAll());
    const addresses = join(dir, 'addresses');
    writeFileSync(addresses, `${lab.targets.map((t) => t.address).join('\n')}\n`);
    const memory = join(dir, 'memory');
    const env = { GLUSTERCTL_CONFIG: config, GLUSTERCTL_STATE_DIR: join(dir, 'state') };
    const ours: Command = { argv: ['/usr/bin/time', '-f', '%M', '-o', memory, process.execPath, CLI, 'facts', '--json'], env };
    const ssh = ['ssh', ...lab.sshArgs('ADDRESS')]
      .map((a) => a.replace('root@ADDRESS', 'root@{}'))
      .map(quote)
      .join(' ')
      .replace(/'root@\{\}'/, 'root@{}');
    const peer: Command = {
      argv: ['sh', '-c', `xargs -P32 -I{} sh -c ${quote(`${ssh} sh -s <${quote(script)} >/dev/null`)} <${quote(addresses)}`],
    };
    const measured = await pair(ours, peer, 3);
    const megabytes = Number(readFileSync(memory, 'utf8').trim()) / 1024;
    return {
      what: `facts of ${count} SSH targets, over the same script by xargs -P32 ssh`,
      goal: 0.8,
      measured,
      also: `${megabytes.toFixed(0)} MB resident (goal: under 150)`,
    };
  } finally {
    await lab.down();
  }
};

const dir = mkdtempSync(join(tmpdir(), 'glusterctl-bench-'));
try {
  print(await help());
  for (const line of await pool(dir)) print(line);
  print(await many(dir));
} finally {
  rmSync(dir, { recursive: true, force: true });
}

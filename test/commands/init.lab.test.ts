import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { BIN, cleanEnv, glusterctl, type Ran } from '../helpers/cli.ts';
import { folder } from '../helpers/folder.ts';
import { KEY, openTerminal, type Terminal } from '../helpers/pty.ts';
import { type Lab, openLab } from '../lab/index.ts';

const home = folder();
const socket = join(home, 'agent');
let lab: Lab;
let agent = 0;
let env: Record<string, string>;
let hosts: string;

beforeAll(async () => {
  lab = await openLab({ name: 'wizard', nodes: 3, geoReplication: false });
  const said = execFileSync('ssh-agent', ['-a', socket], { encoding: 'utf8' });
  agent = Number(/SSH_AGENT_PID=(\d+)/.exec(said)?.[1]);
  env = cleanEnv(home, { SSH_AUTH_SOCK: socket, TERM: 'xterm', LANG: 'C.UTF-8' });
  execFileSync('ssh-add', ['-q', lab.identityFile], { env });
  hosts = lab.nodes.map(({ name, address }) => `${name}=${address}`).join(' ');
});

afterAll(async () => {
  if (agent > 0) process.kill(agent);
  await lab?.down();
});

/** A folder with nothing in it, and a state of its own. */
const fresh = (): { cwd: string; env: Record<string, string> } => {
  const cwd = folder();
  return { cwd, env: { ...env, GLUSTERCTL_STATE_DIR: join(cwd, 'state') } };
};

interface Place {
  cwd: string;
  env: Record<string, string>;
}

const start = (place: Place, args: readonly string[], size: { rows?: number; cols?: number } = {}): Terminal => {
  const terminal = openTerminal([process.execPath, BIN, ...args], { ...place, ...size });
  onTestFinished(() => terminal.kill());
  return terminal;
};

/** Nothing but the folder: whatever was preselected is taken away first. */
const ONLY_FOLDER = `aa${KEY.up}${KEY.up}${KEY.space}${KEY.enter}`;

/** Every question of a wizard on bare hosts, in order, and what is typed. */
const script = (): [asked: string, keys: string][] => [
  ['Which hosts', `${hosts}${KEY.enter}`],
  ['Who mounts', KEY.enter],
  ['Are these the host keys', `${KEY.up}${KEY.enter}`],
  ['Which GlusterFS?', KEY.enter],
  ['Where shall the data lie?', ONLY_FOLDER],
  ['How shall it be kept?', KEY.enter],
  ['Write this to cluster.yaml?', KEY.enter],
];

/** A prompt is drawn before it listens. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 250));

const answer = async (terminal: Terminal, steps: readonly [string | RegExp, string][]): Promise<void> => {
  for (const [asked, keys] of steps) {
    await terminal.expect(asked, 60_000);
    await settle();
    terminal.type(keys);
  }
};

const withoutComments = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.replace(/(^|\s+)#.*$/, ''))
    .filter(Boolean)
    .join('\n');

const flags = (): string[] => [
  'init',
  '--no-input',
  '--known-hosts',
  lab.knownHosts,
  ...lab.nodes.flatMap(({ name, address }) => ['--node', `${name}=${address}`]),
  '--brick-path',
  '/data/brick1',
];

it('goes from nothing to a started volume by keys alone, with eight answers', async () => {
  const place = fresh();
  const terminal = start(place, ['init']);
  const questions = script();
  await answer(terminal, questions);
  expect(await terminal.exit, terminal.text).toBe(0);
  expect(terminal.text).toMatch(/\/dev\/vdc .*not usable: mounted on \/data\/brick1/);
  const text = readFileSync(join(place.cwd, 'cluster.yaml'), 'utf8');
  expect(glusterctl(['validate'], place).code).toBe(0);
  expect(readdirSync(place.cwd).sort()).toEqual(['cluster.schema.json', 'cluster.yaml', 'state']);
  expect(readdirSync(join(place.cwd, 'state', 'init'))).toEqual([]);

  // The same from flags. Only how the host keys are known differs, and is left to the environment here.
  const made = glusterctl([...flags().filter((f) => f !== '--known-hosts' && f !== lab.knownHosts), '--dry-run'], place);
  expect(made.code, made.stderr).toBe(0);
  expect(withoutComments(made.stdout)).toBe(withoutComments(text));

  const apply = start(place, ['apply']);
  await answer(apply, [['Carry out these', `y${KEY.enter}`]]);
  expect(await apply.exit, apply.text).toBe(0);
  expect(questions.length + 1).toBeLessThanOrEqual(8);
  const { stdout } = await lab.node('node-1').exec('gluster volume info gv0');
  expect(stdout).toContain('Status: Started');

  // What is there now is described so that nothing is left to do.
  const live = glusterctl(['init', '--from-live', '--node', lab.nodes[0]?.address ?? '', '--no-input', '-o', 'live.yaml'], place);
  expect(live.code, live.stderr).toBe(0);
  const plan = glusterctl(['plan', '-c', 'live.yaml', '--detailed-exitcode'], place);
  expect(plan.code, plan.stdout + plan.stderr).toBe(0);
});

describe('a person who stops', () => {
  it('loses nothing by Ctrl-C in any question', async () => {
    const place = fresh();
    const questions = script();
    const kept = (): string => join(place.cwd, 'state', 'init', readdirSync(join(place.cwd, 'state', 'init'))[0] ?? '');
    for (const [i, [asked]] of questions.entries()) {
      rmSync(join(place.cwd, 'state'), { recursive: true, force: true });
      const terminal = start(place, ['init']);
      await answer(terminal, questions.slice(0, i));
      await terminal.expect(asked);
      await settle();
      terminal.type(KEY.ctrlC);
      expect(await terminal.exit, `${asked}: ${terminal.text}`).toBe(130);
      expect(existsSync(join(place.cwd, 'cluster.yaml'))).toBe(false);
      if (i === 0) continue;
      expect(terminal.text).toContain('the answers are kept');
      expect(statSync(kept()).mode & 0o777).toBe(0o600);
    }
    // All but the last were answered: only the keys are asked for again, as they are never taken for granted.
    const again = start(place, ['init']);
    await answer(again, [
      ['Go on with them?', KEY.enter],
      ['Write this to cluster.yaml?', KEY.enter],
    ]);
    expect(await again.exit, again.text).toBe(0);
    expect(again.text).not.toContain('Which hosts');
  });

  it('goes back by Esc, and finds what was typed as the default', async () => {
    const place = fresh();
    const terminal = start(place, ['init']);
    await answer(terminal, [
      ['Which hosts', `${hosts}${KEY.enter}`],
      ['Who mounts', KEY.escape],
    ]);
    await answer(terminal, [[`Which hosts are to carry the volume? (${hosts})`, KEY.enter], ...script().slice(1)]);
    expect(await terminal.exit, terminal.text).toBe(0);
    expect(existsSync(join(place.cwd, 'cluster.yaml'))).toBe(true);
  });

  it('stops where the host keys are not the right ones', async () => {
    const place = fresh();
    const terminal = start(place, ['init']);
    await answer(terminal, [...script().slice(0, 2), ['Are these the host keys', KEY.enter]]);
    expect(await terminal.exit, terminal.text).toBe(1);
    expect(existsSync(join(place.cwd, 'state', 'known_hosts'))).toBe(false);
  });

  it('is asked before a file is replaced', async () => {
    const place = fresh();
    writeFileSync(join(place.cwd, 'cluster.yaml'), 'mine\n');
    const terminal = start(place, ['init']);
    await answer(terminal, [...script().slice(0, 6), ['cluster.yaml is there already', KEY.enter]]);
    expect(await terminal.exit, terminal.text).toBe(1);
    expect(readFileSync(join(place.cwd, 'cluster.yaml'), 'utf8')).toBe('mine\n');
  });
});

describe('hosts that are not as they should be', () => {
  it('asks for another password after a wrong one, and keeps none', async () => {
    const place = fresh();
    const { SSH_AUTH_SOCK: _none, ...bare } = place.env;
    const terminal = start({ cwd: place.cwd, env: bare }, ['init', '--user', 'pat']);
    await answer(terminal, [
      ...script().slice(0, 3),
      [/let nobody in[\s\S]*Password of pat/, `wrong${KEY.enter}`],
      [/let nobody in[\s\S]*the password was not right[\s\S]*Password of pat/, `${lab.password}${KEY.enter}`],
      ...script().slice(3),
    ]);
    expect(await terminal.exit, terminal.text).toBe(0);
    expect(terminal.text).not.toContain(lab.password);
    const files = readdirSync(place.cwd, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name), 'utf8').includes(lab.password))
      .map(({ name }) => name);
    expect(files).toEqual([]);
  });

  it('goes on without a host that cannot be reached', async () => {
    const place = fresh();
    const terminal = start(place, ['init']);
    const lost = (lab.nodes[0]?.address ?? '').replace(/\d+$/, '200');
    await answer(terminal, [
      ['Which hosts', `${hosts} node-9=${lost}${KEY.enter}`],
      ['Who mounts', KEY.enter],
      ['Are these the host keys', `${KEY.up}${KEY.enter}`],
      ['1 of 4 hosts cannot be reached', `${KEY.down}${KEY.enter}`],
      ...script().slice(3),
    ]);
    expect(await terminal.exit, terminal.text).toBe(0);
    expect(readFileSync(join(place.cwd, 'cluster.yaml'), 'utf8')).not.toContain('node-9');
  });

  it('takes a list that is pasted line by line', async () => {
    const place = fresh();
    const terminal = start(place, ['init']);
    const pasted = lab.nodes.map(({ name, address }) => `${address} ${name}`).join('\n');
    await answer(terminal, [['Which hosts', `${pasted}\n`], ...script().slice(1)]);
    expect(await terminal.exit, terminal.text).toBe(0);
  });
});

describe('without a terminal', () => {
  const ran = (args: readonly string[], place: Place = fresh()): Ran => glusterctl(args, place);

  it('refuses a disk that is in use, and says by what', () => {
    const { code, stderr } = ran([...flags().filter((f) => f !== '--brick-path' && f !== '/data/brick1'), '--disk', '/dev/vdc']);
    expect(code).toBe(7);
    expect(stderr).toContain('node-1: /dev/vdc cannot be used\n    mounted on /data/brick1');
  });

  it('accepts no host key by itself, and names them all', () => {
    const { code, stderr, stdout } = ran(flags().filter((f) => f !== '--known-hosts' && f !== lab.knownHosts));
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr.match(/SHA256:/g)).toHaveLength(3);
    expect(stderr).toContain('--known-hosts FILE, or --host-keys accept-new');
  });

  it('names what logs in when nothing did', () => {
    const place = fresh();
    const { SSH_AUTH_SOCK: _none, ...bare } = place.env;
    const { code, stderr } = glusterctl(flags(), { cwd: place.cwd, env: bare });
    expect(code).toBe(4);
    expect(stderr).toContain('--identity-file');
  });

  it('never overwrites without --force', () => {
    const place = fresh();
    expect(ran(flags(), place).code).toBe(0);
    expect(ran(flags(), place).code).toBe(7);
    expect(ran([...flags(), '--force'], place).code).toBe(0);
  });

  it('prints nothing but the file, or nothing but JSON, on stdout', () => {
    const place = fresh();
    const { stdout } = ran([...flags(), '--dry-run', '-v'], place);
    expect(stdout.startsWith('# yaml-language-server')).toBe(true);
    const json = JSON.parse(ran([...flags(), '--dry-run', '--json'], place).stdout);
    expect(json.text).toBe(stdout);
    expect(readdirSync(place.cwd)).not.toContain('cluster.yaml');
  });
});

describe('on a terminal that can do little', () => {
  it('asks by numbers where nothing can be redrawn, and draws no control sequence', async () => {
    const place = fresh();
    const terminal = start({ ...place, env: { ...place.env, TERM: 'dumb' } }, ['init', '--brick-path', '/data/brick1']);
    await answer(terminal, [
      ['Which hosts', `${hosts}\r`],
      ['Who mounts', '\r'],
      ['host keys of these 3 hosts? [2]', '1\r'],
      ['Which GlusterFS? [1]', '<\r'],
      ['Who mounts', '\r'],
      ['Which GlusterFS? [1]', '\r'],
      ['How shall it be kept? [1]', '2\r'],
      ['Write this to cluster.yaml? [1]', '\r'],
    ]);
    expect(await terminal.exit, terminal.text).toBe(0);
    expect(terminal.raw).not.toContain('\x1b');
    expect(readFileSync(join(place.cwd, 'cluster.yaml'), 'utf8')).toContain('type: arbiter');
  });

  it('draws ASCII alone with LANG=C, on 50 columns, without colour', async () => {
    const place = fresh();
    const terminal = start({ ...place, env: { ...place.env, LANG: 'C', NO_COLOR: '1' } }, ['init'], { cols: 50, rows: 30 });
    await answer(terminal, script());
    expect(await terminal.exit, terminal.text).toBe(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what colours begin with
    expect(terminal.raw).not.toMatch(/\x1b\[[0-9;]*[1-9][0-9;]*m/);
    expect([...terminal.text].filter((char) => char > '~')).toEqual([]);
  });
});

it('describes a pool that was made by hand, so that plan has nothing to do', async () => {
  await lab.reset();
  const names = lab.nodes.map(({ name, address }) => `${address} ${name}`).join('\n');
  await Promise.all(
    lab.nodes.map((node) =>
      node.exec(
        `set -e; printf '%s\n' '${names}' >>/etc/hosts; apt-get update -q; apt-get install -y -q glusterfs-server; systemctl enable --now glusterd; mkdir -p /data/brick1/mine`,
        { timeoutMs: 300_000 },
      ),
    ),
  );
  const one = lab.node('node-1');
  const { code, stderr } = await one.exec(
    `set -e; gluster peer probe node-2; gluster peer probe node-3; sleep 3;
     gluster --mode=script volume create mine replica 3 arbiter 1 node-1:/data/brick1/mine node-2:/data/brick1/mine node-3:/data/brick1/mine
     gluster --mode=script volume set mine network.ping-timeout 20; gluster volume start mine`,
  );
  expect(code, stderr).toBe(0);
  // As the documentation has it: the first node is known by name only when another member probes it.
  expect((await lab.node('node-2').exec('gluster peer probe node-1')).code).toBe(0);
  const place = fresh();
  mkdirSync(join(place.cwd, 'state'), { recursive: true });
  const made = glusterctl(['init', '--from-live', '--node', one.address, '--known-hosts', lab.knownHosts, '--no-input'], place);
  expect(made.code, made.stderr).toBe(0);
  const text = readFileSync(join(place.cwd, 'cluster.yaml'), 'utf8');
  expect(text).toContain('type: arbiter');
  expect(text).toContain('network.ping-timeout: "20"');
  const plan = glusterctl(['plan', '--detailed-exitcode'], place);
  expect(plan.code, plan.stdout + plan.stderr + text).toBe(0);
});

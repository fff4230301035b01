import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorsOf, eventsOf } from '../helpers/events.ts';
import { nodeState, stateDiff } from '../helpers/node-state.ts';
import { openScene, type Scene } from '../helpers/scene.ts';

let scene: Scene;

/** The lab's cluster file with settings of `ssh:` for some of its nodes. */
const cluster = (ssh: Record<string, string> = {}, { knownHosts = scene.lab.knownHosts, more = '' } = {}): string => {
  let text = scene.lab.clusterYaml().replace(JSON.stringify(scene.lab.knownHosts), `${JSON.stringify(knownHosts)}${more}`);
  for (const [node, settings] of Object.entries(ssh))
    text = text.replace(new RegExp(`(- \\{ name: ${node}, address: \\S+) \\}`), `$1, ssh: { ${settings} } }`);
  scene.write(text);
  return text;
};
const sudo = () => ({ GLUSTERCTL_SUDO_PASSWORD: scene.lab.password });
const asked = (node: string, env: Record<string, string> = {}) => scene.run(['facts', node], { env });
/** Who came in at all: a line of sshd for each login, and one for each session. */
const logins = async (node: string): Promise<string> =>
  (await scene.lab.node(node).exec("journalctl -u ssh --no-pager -o cat | grep -E 'Accepted|Starting session' || true")).stdout;
const key = (line: string): string => line.split(' ').slice(1).join(' ');

beforeAll(async () => {
  scene = await openScene({ name: 'e2e-logins', nodes: 3, ports: [2222] });
  for (const node of scene.lab.nodes) await node.exec(`echo 'eve:${scene.lab.password}' | chpasswd`);
  for (const node of scene.lab.nodes)
    await node.exec("echo 'LogLevel VERBOSE' >/etc/ssh/sshd_config.d/verbose.conf && systemctl reload ssh");
});
afterAll(() => scene?.close());

describe('who may log in', () => {
  it.each([
    ['ops, whose sudo asks for nothing', 'user: ops', {}],
    ['pat, whose sudo asks for a password', 'user: pat', { GLUSTERCTL_SUDO_PASSWORD: '' }],
    ['ops on port 2222', 'user: ops, port: 2222', {}],
    ['ops through another node', 'user: ops, jump: "ops@JUMP:2222"', {}],
    ['ops by the ssh program', 'user: ops, transport: openssh', {}],
    ['pat by the ssh program, through another node', 'user: pat, transport: openssh, jump: "ops@JUMP"', { GLUSTERCTL_SUDO_PASSWORD: '' }],
  ])('%s', async (_who, settings, env: Record<string, string>) => {
    cluster({ 'node-1': settings.replace('JUMP', scene.lab.node('node-2').address) });
    const { stdout, stderr, code } = await asked('node-1', 'GLUSTERCTL_SUDO_PASSWORD' in env ? sudo() : {});
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('node-1');
  });

  it.each(['ssh2', 'openssh'])('with keys in files of hostile names, and no shell reads these (%s)', async (transport) => {
    const dir = join(scene.dir, `a 'b" $(touch canary) \`touch canary\`; touch canary #%h~`);
    mkdirSync(dir, { recursive: true });
    copyFileSync(scene.lab.identityFile, join(dir, 'id'));
    copyFileSync(scene.lab.knownHosts, join(dir, 'known'));
    chmodSync(join(dir, 'id'), 0o600);
    const text = cluster().replace(JSON.stringify(scene.lab.identityFile), JSON.stringify(join(dir, 'id')));
    scene.write(text.replace(JSON.stringify(scene.lab.knownHosts), `${JSON.stringify(join(dir, 'known'))}\n  transport: ${transport}`));
    const { stdout, stderr, code } = await scene.run(['facts', 'node-1'], { cwd: scene.dir });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('node-1');
    expect(existsSync(join(scene.dir, 'canary'))).toBe(false);
  });

  it.each([
    [
      'eve, who may not use sudo',
      'user: eve',
      { GLUSTERCTL_SUDO_PASSWORD: '' },
      4,
      /eve cannot become root: sudo does not allow it.*next: on the node, allow eve/s,
    ],
    ['eve without her password', 'user: eve', {}, 7, /sudo asks for the password of eve.*or allow it without a password/s],
    [
      'pat with a wrong password',
      'user: pat',
      { GLUSTERCTL_SUDO_PASSWORD: 'wrong' },
      4,
      /sudo does not take the password.*GLUSTERCTL_SUDO_PASSWORD/s,
    ],
    [
      'pat without a password and without a terminal',
      'user: pat',
      {},
      7,
      /sudo asks for the password of pat.*set GLUSTERCTL_SUDO_PASSWORD/s,
    ],
    ['nobody of that name', 'user: mallory', {}, 4, /cannot log in to mallory@.*next: /s],
    [
      'a user whom sudo is forbidden by the file',
      'user: ops, sudo: never',
      {},
      4,
      /ops is not root, and cluster.yaml says not to use sudo/,
    ],
  ])('not %s: what, why, and what next', async (_who, settings, env: Record<string, string>, exit, said) => {
    cluster({ 'node-1': settings });
    const password = env.GLUSTERCTL_SUDO_PASSWORD === '' ? sudo() : env;
    const { stdout, stderr, code } = await scene.run(['plan', '--limit', 'node-1'], { env: password });
    expect([code, stdout]).toEqual([exit, '']);
    expect(stderr).toMatch(said);
  });
});

describe('whose key it is', () => {
  const known = (): string[] => readFileSync(scene.lab.knownHosts, 'utf8').trim().split('\n');
  const file = (): string => join(scene.dir, 'known');

  it.each(['ssh2', 'openssh'])('a changed key stops all before anything is sent (%s)', async (transport) => {
    const [first = '', ...others] = known().filter(
      (line) => !line.includes('node-2') && !line.startsWith(scene.lab.node('node-2').address),
    );
    writeFileSync(file(), [first, ...others, `${scene.lab.node('node-2').address} ${key(first)}`, ''].join('\n'));
    cluster({}, { knownHosts: file(), more: `\n  transport: ${transport}` });
    const before = await logins('node-2');
    const ran = await scene.run(['apply', '--yes', '--json']);
    expect(ran.code).toBe(4);
    const said = errorsOf(eventsOf(ran));
    expect(said).toMatch(/^node-2: .*HOST KEY.* HAS CHANGED.*why: .*next: .*ssh-keygen/s);
    expect(await logins('node-2')).toBe(before);
    expect(existsSync(join(scene.state, 'runs'))).toBe(false);
  });

  it('an unknown key stops it, and says how to compare it', async () => {
    writeFileSync(file(), '');
    cluster({}, { knownHosts: file() });
    const { stderr, code } = await scene.run(['plan', '--limit', 'node-3']);
    expect(code).toBe(4);
    expect(stderr).toMatch(/node-3: the host key of \S+ is not known.*SHA256:.*next: compare .*ssh-keygen -lf.*ssh-keyscan/s);
  });

  it('accept-new notes it in a file of its own, and a change stops it then', async () => {
    writeFileSync(file(), '');
    cluster({}, { knownHosts: file(), more: '\n  hostKeys: accept-new' });
    const first = await scene.run(['facts', 'node-3']);
    expect([first.code, first.stderr]).toEqual([0, '']);
    expect(readFileSync(file(), 'utf8')).toBe('');
    const own = execFileSync('find', [scene.state, '-type', 'f', '-name', 'known_hosts'], { encoding: 'utf8' }).trim();
    const noted = readFileSync(own, 'utf8');
    expect(noted).toContain(scene.lab.node('node-3').address);
    writeFileSync(own, noted.replace(/ssh-ed25519 \S+/, `ssh-ed25519 ${key(known()[0] ?? '').split(' ')[1]}`));
    expect((await scene.run(['facts', 'node-3'])).stderr).toMatch(/HAS CHANGED/);
    rmSync(own);
  });
});

describe('a node among three that cannot be reached', () => {
  it('stops it, and the others are not touched', async () => {
    cluster();
    const before = await Promise.all(['node-1', 'node-2'].map((name) => nodeState(scene.lab.node(name))));
    await scene.lab.node('node-3').unplug();
    const ran = await scene.run(['apply', '--yes', '--json']);
    expect(ran.code).toBe(4);
    expect(errorsOf(eventsOf(ran))).toMatch(/^node-3: cannot connect to .*why: .*next: /s);
    const after = await Promise.all(['node-1', 'node-2'].map((name) => nodeState(scene.lab.node(name))));
    expect(before.map((state, i) => stateDiff(state, after[i] ?? ''))).toEqual([[], []]);
    expect(existsSync(join(scene.state, 'runs'))).toBe(false);
  });

  it('with --limit the others are done, and what has to see all of the pool is left out and said', async () => {
    cluster({ 'node-1': 'user: ops, port: 2222', 'node-2': `user: pat, jump: "ops@${scene.lab.node('node-1').address}"` });
    const ran = await scene.run(['apply', '--yes', '--limit', 'node-1,node-2'], { env: sudo() });
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stderr).toMatch(/peers: left out, it has to see node-3 too, which --limit excludes/);
    expect(ran.stderr).toMatch(/volume: left out/);
    const plan = await scene.run(['plan', '--limit', 'node-1,node-2', '--detailed-exitcode'], { env: sudo() });
    expect(plan.code, plan.stdout).toBe(0);
    expect(plan.stdout).toMatch(/peers: left out/);
  });

  it('is done when it is back, each node by its own way in; no password is kept anywhere', async () => {
    await scene.lab.node('node-3').plug();
    cluster({
      'node-1': 'user: ops, port: 2222',
      'node-2': `user: pat, jump: "ops@${scene.lab.node('node-1').address}"`,
      'node-3': 'user: ops, transport: openssh',
    });
    const ran = await scene.run(['apply', '--yes', '--json', '-v'], { env: sudo() });
    expect(ran.code, errorsOf(eventsOf(ran))).toBe(0);
    expect(JSON.parse((await scene.run(['status', '--json'], { env: sudo() })).stdout)).toMatchObject({ healthy: true });
    const all = execFileSync('find', [scene.state, '-type', 'f', '-exec', 'cat', '{}', '+'], { encoding: 'utf8' });
    expect(all).toContain('"t":"run"');
    for (const text of [all, ran.stdout, ran.stderr]) expect(text.includes(scene.lab.password)).toBe(false);
  });
});

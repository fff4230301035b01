import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BIN, cleanEnv, glusterctl, type Ran } from '../helpers/cli.ts';
import { folder } from '../helpers/folder.ts';
import { KEY, openTerminal } from '../helpers/pty.ts';
import { type Lab, openLab } from '../lab/index.ts';

const cwd = folder();
const env = cleanEnv(cwd);
const lineSchema = new Ajv({ strict: true }).compile(JSON.parse(readFileSync('docs/events.schema.json', 'utf8')));
let lab: Lab;

beforeAll(async () => {
  lab = await openLab({ name: 'exit-codes', nodes: 3, geoReplication: false });
  writeFileSync(join(cwd, 'cluster.yaml'), lab.clusterYaml());
});
afterAll(() => lab?.down());

const run = (...args: string[]): Ran => glusterctl(args, { cwd, env });

/** Every byte of stdout is a line of the schema. */
const events = ({ stdout }: Ran): { type: string; [key: string]: unknown }[] => {
  expect(stdout.endsWith('\n')).toBe(true);
  const lines = stdout
    .slice(0, -1)
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const line of lines) expect(lineSchema(line), JSON.stringify([line, lineSchema.errors])).toBe(true);
  expect(lines[0]).toMatchObject({ type: 'version', v: 1 });
  return lines;
};

const node = (name = 'node-1') => lab.node(name);
/** /etc/hosts cannot be written, whatever is tried: as on a filesystem that has gone read-only. */
const freeze = (name: string) => node(name).exec('mount --bind /etc/hosts /etc/hosts && mount -o remount,ro,bind /etc/hosts');
const thaw = (name: string) => node(name).exec('umount /etc/hosts');

/** A run that is sent a signal when it has begun to change something. */
const signalled = (signal: 'SIGINT' | 'SIGTERM'): Promise<Ran> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [BIN, 'apply', '--yes', '--json'], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ran = { stdout: '', stderr: '' };
    let sent = false;
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      ran.stderr += chunk;
    });
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      ran.stdout += chunk;
      if (sent || !ran.stdout.includes('"change.started"')) return;
      sent = true;
      child.kill(signal);
    });
    child.on('close', (code) => resolve({ code: code ?? 255, ...ran }));
  });

// In the order in which a pool comes to be: each is reached for real, and the later ones need the earlier.
it('10: plan --detailed-exitcode, changes are pending', () => {
  const ran = run('plan', '--detailed-exitcode', '--json');
  expect([ran.code, ran.stderr]).toEqual([10, '']);
  expect(JSON.parse(ran.stdout).summary.changes).toBeGreaterThan(10);
});

it('9: status, and nothing is there yet', () => {
  const ran = run('status', '--json');
  expect(ran.code, ran.stderr).toBe(9);
  expect(JSON.parse(ran.stdout).healthy).toBe(false);
});

it('7: consent is missing', () => {
  const ran = run('apply', '--json');
  expect(ran.code).toBe(7);
  expect(events(ran).at(-1)).toMatchObject({ type: 'run.finished', result: 'refused', exit: 7, changed: 0 });
});

it('1: a person sees a summary for each node, the rest on request, and says no', async () => {
  const terminal = openTerminal([process.execPath, BIN, 'apply'], { cwd, env: { ...env, TERM: 'xterm' } });
  await terminal.expect(/node-1: Names \(1\)[\s\S]*node-3: Names/, 60_000);
  await terminal.expect('(d)etails:');
  expect(terminal.text).not.toContain('gluster volume create');
  terminal.type(`d${KEY.enter}`);
  await terminal.expect('volume create gv0 replica 3');
  await terminal.expect('(d)etails:');
  terminal.type(`n${KEY.enter}`);
  expect(await terminal.exit, terminal.text).toBe(1);
});

it('8: another run is at work', async () => {
  const held = node('node-2').exec('exec 9>>/run/glusterctl.lock; flock 9; echo somebody >/run/glusterctl.lock; sleep 25');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const ran = run('apply', '--yes', '--json');
  expect(ran.code).toBe(8);
  expect(JSON.stringify(events(ran))).toContain('another run is at work');
  await held;
});

it('5: a change fails, and says what to do', async () => {
  await freeze('node-3');
  const ran = run('apply', '--yes', '--json', '--junit', 'report.xml');
  expect(ran.code).toBe(5);
  expect(events(ran).at(-1)).toMatchObject({ result: 'failed', exit: 5 });
  expect(readFileSync(join(cwd, 'report.xml'), 'utf8')).toMatch(/<testcase classname="node-3\.hosts"[^>]*>\s*<failure/);
});

it('5: and with --on-failure rollback what was done is undone', async () => {
  await thaw('node-3');
  await node('node-3').exec(`set -e
    cp /usr/bin/apt-get /root/apt-get
    printf '#!/bin/sh\\ncase " $* " in *" install "*) echo "E: broken" >&2; exit 100 ;; esac\\nexec /root/apt-get "$@"\\n' >/root/broken
    chmod 755 /root/broken
    mount --bind /root/broken /usr/bin/apt-get`);
  const ran = run('apply', '--yes', '--on-failure', 'rollback', '--json');
  expect(ran.code, ran.stdout).toBe(5);
  expect(events(ran).at(-1)).toMatchObject({ result: 'rolled-back', exit: 5 });
  await node('node-3').exec('umount /usr/bin/apt-get');
});

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s: %i, and the running change is finished', async (signal, code) => {
  const ran = await signalled(signal);
  expect(ran.code, ran.stdout + ran.stderr).toBe(code);
  expect(events(ran).at(-1)).toMatchObject({ type: 'run.finished', exit: code });
});

it('7: the journal cannot be written, and nothing was done', () => {
  const { code, stderr } = glusterctl(['apply', '--yes'], { cwd, env: { ...env, GLUSTERCTL_STATE_DIR: '/dev/null/state' } });
  expect(code).toBe(7);
  expect(stderr).toContain('the journal cannot be written');
});

it('0: all is done; done again, there is nothing to do; status is healthy', () => {
  const ran = run('apply', '--yes', '--json');
  expect(ran.code, ran.stdout).toBe(0);
  expect(events(ran).at(-1)).toMatchObject({ result: 'changed', exit: 0, failed: 0 });
  const again = run('apply', '--yes', '--json', '--junit', 'again.xml');
  expect(events(again).at(-1)).toMatchObject({ result: 'converged', exit: 0, changed: 0 });
  expect(readFileSync(join(cwd, 'again.xml'), 'utf8')).toContain('nothing to do');
  expect(run('plan', '--detailed-exitcode').code).toBe(0);
  const status = run('status', '--json');
  expect(status.code, status.stdout).toBe(0);
  expect(JSON.parse(status.stdout).healthy).toBe(true);
});

it('0: every verb that prints one document prints nothing else', () => {
  for (const args of [['facts'], ['runs'], ['steps'], ['validate'], ['schema'], ['doctor'], ['plan'], ['status']]) {
    const { stdout, code, stderr } = run(...args, '--json');
    expect(code, `${args}: ${stderr}`).toBe(0);
    expect(JSON.parse(stdout), `${args}`).toBeTruthy();
  }
  const [newest = ''] = readdirSync(join(cwd, 'state', 'runs'))
    .sort()
    .reverse();
  expect(JSON.parse(run('runs', 'show', newest, '--json').stdout).run).toBe(newest);
});

it('9: a glusterd is down', async () => {
  await node('node-2').exec('systemctl stop glusterd');
  expect(run('status').code).toBe(9);
  await node('node-2').exec('systemctl start glusterd');
});

it('7: a saved plan is stale', async () => {
  await node('node-1').exec('rm /etc/hosts; printf "127.0.0.1 localhost\\n" >/etc/hosts');
  expect(run('plan', '-o', 'plan.json').code).toBe(0);
  await node('node-1').exec('echo "# changed" >>/etc/hosts');
  expect(run('apply', 'plan.json', '--yes').code).toBe(7);
  expect(run('apply', '--yes').code).toBe(0);
});

it('4: a node that cannot be reached, and a host key that is not known', async () => {
  await node('node-3').unplug();
  expect(run('plan').code).toBe(4);
  await node('node-3').plug();
  writeFileSync(join(cwd, 'none'), '');
  writeFileSync(join(cwd, 'strangers.yaml'), lab.clusterYaml().replace(JSON.stringify(lab.knownHosts), JSON.stringify(join(cwd, 'none'))));
  const { code, stderr } = run('plan', '-c', 'strangers.yaml');
  expect(code).toBe(4);
  expect(stderr).toContain('is not known');
});

it('6: not all can be undone, and what is left is said', async () => {
  await freeze('node-1');
  const ran = run('rollback', '--yes', '--json');
  expect(ran.code, ran.stdout).toBe(6);
  expect(events(ran).at(-1)).toMatchObject({ type: 'run.finished', exit: 6 });
  expect(events(ran).some(({ type }) => type === 'undo.failed')).toBe(true);
  await thaw('node-1');
  expect(run('rollback', '--yes').code).toBe(0);
});

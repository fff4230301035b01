import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BIN, CLUSTER, cleanEnv, glusterctl, type Ran } from '../helpers/cli.ts';
import { errorsOf, eventsOf } from '../helpers/events.ts';
import { folder } from '../helpers/folder.ts';

/** Nobody listens there. */
const NOBODY = CLUSTER.replaceAll(/address: 192\.0\.2\.(\d)/g, 'address: 127.0.0.1, storage: 192.0.2.$1, ssh: { port: $1 }');
const other = NOBODY.replace('name: test', 'name: other');

interface Journal {
  cluster?: string;
  by?: string;
  v?: number;
  lines?: object[];
}
const BEGUN = {
  t: 'begin',
  at: '2026-01-02T03:04:06.000Z',
  seq: 1,
  node: 'alpha',
  step: 'hosts',
  stage: 'names',
  id: 'file:/etc/hosts',
  title: 'update /etc/hosts',
  risk: 'safe',
  do: 'true',
  undo: 'true',
  verify: 'false',
};
const at = BEGUN.at;

/** A desk with a cluster file and these runs in the state folder. */
const desk = (runs: Record<string, Journal>, files: Record<string, string> = { 'cluster.yaml': NOBODY }): string => {
  const cwd = folder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  for (const [run, { cluster = 'test', by = 'me@elsewhere (process 1)', v = 1, lines = [BEGUN] }] of Object.entries(runs)) {
    const dir = join(cwd, 'state/runs', run);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'cluster.yaml'), cluster === 'test' ? NOBODY : other);
    const first = { t: 'run', v, at, run, verb: 'apply', cluster, file: join(cwd, 'cluster.yaml'), baseDir: cwd, by, planned: 1 };
    const all = [{ ...first, glusterctl: v === 1 ? '0.1.0' : '9.0.0', nodes: ['alpha', 'beta'] }, ...lines];
    writeFileSync(join(dir, 'journal.ndjson'), `${all.map((line) => JSON.stringify(line)).join('\n')}\n`);
  }
  return cwd;
};
const [OLD, NEW] = ['20260102-030405-aaaa', '20260203-040506-bbbb'];
const rollback = (cwd: string, ...args: string[]): Ran => glusterctl(['rollback', '--yes', '--json', ...args], { cwd });

describe('rollback takes the run that is meant', () => {
  it('the newest of the cluster whose file lies here, not of another that shares the state folder', () => {
    const cwd = desk({ [OLD]: {}, [NEW]: { cluster: 'other' } }, { 'cluster.yaml': NOBODY, 'other.yaml': other });
    expect(eventsOf(rollback(cwd))[0]).toMatchObject({ run: OLD, cluster: 'test' });
    expect(eventsOf(rollback(cwd, '-c', 'other.yaml'))[0]).toMatchObject({ run: NEW, cluster: 'other' });
  });

  it('is not kept from it by a run on nodes of the same names in another cluster', () => {
    const cwd = desk({ [OLD]: {}, [NEW]: { cluster: 'other' } });
    const ran = rollback(cwd, OLD);
    expect(ran.code).toBe(4);
    expect(errorsOf(eventsOf(ran))).toContain('alpha: cannot connect');
  });

  it('asks which, where there is no file and several clusters are in effect', () => {
    const ran = rollback(desk({ [OLD]: {}, [NEW]: { cluster: 'other' } }, {}));
    expect(ran.code).toBe(7);
    expect(errorsOf(eventsOf(ran))).toMatch(/runs of several clusters are in effect: other, test.*-c/s);
    expect(eventsOf(rollback(desk({ [OLD]: {} }, {})))[0]).toMatchObject({ run: OLD });
  });

  it('wants the file that was named to be there', () => {
    expect(rollback(desk({ [OLD]: {} }), '-c', 'nowhere.yaml').code).toBe(3);
  });

  it('a later run on the same nodes goes first', () => {
    const ran = rollback(desk({ [OLD]: {}, [NEW]: {} }), OLD);
    expect(ran.code).toBe(7);
    expect(errorsOf(eventsOf(ran))).toMatch(new RegExp(`${NEW} came later.*next: first: glusterctl rollback ${NEW}`, 's'));
  });

  it('where nothing is in effect there is nothing to undo, and nobody is asked', () => {
    const undone = { lines: [BEGUN, { t: 'undone', at, seq: 1 }] };
    const named = glusterctl(['rollback', OLD], { cwd: desk({ [OLD]: undone }) });
    expect([named.code, named.stdout]).toEqual([0, '']);
    expect(named.stderr).toContain(`there is nothing to undo: nothing of the run ${OLD} is in effect`);
    expect(named.stderr).not.toContain('changes to undo:');
    expect(rollback(desk({ [OLD]: undone })).code).toBe(0);
  });
});

describe('a journal of another version', () => {
  const cwd = desk({ [OLD]: {}, [NEW]: { v: 2, lines: [{ t: 'news', at }] } });

  it('does not hide the other runs', () => {
    const { stdout, stderr, code } = glusterctl(['runs'], { cwd });
    expect([code, stdout]).toEqual([0, expect.stringContaining(OLD)]);
    expect(stderr).toContain(`the run ${NEW} cannot be read: the journal has format 2, and this glusterctl reads 1`);
    const list = JSON.parse(glusterctl(['runs', '--json'], { cwd }).stdout);
    expect(list.unreadable).toEqual([expect.objectContaining({ run: NEW, by: '9.0.0' })]);
  });

  it.each([[['rollback', '--yes']], [['rollback', '--yes', OLD]], [['rollback', '--yes', NEW]], [['runs', 'show', NEW]]])(
    'stops %j',
    (args) => {
      const { stderr, code } = glusterctl(args, { cwd });
      expect(code).toBe(7);
      expect(stderr).toMatch(new RegExp(`the run ${NEW} cannot be read.*format 2.*next: glusterctl 9.0.0 wrote it`, 's'));
    },
  );

  it('a line of an unknown kind and a torn file are no bugs either', () => {
    const strange = desk({ [OLD]: { lines: [{ t: 'news', at }] } });
    writeFileSync(join(strange, 'state/runs', OLD, 'journal.ndjson'), 'not JSON\n', { flag: 'a' });
    expect(glusterctl(['runs'], { cwd: strange }).stderr).toContain('line 2 of the journal ("news") is none that this glusterctl knows');
  });
});

describe('runs', () => {
  it('tells a run that is at work from one that was killed', () => {
    const me = `${userInfo().username}@${hostname()}`;
    const cwd = desk({ [OLD]: { by: `${me} (process 4194305)` }, [NEW]: { by: `${me} (process ${process.pid})` } });
    const { runs } = JSON.parse(glusterctl(['runs', '--json'], { cwd }).stdout);
    expect(runs.map((r: { result: string }) => r.result)).toEqual(['at work', 'not finished']);
  });
});

describe('a plan file', () => {
  it.each([
    ['of another version', { v: 1, glusterctl: '9.0.0' }, /glusterctl 9.0.0 wrote it, and this is glusterctl 0/],
    ['of another format', { v: 2 }, /has not the form of one/],
    ['that is none', 'hello', /not valid JSON/],
  ])('%s is refused before any node is asked', (_what, content, said) => {
    const cwd = desk({});
    writeFileSync(join(cwd, 'plan.json'), typeof content === 'string' ? content : JSON.stringify(content));
    const ran = glusterctl(['apply', 'plan.json', '--yes', '--json'], { cwd });
    expect(ran.code).toBe(7);
    expect(errorsOf(eventsOf(ran))).toMatch(said);
    expect(errorsOf(eventsOf(ran))).toContain('next: glusterctl plan -o plan.json writes one');
  });
});

describe('JSON, whatever happens', () => {
  const wrong = desk({}, { 'cluster.yaml': NOBODY.replace('name: alpha', 'nam: alpha') });

  it.each([
    [['plan'], 3],
    [['facts'], 3],
    [['status'], 3],
    [['validate'], 3],
    [['validate', '-c', 'nowhere.yaml'], 3],
    [['plan', '--limit', 'nobody', '-c', 'good.yaml'], 2],
    [['plan', '-c', 'good.yaml'], 4],
    [['status', '-c', 'good.yaml'], 4],
    [['facts', '-c', 'good.yaml'], 4],
  ])('%j prints one document and exits with %i', (args, exit) => {
    writeFileSync(join(wrong, 'good.yaml'), NOBODY);
    const { stdout, code } = glusterctl([...args, '--json'], { cwd: wrong });
    expect(code).toBe(exit);
    expect(JSON.parse(stdout)).toMatchObject({ v: 1 });
  });

  it.each([
    [['apply', '--bogus'], 2],
    [['apply', '--on-failure', 'cry'], 2],
    [['apply', 'nothing.json'], 2],
    [['apply', '--junit', '/nowhere/report.xml'], 2],
    [['node', 'prepare', 'nobody', '-c', 'good.yaml'], 2],
    [['rollback', 'nothing'], 2],
    [['apply'], 3],
    [['apply', '-c', 'good.yaml'], 4],
  ])('%j has a first and a last line, and exits with %i', (args, exit) => {
    const ran = glusterctl([...args, '--json'], { cwd: wrong });
    expect(ran.code).toBe(exit);
    expect(errorsOf(eventsOf(ran))).not.toBe('');
  });

  it('also with a variable that nobody knows', () => {
    const ran = glusterctl(['apply', '--json'], { cwd: wrong, env: cleanEnv(wrong, { GLUSTERCTL_CONFG: 'x' }) });
    expect(ran.code).toBe(2);
    expect(errorsOf(eventsOf(ran))).toContain('did you mean GLUSTERCTL_CONFIG?');
  });
});

/** A node that takes connections and never says a word. */
const silent = async (): Promise<{ cwd: string; met: Promise<unknown> }> => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const file = CLUSTER.replace(/nodes:.*/s, `nodes:\n  - { name: alpha, address: 127.0.0.1, ssh: { port: ${port} } }\n`);
  return { cwd: desk({}, { 'cluster.yaml': file }), met: once(server, 'connection') };
};

describe('a signal before anything was done', () => {
  it.each([
    ['apply', 'SIGINT', 130],
    ['apply', 'SIGTERM', 143],
    ['apply', 'SIGHUP', 143],
    ['plan', 'SIGINT', 130],
    ['status', 'SIGTERM', 143],
  ] as const)('%s: %s ends it at once with %i', async (verb, signal, exit) => {
    const { cwd, met } = await silent();
    const child = spawn(process.execPath, [BIN, verb, '--json'], { cwd, env: cleanEnv(cwd), stdio: ['ignore', 'pipe', 'ignore'] });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    await met;
    child.kill(signal);
    const [code] = await once(child, 'close');
    expect(code).toBe(exit);
    if (verb !== 'apply') expect(JSON.parse(stdout)).toMatchObject({ error: { exit } });
    else expect(errorsOf(eventsOf({ stdout, code }))).toContain('stopped before anything was done');
  });
});

it('goes on when nobody reads what it prints any more', async () => {
  const cwd = desk({});
  const child = spawn(process.execPath, [BIN, 'apply', '--yes', '--json'], { cwd, env: cleanEnv(cwd), stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  child.stderr.destroy();
  expect((await once(child, 'exit'))[0]).toBe(4);
});

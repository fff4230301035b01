import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Secret } from '../../src/sh.ts';
import type { ConnectOptions, Question } from '../../src/transport/index.ts';
import type { Link } from '../../src/transport/link.ts';
import { shellHost } from '../../src/transport/shell-host.ts';

/**
 * A program that stands in for sudo, as sudo 1.9 speaks and reads: the password is the first line of stdin, read byte
 * by byte. The real one is in transport.lab.test.ts. Each call leaves its arguments in $CALLS.
 */
const SUDO = `#!/bin/sh
printf '%s\\n' "$*" >>"$CALLS"
case $MODE:$1 in
  free:*) ;;
  none:*) echo "sh: 1: sudo: not found" >&2; exit 127 ;;
  tty:*) echo "sudo: sorry, you must have a tty to run sudo" >&2; exit 1 ;;
  late:-n) [ "$(wc -l <"$CALLS")" = 1 ] || sleep 1; echo "sudo: a password is required" >&2; exit 1 ;;
  *:-n) echo "sudo: a password is required" >&2; exit 1 ;;
  *) IFS= read -r p || { echo "sudo: no password was provided" >&2; exit 1; }
     if [ "$p" != 'right one' ]; then echo "Sorry, try again." >&2; echo "sudo: 1 incorrect password attempt" >&2; exit 1; fi
     if [ "$MODE" = forbidden ]; then echo "pat is not in the sudoers file." >&2; exit 1; fi ;;
esac
while [ "$1" != -- ]; do shift; done
shift
exec "$@"
`;

let dir: string;
let calls: string;
beforeAll(() => {
  dir = mkdtempSync('/tmp/gct-sudo-');
  calls = join(dir, 'calls');
  writeFileSync(join(dir, 'sudo'), SUDO);
  chmodSync(join(dir, 'sudo'), 0o755);
});
beforeEach(() => writeFileSync(calls, ''));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const called = (): string[] => readFileSync(calls, 'utf8').trim().split('\n');

const link = (mode: string): Link => ({
  open: async () => ({ root: false, user: 'pat' }),
  exec: ({ words, input, onData }) =>
    new Promise((resolve, reject) => {
      const env = { PATH: `${dir}:${process.env.PATH}`, MODE: mode, CALLS: calls };
      const child = spawn(words[0] ?? '', words.slice(1), { env });
      child.on('error', reject);
      child.stdout.on('data', (chunk) => onData('stdout', chunk));
      child.stderr.on('data', (chunk) => onData('stderr', chunk));
      child.stdin.on('error', () => {});
      child.stdin.end(input);
      child.on('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal as NodeJS.Signals]));
    }),
  close: async () => {},
});

const options = (o: Partial<ConnectOptions> = {}): ConnectOptions => ({
  cluster: 'c',
  stateDir: dir,
  env: {},
  home: dir,
  agentSocket: null,
  ask: null,
  ...o,
});
const host = (mode: string, o: Partial<ConnectOptions> = {}, sudo: 'auto' | 'never' = 'auto') =>
  shellHost('node-1', link(mode), sudo, options(o));
const SCRIPT = 'echo out; read x; echo "$?"';
const OUT = { stdout: 'out\n1\n', stderr: '', code: 0 };
const N = '-n -- sh -s';
const S = '-S -k -p  -- sh -s';

test('sudo that asks nothing: one command a script', async () => {
  const h = host('free');
  expect(await h.run(SCRIPT)).toEqual(OUT);
  expect(await h.run('exit 1')).toEqual({ stdout: '', stderr: '', code: 1 });
  expect(called()).toEqual([N, N]);
});

test('a password from the environment is checked once, then goes before each script', async () => {
  const h = host('asks', { env: { sudoPassword: new Secret('right one') } });
  expect(await Promise.all([h.run(SCRIPT), h.run(SCRIPT)])).toEqual([OUT, OUT]);
  expect(called().sort()).toEqual([N, N, S, S, S].sort());
  writeFileSync(calls, '');
  expect(await h.run(SCRIPT)).toEqual(OUT);
  expect(called()).toEqual([S]);
});

test('the password is in no output and in no argument', async () => {
  const result = await host('asks', { env: { sudoPassword: new Secret('right one') } }).run('cat; env; ps -o args= -p $$');
  expect(JSON.stringify([result, called()])).not.toContain('right one');
});

test('it is asked for once, and again when it was wrong', async () => {
  const questions: Question[] = [];
  const ask = async (q: Question) => {
    questions.push(q);
    return questions.length === 1 ? 'wrong' : 'right one';
  };
  const h = host('asks', { ask });
  expect(await Promise.all([h.run(SCRIPT), h.run(SCRIPT), h.run(SCRIPT)])).toEqual([OUT, OUT, OUT]);
  expect(questions).toMatchObject([
    { kind: 'sudo-password', node: 'node-1' },
    { text: 'That was not right. sudo password of pat on node-1' },
  ]);
});

test('it is not asked for again by a script that hears of it when it is known already', async () => {
  let asked = 0;
  const ask = async () => {
    asked += 1;
    return 'right one';
  };
  const h = host('late', { ask });
  expect(await Promise.all([h.run(SCRIPT), h.run(SCRIPT)])).toEqual([OUT, OUT]);
  expect(asked).toBe(1);
});

test.each([
  ['a wrong one in the environment', 'asks', { env: { sudoPassword: new Secret('wr0ng') } }, 'ConnectError', 4, 'GLUSTERCTL_SUDO_PASSWORD'],
  ['three wrong answers', 'asks', { ask: async () => 'wr0ng' }, 'ConnectError', 4, 'right one'],
  ['nobody to ask', 'asks', {}, 'Refused', 7, 'GLUSTERCTL_SUDO_PASSWORD'],
  ['no right to sudo', 'forbidden', { env: { sudoPassword: new Secret('right one') } }, 'ConnectError', 4, 'allow pat'],
  ['no sudo', 'none', {}, 'ConnectError', 4, 'log in as root'],
  ['a sudo that wants a terminal', 'tty', {}, 'ConnectError', 4, '!requiretty'],
])('%s is an error that says what to do', async (_name, mode, o, name, exit, next) => {
  const error = await host(mode, o)
    .run('echo never')
    .catch((e) => e);
  expect(error).toMatchObject({ name, exit, report: { node: 'node-1', next: expect.stringContaining(next) } });
  expect(error.report.what).toContain('pat');
  expect(JSON.stringify(error.report)).not.toContain('wr0ng');
});

test('sudo: never, and not root', async () => {
  const error = await host('free', {}, 'never')
    .run('true')
    .catch((e) => e);
  expect(error).toMatchObject({ name: 'ConnectError', exit: 4, report: { node: 'node-1' } });
  expect(called()).toEqual(['']);
});

import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Host } from '../../src/model/host.ts';
import { Secret } from '../../src/sh.ts';
import { type ConnectOptions, openHost, type Question } from '../../src/transport/index.ts';
import { type Bench, bench, freePort, node, type Sshd, startSshd, user } from './sshd.ts';

let at: Bench;
let sshd: Sshd;
let key: string;
const open: Host[] = [];

const host = (o: Parameters<typeof node>[0], options?: ConnectOptions): Host => {
  const made = openHost(
    node({ port: sshd.port, identityFile: key, knownHosts: [sshd.knownHosts], transport: 'openssh', ...o }),
    options ?? at.options(),
  );
  open.push(made);
  return made;
};
const errorOf = async (h: Host): Promise<Error & { exit: number; report: Record<string, string> }> =>
  h.run('echo reached').then(
    () => {
      throw new Error('it was reached');
    },
    (e) => e,
  );
const ok = { stdout: 'reached\n', stderr: '', code: 0 };
const publicKey = (file: string): string => readFileSync(file, 'utf8').trim();
const folders = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(`glusterctl-${process.pid}-`));

beforeAll(async () => {
  at = bench();
  key = at.key('id');
  sshd = await startSshd(at, { authorized: [key] });
});
afterEach(async () => {
  for (const h of open.splice(0)) await h.close();
  at.config('');
});
afterAll(async () => {
  await sshd?.stop();
  at?.remove();
});

test('one login serves all runs; its socket is nobody else’s, and gone when closed', async () => {
  const before = folders();
  const logins = (): number => sshd.log().match(/Accepted publickey/g)?.length ?? 0;
  const had = logins();
  const h = host({});
  await Promise.all([1, 2, 3].map(() => h.run('true')));
  await h.run('true');
  expect(logins()).toBe(had + 1);
  const [mine = ''] = folders().filter((name) => !before.includes(name));
  expect(statSync(join(tmpdir(), mine)).mode & 0o777).toBe(0o700);
  await h.close();
  expect(existsSync(join(tmpdir(), mine))).toBe(false);
  await expect.poll(() => sshd.sessions().length).toBe(0);
});

test('an unknown key is refused', async () => {
  const error = await errorOf(host({ knownHosts: ['/dev/null'] }));
  expect(error).toMatchObject({
    name: 'ConnectError',
    exit: 4,
    report: { node: 'node-1', what: expect.stringContaining('is not known'), next: expect.stringContaining('accept-new') },
  });
});

test.each(['strict', 'accept-new'] as const)('a changed key stops, also with hostKeys: %s', async (hostKeys) => {
  const file = join(at.dir, 'changed');
  writeFileSync(file, `[127.0.0.1]:${sshd.port} ${publicKey(`${at.key('other-host')}.pub`)}\n`);
  const error = await errorOf(host({ knownHosts: [file], hostKeys }));
  expect(error.exit).toBe(4);
  expect(error.report.what).toContain('HAS CHANGED');
});

test('a revoked key stops', async () => {
  const file = join(at.dir, 'revoked');
  writeFileSync(file, `${readFileSync(sshd.knownHosts, 'utf8')}@revoked * ${publicKey(sshd.hostKeys[0] ?? '')}\n`);
  expect((await errorOf(host({ knownHosts: [file] }))).report.what).toContain('IS REVOKED');
});

test('accept-new notes the key in our own file, which the other transport reads too', async () => {
  const options = at.options();
  const file = join(at.dir, 'users "own" 100%');
  writeFileSync(file.replaceAll('"', ''), '');
  const knownHosts = [file.replaceAll('"', '')];
  expect(await host({ knownHosts, hostKeys: 'accept-new' }, options).run('echo reached')).toEqual(ok);
  const own = join(options.stateDir, 'known_hosts');
  expect(readFileSync(own, 'utf8')).toContain(publicKey(sshd.hostKeys[0] ?? '').split(' ')[1]);
  expect(statSync(own).mode & 0o777).toBe(0o600);
  expect(readFileSync(knownHosts[0] ?? '', 'utf8')).toBe('');
  expect(await host({ knownHosts, transport: 'ssh2' }, { ...options }).run('echo reached')).toEqual(ok);
});

test.each([
  ['refuses', async () => ({ port: await freePort() }), /refused/],
  ['does not resolve', async () => ({ address: 'no-such-host.invalid' }), /resolve/],
])('a node that %s', async (_name, place, why) => {
  const error = await errorOf(host(await place()));
  expect(error).toMatchObject({ name: 'ConnectError', exit: 4, report: { node: 'node-1' } });
  expect(error.report.why).toMatch(why);
});

test('a node that takes the connection and never answers', async () => {
  const server = createServer(() => {});
  const port = await new Promise<number>((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port)),
  );
  try {
    const error = await errorOf(host({ port }, at.options({ connectTimeout: 1000 })));
    expect(error.report.why).toMatch(/timed out|no answer/);
  } finally {
    server.close();
  }
});

test('a refused login', async () => {
  const error = await errorOf(host({ identityFile: at.key('stranger') }));
  expect(error).toMatchObject({ name: 'ConnectError', exit: 4, report: { what: expect.stringContaining('cannot log in') } });
  expect(error.report.why).toContain('publickey');
});

test('an encrypted key: its passphrase asked for once, or out of the environment, and in no file', async () => {
  const locked = at.key('locked', { passphrase: 'open sesame' });
  const server = await startSshd(at, { authorized: [locked] });
  const questions: Question[] = [];
  const inFolders: string[] = [];
  const ask = async (q: Question) => {
    questions.push(q);
    inFolders.push(
      ...folders().flatMap((name) =>
        readdirSync(join(tmpdir(), name))
          .filter((f) => f === 'askpass')
          .map((f) => readFileSync(join(tmpdir(), name, f), 'utf8')),
      ),
    );
    return questions.length === 1 ? 'wrong' : 'open sesame';
  };
  const o = { port: server.port, identityFile: locked, knownHosts: [server.knownHosts] };
  try {
    const both = at.options({ ask });
    const nodes = ['a', 'b'].map((name) => host({ ...o, name }, both));
    expect(await Promise.all([...nodes, ...nodes].map((h) => h.run('echo reached')))).toEqual([ok, ok, ok, ok]);
    expect(questions).toMatchObject([{ kind: 'passphrase' }, { kind: 'passphrase', text: expect.stringContaining('not right') }]);
    expect(inFolders).not.toEqual([]);
    expect(inFolders.join()).not.toContain('open sesame');
    expect(await host(o, at.options({ env: { passphrase: new Secret('open sesame') } })).run('echo reached')).toEqual(ok);
    expect((await errorOf(host(o))).report.next).toContain('GLUSTERCTL_SSH_PASSPHRASE');
    expect((await errorOf(host(o, at.options({ env: { passphrase: new Secret('wr0ng') } })))).exit).toBe(4);
  } finally {
    await server.stop();
  }
});

test('an answer that is refused (Ctrl-C) ends it with that error', async () => {
  const locked = at.key('locked-no', { passphrase: 'open sesame' });
  const server = await startSshd(at, { authorized: [locked] });
  try {
    const ask = () => Promise.reject(new Error('you said no'));
    const error = await errorOf(host({ port: server.port, identityFile: locked, knownHosts: [server.knownHosts] }, at.options({ ask })));
    expect(error.message).toBe('you said no');
  } finally {
    await server.stop();
  }
});

test('a chain of jump hosts, each judged by our rules', async () => {
  const first = await startSshd(at, { authorized: [key] });
  const second = await startSshd(at, { authorized: [key] });
  const jump = `${user}@127.0.0.1:${first.port},${user}@127.0.0.1:${second.port}`;
  const all = join(at.dir, 'all % known');
  writeFileSync(all, '');
  for (const s of [first, second, sshd]) appendFileSync(all, readFileSync(s.knownHosts));
  try {
    expect(await host({ jump, knownHosts: [all] }).run('echo reached')).toEqual(ok);
    for (const s of [first, second]) expect(s.log()).toContain('Accepted publickey');
    const error = await errorOf(host({ jump, knownHosts: [sshd.knownHosts] }));
    expect(error.report.what).toMatch(/^jump host: the host key of .* is not known$/);
  } finally {
    await first.stop();
    await second.stop();
  }
});

test('a connection that breaks in the middle is said to be lost, and the next run makes a new one', async () => {
  const server = await startSshd(at, { authorized: [key] });
  try {
    const h = host({ port: server.port, knownHosts: [server.knownHosts] });
    const error = await h
      .run('echo begun; sleep 30', {
        onLine: () => {
          for (const pid of server.sessions()) process.kill(pid, 'SIGKILL');
        },
      })
      .catch((e: unknown) => e);
    expect(error).toMatchObject({
      name: 'ConnectError',
      exit: 4,
      report: { node: 'node-1', what: expect.stringContaining('was lost while a script was running') },
    });
    expect(await h.run('echo reached')).toEqual(ok);
  } finally {
    await server.stop();
  }
});

test('MaxSessions 2 is got along with', async () => {
  const server = await startSshd(at, { authorized: [key], extra: ['MaxSessions 2'] });
  try {
    const h = host({ port: server.port, knownHosts: [server.knownHosts] });
    const results = await Promise.all([1, 2, 3, 4, 5].map((i) => h.run(`sleep 0.3; echo ${i}`)));
    expect(results.map((r) => r.stdout.trim())).toEqual(['1', '2', '3', '4', '5']);
  } finally {
    await server.stop();
  }
});

test('the user’s own configuration stays in force where cluster.yaml is silent, and cannot get in the way', async () => {
  at.config(
    `Host web1\n  HostName 127.0.0.1\n  Port ${sshd.port}\n  IdentityFile ${key}\n  RemoteCommand echo no\n  RequestTTY force\n  ForwardAgent yes\n  LocalForward 1 127.0.0.1:1\n  UserKnownHostsFile ${at.dir}/alias-known\n`,
  );
  writeFileSync(join(at.dir, 'alias-known'), readFileSync(sshd.knownHosts));
  const h = host({ address: 'web1', port: null, identityFile: null, knownHosts: null });
  expect(await h.run('echo reached')).toEqual(ok);
});

test('hostile names reach no shell', async () => {
  const name = '$(touch /tmp/gct-pwned)`touch /tmp/gct-pwned`;touch /tmp/gct-pwned';
  expect(await host({ name }).run('echo reached')).toEqual(ok);
  await errorOf(host({ address: '-oProxyCommand=touch /tmp/gct-pwned' }));
  await errorOf(host({ address: name, user: name }));
  await errorOf(host({ jump: `-oProxyCommand=touch /tmp/gct-pwned,${name}` }));
  await errorOf(host({ jump: `${name}@127.0.0.1:${sshd.port}` }));
  expect(existsSync('/tmp/gct-pwned')).toBe(false);
});

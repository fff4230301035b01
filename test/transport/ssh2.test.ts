import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../../src/model/host.ts';
import { Secret } from '../../src/sh.ts';
import { type ConnectOptions, openHost, type Question } from '../../src/transport/index.ts';
import { type Bench, bench, freePort, node, type Sshd, startSshd, user } from './sshd.ts';

let at: Bench;
let sshd: Sshd;
let key: string;
const open: Host[] = [];

const host = (o: Parameters<typeof node>[0], options?: ConnectOptions): Host => {
  const made = openHost(node({ port: sshd.port, identityFile: key, knownHosts: [sshd.knownHosts], ...o }), options ?? at.options());
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
const fingerprint = (file: string): string => execFileSync('ssh-keygen', ['-lf', file], { encoding: 'utf8' }).split(' ')[1] ?? '';

beforeAll(async () => {
  at = bench();
  key = at.key('id');
  sshd = await startSshd(at, { authorized: [key], types: ['ed25519', 'ecdsa', 'rsa'], env: ` BASH_ENV=${at.dir}/noise` });
});
afterEach(async () => {
  for (const h of open.splice(0)) await h.close();
  at.config('');
});
afterAll(async () => {
  await sshd?.stop();
  at?.remove();
});

describe('host keys', () => {
  let serial = 0;
  const known = (text: string): string => {
    serial += 1;
    const file = join(at.dir, `known-${serial}`);
    writeFileSync(file, text);
    return file;
  };
  const entry = (names: string, type = 'ed25519'): string =>
    `${names} ${publicKey(sshd.hostKeys.find((f) => f.includes(`-host-${type}`)) ?? '')}\n`;

  test.each([
    ['plain', (port: number) => `[127.0.0.1]:${port}`],
    ['among several names', (port: number) => `other,[127.0.0.1]:${port},third`],
    ['by a wildcard', (port: number) => `[127.0.0.*]:${port}`],
    ['by its bare address, on another port than 22', () => '127.0.0.1'],
  ])('a key known %s is taken', async (_name, names) => {
    expect(await host({ knownHosts: [known(entry(names(sshd.port)))] }).run('echo reached')).toEqual(ok);
  });

  test.each(['ed25519', 'ecdsa', 'rsa'])('a host known by its %s key alone is asked for that one', async (type) => {
    expect(await host({ knownHosts: [known(entry(`[127.0.0.1]:${sshd.port}`, type))] }).run('echo reached')).toEqual(ok);
  });

  test('a file hashed by ssh-keygen -H is read', async () => {
    const file = known(entry(`[127.0.0.1]:${sshd.port}`));
    execFileSync('ssh-keygen', ['-q', '-H', '-f', file], { stdio: 'ignore' });
    expect(readFileSync(file, 'utf8')).toMatch(/^\|1\|/);
    expect(await host({ knownHosts: [file] }).run('echo reached')).toEqual(ok);
  });

  test('an unknown key is refused: with its type and fingerprint, and what to do', async () => {
    const options = at.options();
    const error = await errorOf(host({ knownHosts: [known('')] }, options));
    expect(error).toMatchObject({ name: 'ConnectError', exit: 4 });
    expect(error.report).toMatchObject({ node: 'node-1', what: expect.stringContaining('is not known') });
    expect(error.report.why).toContain(`ED25519 key ${fingerprint(sshd.hostKeys[0] ?? '')}`);
    expect(error.report.next).toMatch(/ssh-keyscan -p \d+ 127\.0\.0\.1 .*accept-new/);
    expect(existsSync(join(options.stateDir, 'known_hosts'))).toBe(false);
  });

  test('a name that a pattern vetoes is unknown', async () => {
    const file = known(entry(`[127.0.0.*]:${sshd.port},![127.0.0.1]:${sshd.port}`));
    expect((await errorOf(host({ knownHosts: [file] }))).report.what).toContain('is not known');
  });

  test('a certificate authority is not used, and that is said', async () => {
    const file = known(`@cert-authority ${entry(`[127.0.0.1]:${sshd.port}`)}`);
    expect((await errorOf(host({ knownHosts: [file] }))).report.why).toContain('@cert-authority');
  });

  test.each(['strict', 'accept-new'] as const)('a changed key stops, also with hostKeys: %s, and nothing is sent', async (hostKeys) => {
    const other = at.key('other-host');
    const file = known(`[127.0.0.1]:${sshd.port} ${publicKey(`${other}.pub`)}\n`);
    const attempts = (): number => sshd.log().match(/Accepted|Failed|Postponed|Invalid user/g)?.length ?? 0;
    const before = attempts();
    const options = at.options({ env: { password: new Secret('never sent') } });
    const error = await errorOf(host({ knownHosts: [file], hostKeys }, options));
    expect(error).toMatchObject({ name: 'ConnectError', exit: 4 });
    expect(error.report.what).toContain('HAS CHANGED');
    expect(error.report.why).toContain(fingerprint(`${other}.pub`));
    expect(error.report.why).toContain(`${file}:1`);
    expect(attempts()).toBe(before);
    expect(existsSync(join(options.stateDir, 'known_hosts'))).toBe(false);
  });

  test('a key of another type than the known one is not accepted as new', async () => {
    const one = await startSshd(at, { authorized: [key], types: ['ecdsa'] });
    try {
      const file = known(`[127.0.0.1]:${one.port} ${publicKey(sshd.hostKeys[0] ?? '')}\n`);
      const error = await errorOf(host({ port: one.port, knownHosts: [file], hostKeys: 'accept-new' }));
      expect(error.report.what).toContain('ANOTHER TYPE');
    } finally {
      await one.stop();
    }
  });

  test.each(['strict', 'accept-new'] as const)('a revoked key is refused, whatever else knows it, with hostKeys: %s', async (hostKeys) => {
    const text = entry(`[127.0.0.1]:${sshd.port}`) + sshd.hostKeys.map((f) => `@revoked * ${publicKey(f)}\n`).join('');
    const error = await errorOf(host({ knownHosts: [known(text)], hostKeys }));
    expect(error.report.what).toContain('IS REVOKED');
    expect(error.exit).toBe(4);
  });

  test('accept-new notes the key once in our own file, which then counts, and leaves the user’s alone', async () => {
    const options = at.options();
    const file = known('');
    const nodes = Array.from({ length: 6 }, (_, i) => host({ name: `n${i}`, knownHosts: [file], hostKeys: 'accept-new' }, options));
    for (const result of await Promise.all(nodes.map((n) => n.run('echo reached')))) expect(result).toEqual(ok);
    const own = join(options.stateDir, 'known_hosts');
    expect(readFileSync(own, 'utf8')).toBe(
      `[127.0.0.1]:${sshd.port} ${publicKey(sshd.hostKeys[0] ?? '')
        .split(' ')
        .slice(0, 2)
        .join(' ')} glusterctl test\n`,
    );
    expect(statSync(own).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).toBe('');
    expect(execFileSync('ssh-keygen', ['-F', `[127.0.0.1]:${sshd.port}`, '-f', own], { encoding: 'utf8' })).toContain('found');
    expect(await host({ knownHosts: [file] }, { ...options }).run('echo reached')).toEqual(ok);
  });

  test('a file that cannot be read is an error, not an empty file', async () => {
    const error = await errorOf(host({ knownHosts: [at.dir], hostKeys: 'accept-new' }));
    expect(error.report.what).toBe('cannot read the known host keys');
  });
});

describe('logging in', () => {
  const agent = async (keys: string[], work: (socket: string) => Promise<void>): Promise<void> => {
    const socket = join(at.dir, `agent-${Date.now()}`);
    const child = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    try {
      for (let i = 0; !existsSync(socket) && i < 100; i++) await new Promise((resolve) => setTimeout(resolve, 20));
      for (const k of keys) execFileSync('ssh-add', ['-q', k], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
      await work(socket);
    } finally {
      child.kill();
    }
  };

  test('by a key of an agent', () =>
    agent([at.key('stranger'), key], async (agentSocket) => {
      at.config('IdentityFile none');
      expect(await host({ identityFile: null }, at.options({ agentSocket })).run('echo reached')).toEqual(ok);
    }));

  test('an agent that is gone is passed over', async () => {
    at.config(`IdentityFile ${key}`);
    const lines: string[] = [];
    const options = at.options({ agentSocket: join(at.dir, 'gone'), log: (line) => lines.push(line) });
    expect(await host({ identityFile: null }, options).run('echo reached')).toEqual(ok);
    expect(lines.join()).toContain('agent');
  });

  test('by what ~/.ssh/config says: user, port, key, known hosts, host name, alias', async () => {
    at.config(
      [
        `Host web1`,
        `  HostName 127.0.0.1`,
        `  User ${user}`,
        `  Port ${sshd.port}`,
        `  IdentityFile "${key}"`,
        `  UserKnownHostsFile ${at.dir}/alias-known`,
        `  HostKeyAlias the-alias`,
        '',
      ].join('\n'),
    );
    writeFileSync(join(at.dir, 'alias-known'), `the-alias ${publicKey(sshd.hostKeys[0] ?? '')}\n`);
    const h = host({ address: 'web1', user: null, port: null, identityFile: null, knownHosts: null });
    expect(await h.run('echo reached')).toEqual(ok);
  });

  test('what cluster.yaml says goes before ~/.ssh/config', async () => {
    at.config('Port 1\nUser nobody-here\nIdentityFile /nowhere\nUserKnownHostsFile /nowhere\n');
    expect(await host({}).run('echo reached')).toEqual(ok);
  });

  test('a ~/.ssh/config with a fault is named', async () => {
    at.config('NoSuchOption yes\n');
    expect((await errorOf(host({ user: null }))).report.why).toMatch(/nosuchoption/i);
  });

  test('a ProxyCommand is refused with the way out', async () => {
    at.config('ProxyCommand nc %h %p\n');
    expect((await errorOf(host({}))).report.next).toContain('transport: openssh');
  });

  test.each([{ type: 'ed25519' }, { type: 'rsa' }, { type: 'ecdsa' }, { type: 'rsa', pem: true }])(
    'by an encrypted key %o, asked for once for all nodes',
    async (kind) => {
      const locked = at.key('locked', { ...kind, passphrase: 'open sesame' });
      const server = await startSshd(at, { authorized: [locked] });
      const questions: Question[] = [];
      const options = at.options({
        ask: async (q) => {
          questions.push(q);
          return questions.length === 1 ? 'wrong' : 'open sesame';
        },
      });
      try {
        const at3 = { port: server.port, identityFile: locked, knownHosts: [server.knownHosts] };
        const nodes = ['a', 'b', 'c'].map((name) => host({ name, ...at3 }, options));
        for (const result of await Promise.all(nodes.map((n) => n.run('echo reached')))) expect(result).toEqual(ok);
        expect(questions.map((q) => q.kind)).toEqual(['passphrase', 'passphrase']);
        expect(questions[1]?.text).toBe(`That was not right. passphrase of ${locked}`);
        const byEnv = at.options({ env: { passphrase: new Secret('open sesame') } });
        expect(await host(at3, byEnv).run('echo reached')).toEqual(ok);
        const nobody = await errorOf(host(at3));
        expect(nobody).toMatchObject({ name: 'Refused', exit: 7 });
        expect(nobody.report.next).toContain('GLUSTERCTL_SSH_PASSPHRASE');
        const wrong = await errorOf(host(at3, at.options({ env: { passphrase: new Secret('wr0ng') } })));
        expect(wrong).toMatchObject({ name: 'ConnectError', exit: 4 });
        expect(JSON.stringify(wrong.report)).not.toContain('wr0ng');
      } finally {
        await server.stop();
      }
    },
  );

  test('nobody is asked for the passphrase of a key that the server does not take', async () => {
    const locked = at.key('locked-stranger', { passphrase: 'x1234' });
    at.config(`IdentityFile ${locked}\nIdentityFile ${key}`);
    expect(await host({ identityFile: null }).run('echo reached')).toEqual(ok);
  });

  test('an encrypted key that the agent holds needs no passphrase', async () => {
    const locked = at.key('locked-held', { passphrase: 'x1234' });
    const server = await startSshd(at, { authorized: [locked] });
    const plain = join(at.dir, 'unlocked');
    writeFileSync(plain, readFileSync(locked), { mode: 0o600 });
    execFileSync('ssh-keygen', ['-q', '-p', '-P', 'x1234', '-N', '', '-f', plain], { stdio: 'ignore' });
    try {
      await agent([plain], async (agentSocket) => {
        const h = host({ port: server.port, identityFile: locked, knownHosts: [server.knownHosts] }, at.options({ agentSocket }));
        expect(await h.run('echo reached')).toEqual(ok);
      });
    } finally {
      await server.stop();
    }
  });

  test('a refused login lists what was tried', async () => {
    const stranger = at.key('stranger');
    const error = await errorOf(host({ identityFile: stranger }));
    expect(error).toMatchObject({ name: 'ConnectError', exit: 4 });
    expect(error.report.what).toBe(`cannot log in to ${user}@127.0.0.1:${sshd.port}`);
    expect(error.report.why).toContain(`tried: ${stranger} (ed25519 ${fingerprint(`${stranger}.pub`)}); the server takes: publickey`);
  });

  test.each([
    ['is not there', '/no/such/key', 'no such file'],
    ['is no key', '/etc/hostname', 'Unsupported key format'],
  ])('an identityFile that %s is an error', async (_name, identityFile, why) => {
    expect((await errorOf(host({ identityFile }))).report).toMatchObject({
      what: `cannot use the key ${identityFile}`,
      why: expect.stringContaining(why),
    });
  });
});

describe('a node that is not there', () => {
  const servers: Server[] = [];
  const listen = (onPeer: (peer: import('node:net').Socket) => void): Promise<number> =>
    new Promise((resolve) => {
      const server = createServer(onPeer);
      servers.push(server);
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
  afterAll(() => {
    for (const server of servers) server.close();
  });

  test('refuses', async () => {
    const error = await errorOf(host({ port: await freePort() }));
    expect(error.report).toMatchObject({
      node: 'node-1',
      what: expect.stringContaining('cannot connect to'),
      why: expect.stringContaining('ECONNREFUSED'),
    });
    expect(error.exit).toBe(4);
  });

  test('does not resolve', async () => {
    expect((await errorOf(host({ address: 'no-such-host.invalid' }))).report.why).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });

  test('takes the connection and never answers', async () => {
    const port = await listen(() => {});
    const began = performance.now();
    const error = await errorOf(host({ port }, at.options({ connectTimeout: 400 })));
    expect(error.report.why).toContain('no answer within 0.4 s');
    expect(performance.now() - began).toBeLessThan(4000);
  });

  test('hangs up', async () => {
    const port = await listen((peer) => peer.destroy());
    expect(await errorOf(host({ port }))).toMatchObject({ exit: 4 });
  });

  test('speaks something else', async () => {
    const port = await listen((peer) => peer.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await errorOf(host({ port }))).toMatchObject({ exit: 4 });
  });

  test('is tried again by the next run', async () => {
    const port = await freePort();
    const h = host({ port, hostKeys: 'accept-new' });
    await errorOf(h);
    const server = await startSshd(at, { authorized: [key], extra: [`Port ${port}`] });
    try {
      expect(await h.run('echo reached')).toEqual(ok);
    } finally {
      await server.stop();
    }
  });
});

describe('a connection', () => {
  test('that breaks in the middle is said to be lost, and the next run makes a new one', async () => {
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

  test.each([1, 2])('to a server with MaxSessions %d is joined by further ones', async (max) => {
    const server = await startSshd(at, { authorized: [key], extra: [`MaxSessions ${max}`] });
    try {
      const h = host({ port: server.port, knownHosts: [server.knownHosts] });
      const results = await Promise.all([1, 2, 3, 4, 5].map((i) => h.run(`sleep 0.3; echo ${i}`)));
      expect(results.map((r) => r.stdout.trim())).toEqual(['1', '2', '3', '4', '5']);
    } finally {
      await server.stop();
    }
  });

  test('to a server that gives no session is an error', async () => {
    const server = await startSshd(at, { authorized: [key], extra: ['MaxSessions 0'] });
    try {
      expect((await errorOf(host({ port: server.port, knownHosts: [server.knownHosts] }))).report.what).toContain('gives no session');
    } finally {
      await server.stop();
    }
  });

  test('to an account with a forced command says that no shell starts', async () => {
    const server = await startSshd(at, { authorized: [key], extra: ['ForceCommand echo only this'] });
    try {
      const error = await errorOf(host({ port: server.port, knownHosts: [server.knownHosts] }));
      expect(error.report).toMatchObject({ what: 'the login works, but no shell starts', why: 'only this' });
    } finally {
      await server.stop();
    }
  });

  test('keeps what a login shell prints out of the answer', async () => {
    writeFileSync(join(at.dir, 'noise'), 'echo Welcome; printf "no newline"; echo Warning >&2\n');
    try {
      const lines: string[] = [];
      const h = host({});
      expect(await h.run('echo reached', { onLine: (line) => lines.push(line) })).toEqual(ok);
      expect(lines).toEqual(['reached']);
    } finally {
      writeFileSync(join(at.dir, 'noise'), '');
    }
  });

  test('that is being made is given up when the host is closed', async () => {
    const server = createServer(() => {});
    const port = await new Promise<number>((done) =>
      server.listen(0, '127.0.0.1', () => done((server.address() as { port: number }).port)),
    );
    const h = host({ port });
    const run = h.run('true').catch((e: Error) => e.message);
    await new Promise((done) => setTimeout(done, 100));
    await h.close();
    expect(await Promise.race([run, new Promise((done) => setTimeout(done, 1000, 'still trying'))])).toBe('node-1 is closed');
    server.close();
  });

  test('is not waited for when everything is cut', async () => {
    const server = createServer(() => {});
    const port = await new Promise<number>((done) =>
      server.listen(0, '127.0.0.1', () => done((server.address() as { port: number }).port)),
    );
    const all = new AbortController();
    const run = host({ port }, at.options({ signal: all.signal })).run('true');
    setTimeout(() => all.abort(new Error('cut')), 100);
    await expect(run).rejects.toThrow('cut');
    server.close();
  });

  test('that is closed takes nothing more', async () => {
    const h = host({});
    await h.run('true');
    await h.close();
    await expect(h.run('true')).rejects.toThrow('closed');
  });

  test('sends hostile names nowhere', async () => {
    const name = '$(touch /tmp/gct-pwned)`touch /tmp/gct-pwned`;touch /tmp/gct-pwned';
    expect(await host({ name }).run('echo reached')).toEqual(ok);
    await errorOf(host({ address: '-oProxyCommand=touch /tmp/gct-pwned' }));
    await errorOf(host({ address: name, user: name }));
    await errorOf(host({ jump: `-oProxyCommand=touch /tmp/gct-pwned,${name}` }));
    expect(existsSync('/tmp/gct-pwned')).toBe(false);
  });
});

describe('jump hosts', () => {
  let first: Sshd;
  let second: Sshd;
  beforeAll(async () => {
    first = await startSshd(at, { authorized: [key] });
    second = await startSshd(at, { authorized: [key] });
  });
  afterAll(async () => {
    await first?.stop();
    await second?.stop();
  });
  const chain = (): string => `${user}@127.0.0.1:${first.port},${user}@127.0.0.1:${second.port}`;
  const logins = (server: Sshd): number => server.log().match(/Accepted publickey/g)?.length ?? 0;

  test('in a chain, each known by its own entry, shared by all nodes', async () => {
    const all = join(at.dir, 'all-known');
    writeFileSync(all, '');
    for (const s of [first, second, sshd]) appendFileSync(all, readFileSync(s.knownHosts));
    const before = [logins(first), logins(second)];
    const options = at.options();
    const nodes = ['a', 'b', 'c', 'd'].map((name) => host({ name, jump: chain(), knownHosts: [all] }, options));
    for (const result of await Promise.all(nodes.map((n) => n.run('echo reached')))) expect(result).toEqual(ok);
    expect([logins(first), logins(second)]).toEqual(before.map((n) => n + 1));
    for (const n of nodes) await n.close();
    await expect.poll(() => first.sessions().length).toBe(0);
  });

  test('one whose key is not known stops, and is named', async () => {
    const some = join(at.dir, 'some-known');
    writeFileSync(some, readFileSync(first.knownHosts, 'utf8') + readFileSync(sshd.knownHosts, 'utf8'));
    const error = await errorOf(host({ jump: chain(), knownHosts: [some] }));
    expect(error.report).toMatchObject({
      node: 'node-1',
      what: expect.stringMatching(new RegExp(`^jump host ${user}@127.0.0.1:${second.port}: the host key`)),
    });
  });

  test('one that does not reach the node is told apart', async () => {
    const closed = await freePort();
    const error = await errorOf(host({ port: closed, jump: `${user}@127.0.0.1:${first.port}`, knownHosts: [first.knownHosts] }));
    expect(error.report.what).toBe(`cannot connect to 127.0.0.1:${closed}`);
    expect(error.report.why).toContain(`${user}@127.0.0.1:${first.port} says: Connection refused`);
  });

  test('out of ~/.ssh/config, one behind the other', async () => {
    const all = join(at.dir, 'all-known');
    const place = (server: Sshd) =>
      `HostName 127.0.0.1\n  Port ${server.port}\n  User ${user}\n  IdentityFile ${key}\n  UserKnownHostsFile ${all}`;
    at.config(
      `Host target\n  ProxyJump far\n  ${place(sshd)}\nHost far\n  ProxyJump near\n  ${place(second)}\nHost near\n  ${place(first)}\n`,
    );
    const before = [logins(first), logins(second)];
    const h = host({ address: 'target', user: null, port: null, identityFile: null, knownHosts: null });
    expect(await h.run('echo reached')).toEqual(ok);
    expect([logins(first), logins(second)]).toEqual(before.map((n) => n + 1));
  });

  test('that go round in circles are an error, not a hang', async () => {
    at.config(`Host *\n  ProxyJump 127.0.0.1:${first.port}\n`);
    expect((await errorOf(host({}))).report.why).toContain('loop');
    at.config(`Host a\n  HostName 127.0.0.1\n  ProxyJump b\nHost b\n  HostName 127.0.0.1\n  Port ${await freePort()}\n  ProxyJump a\n`);
    expect((await errorOf(host({ jump: 'a' }))).report.what).toMatch(/^jump host [^ ]+: cannot connect to [^ ]+$/);
  });
});

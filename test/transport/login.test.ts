import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import ssh2, { type AuthContext, type Connection, type Server } from 'ssh2';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Host } from '../../src/model/host.ts';
import { Secret } from '../../src/sh.ts';
import { type ConnectOptions, openHost, type Question } from '../../src/transport/index.ts';
import { type Bench, bench, node } from './sshd.ts';

/**
 * The password of a real account is not a test's to know, so these servers are ssh2's own: the protocol is real, the
 * shell is not. Logins with passwords by a real sshd are in transport.lab.test.ts.
 */
let at: Bench;
let hostKey: string;
const servers: Server[] = [];
const open: Host[] = [];

const serve = (judge: (ctx: AuthContext, attempts: string[]) => void): Promise<{ port: number; attempts: string[]; cut(): void }> =>
  new Promise((resolve) => {
    const attempts: string[] = [];
    const clients: Connection[] = [];
    const server = new ssh2.Server({ hostKeys: [readFileSync(hostKey)] }, (client: Connection) => {
      clients.push(client);
      client.on('error', () => {});
      client.on('authentication', (ctx) => {
        attempts.push(ctx.method === 'password' ? `password ${ctx.password}` : ctx.method);
        judge(ctx, attempts);
      });
      client.on('session', (accept) => {
        accept().on('exec', (acceptExec) => {
          const channel = acceptExec();
          let script = '';
          channel.on('data', (chunk: Buffer) => {
            script += chunk;
          });
          channel.on('end', () => {
            const mark = /^printf '%s\\n' (\S+)/.exec(script)?.[1];
            channel.write(`${mark}\nreached\n`);
            channel.stderr.write(`${mark}\n`);
            channel.exit(0);
            channel.end();
          });
        });
      });
    });
    servers.push(server);
    server.listen(0, '127.0.0.1', () =>
      resolve({ port: (server.address() as AddressInfo).port, attempts, cut: () => clients.splice(0).map((c) => c.end()) }),
    );
  });

const host = (port: number, options: ConnectOptions, identityFile: string | null = null): Host => {
  at.config('IdentityFile none\n');
  const made = openHost(node({ port, identityFile, hostKeys: 'accept-new', knownHosts: ['/dev/null'] }), options);
  open.push(made);
  return made;
};
const errorOf = (h: Host) =>
  h.run('x').then(
    () => Promise.reject(new Error('it was let in')),
    (e) => e,
  );

const byPassword = (ctx: AuthContext): void => {
  if (ctx.method === 'password' && ctx.password === 'pa ss') ctx.accept();
  else ctx.reject(['password']);
};
const byQuestion = (ctx: AuthContext): void => {
  if (ctx.method !== 'keyboard-interactive') {
    ctx.reject(['keyboard-interactive']);
    return;
  }
  ctx.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
    if (answers[0] === 'pa ss') ctx.accept();
    else ctx.reject(['keyboard-interactive']);
  });
};

beforeAll(() => {
  at = bench();
  hostKey = at.key('host');
});
afterEach(async () => {
  for (const h of open.splice(0)) await h.close();
});
afterAll(() => {
  for (const server of servers) server.close();
  at.remove();
});

test.each([
  ['password', byPassword],
  ['keyboard-interactive', byQuestion],
] as const)('%s: from the environment', async (_name, judge) => {
  const { port } = await serve(judge);
  const h = host(port, at.options({ env: { password: new Secret('pa ss') } }));
  expect((await h.run('x')).stdout).toBe('reached\n');
});

test.each([
  ['password', byPassword],
  ['keyboard-interactive', byQuestion],
] as const)('%s: asked for, again when it was wrong, and not for a second connection', async (_name, judge) => {
  const { port, cut } = await serve(judge);
  const questions: Question[] = [];
  const ask = async (q: Question) => {
    questions.push(q);
    // Longer than the time limit for a step: thinking is not the network's fault.
    await new Promise((resolve) => setTimeout(resolve, 700));
    return questions.length < 3 ? 'wrong' : 'pa ss';
  };
  const h = host(port, at.options({ ask, connectTimeout: 500 }));
  expect((await h.run('x')).stdout).toBe('reached\n');
  expect(questions).toHaveLength(3);
  expect(questions[0]).toMatchObject({ kind: 'password', node: 'node-1', text: expect.not.stringContaining('not right') });
  expect(questions[2]?.text).toContain('That was not right.');
  cut();
  await expect.poll(async () => (await h.run('x').catch(() => null))?.stdout).toBe('reached\n');
  expect(questions).toHaveLength(3);
});

test('three wrong answers are enough', async () => {
  const { port, attempts } = await serve(byPassword);
  const error = await errorOf(host(port, at.options({ ask: async () => 'wr0ng' })));
  expect(error).toMatchObject({ name: 'ConnectError', exit: 4 });
  expect(error.report.why).toContain('tried: password');
  expect(JSON.stringify(error.report)).not.toContain('wr0ng');
  expect(attempts.filter((a) => a.startsWith('password'))).toHaveLength(3);
});

test('a wrong one from the environment is tried once', async () => {
  const { port, attempts } = await serve(byPassword);
  const error = await errorOf(host(port, at.options({ env: { password: new Secret('wr0ng') } })));
  expect(error).toMatchObject({ name: 'ConnectError', exit: 4 });
  expect(attempts).toEqual(['none', 'password wr0ng']);
});

test('without a terminal the variable to set is named', async () => {
  const { port } = await serve(byPassword);
  const error = await errorOf(host(port, at.options()));
  expect(error).toMatchObject({ name: 'Refused', exit: 7, report: { node: 'node-1' } });
  expect(error.report.next).toContain('GLUSTERCTL_SSH_PASSWORD');
});

test('an account without any secret needs none', async () => {
  const { port } = await serve((ctx) => ctx.accept());
  expect((await host(port, at.options()).run('x')).stdout).toBe('reached\n');
});

test('a key and then a password, where both are wanted', async () => {
  let keyDone = false;
  const { port } = await serve((ctx) => {
    if (ctx.method === 'publickey' && !keyDone) {
      if (ctx.signature) {
        keyDone = true;
        return ctx.reject(['password'], true);
      }
      return ctx.accept();
    }
    if (ctx.method === 'password' && keyDone && ctx.password === 'pa ss') return ctx.accept();
    ctx.reject(keyDone ? ['password'] : ['publickey']);
  });
  const h = host(port, at.options({ env: { password: new Secret('pa ss') } }), at.key('both'));
  expect((await h.run('x')).stdout).toBe('reached\n');
});

test('a password is not asked for where the server takes none', async () => {
  const { port } = await serve((ctx) => ctx.reject(['publickey']));
  let asked = 0;
  const ask = async () => {
    asked += 1;
    return 'x';
  };
  await errorOf(host(port, at.options({ ask })));
  expect(asked).toBe(0);
});

test('an answer that is refused (Ctrl-C) ends it with that error', async () => {
  const { port } = await serve(byPassword);
  const ask = () => Promise.reject(new Error('you said no'));
  expect(await errorOf(host(port, at.options({ ask })))).toMatchObject({ message: 'you said no' });
});

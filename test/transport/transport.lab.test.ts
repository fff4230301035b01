import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Host } from '../../src/model/host.ts';
import { Secret } from '../../src/sh.ts';
import { type ConnectOptions, openHost, type Question } from '../../src/transport/index.ts';
import { type Lab, openLab } from '../lab/index.ts';
import { type Bench, bench, node } from './sshd.ts';

let lab: Lab;
let at: Bench;
const open: Host[] = [];

beforeAll(async () => {
  at = bench();
  lab = await openLab({ name: 'transport', nodes: 2, ports: [2222], disks: [], brickMount: false });
}, 600_000);
afterEach(async () => {
  for (const h of open.splice(0)) await h.close();
});
afterAll(async () => {
  await lab?.down();
  at?.remove();
});

const TRANSPORTS = ['ssh2', 'openssh'] as const;

/** Closed when the test ends. */
const opener =
  (transport: (typeof TRANSPORTS)[number]) =>
  (o: Parameters<typeof node>[0], options: Partial<ConnectOptions> = {}, to = 'node-1'): Host => {
    const common = { name: to, address: lab.node(to).address, identityFile: lab.identityFile, knownHosts: [lab.knownHosts], transport };
    const made = openHost(node({ ...common, ...o }), at.options(options));
    open.push(made);
    return made;
  };

describe.each(TRANSPORTS)('%s', (transport) => {
  const host = opener(transport);
  const errorOf = (h: Host) =>
    h.run('echo reached').then(
      () => Promise.reject(new Error('it was reached')),
      (e) => e,
    );
  const WHO = 'id -un; echo "$SUDO_USER"; cat';

  test('root', async () => {
    expect((await host({ user: 'root' }).run(WHO)).stdout).toBe('root\n\n');
  });

  test('a user with sudo that asks nothing', async () => {
    expect((await host({ user: 'ops' }).run(WHO)).stdout).toBe('root\nops\n');
  });

  test('a user whose sudo asks: the password from the environment', async () => {
    const h = host({ user: 'pat' }, { env: { sudoPassword: new Secret(lab.password) } });
    expect((await Promise.all([h.run(WHO), h.run(WHO)])).map((r) => r.stdout)).toEqual(['root\npat\n', 'root\npat\n']);
    expect((await h.run('exit 3')).code).toBe(3);
    expect((await h.run('kill -KILL $$')).code).toBe(137);
    const { stdout } = await h.run('cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | tr "\\0" "\\n"');
    expect(stdout).toContain('sudo');
    expect(stdout).not.toContain(lab.password);
  });

  test('a user whose sudo asks: asked for, again when it was wrong', async () => {
    const questions: Question[] = [];
    const ask = async (q: Question) => {
      questions.push(q);
      return questions.length === 1 ? 'wrong' : lab.password;
    };
    expect((await host({ user: 'pat' }, { ask }).run(WHO)).stdout).toBe('root\npat\n');
    expect(questions.map((q) => q.kind)).toEqual(['sudo-password', 'sudo-password']);
  });

  test('a user whose sudo asks, and a wrong password, and none', async () => {
    const wrong = await errorOf(host({ user: 'pat' }, { env: { sudoPassword: new Secret('wr0ng') } }));
    expect(wrong).toMatchObject({ exit: 4, report: { what: expect.stringContaining('does not take the password') } });
    const none = await errorOf(host({ user: 'pat' }));
    expect(none).toMatchObject({ name: 'Refused', exit: 7, report: { next: expect.stringContaining('GLUSTERCTL_SUDO_PASSWORD') } });
  });

  test('a login by password', async () => {
    const env = { password: new Secret(lab.password), sudoPassword: new Secret(lab.password) };
    at.config('IdentityFile none\n');
    try {
      expect((await host({ user: 'pat', identityFile: null }, { env }).run(WHO)).stdout).toBe('root\npat\n');
      const wrong = await errorOf(host({ user: 'pat', identityFile: null }, { env: { password: new Secret('wr0ng') } }));
      expect(wrong).toMatchObject({ name: 'ConnectError', exit: 4 });
      expect(JSON.stringify(wrong.report)).not.toContain('wr0ng');
    } finally {
      at.config('');
    }
  });

  test('a user without sudo', async () => {
    const error = await errorOf(host({ user: 'eve' }, { env: { sudoPassword: new Secret('any') } }));
    expect(error).toMatchObject({ name: 'ConnectError', exit: 4 });
    expect(error.report.what).toContain('eve cannot become root');
  });

  test('sudo: never', async () => {
    expect(await errorOf(host({ user: 'ops', sudo: 'never' }))).toMatchObject({ exit: 4 });
  });

  test('port 2222', async () => {
    expect((await host({ user: 'root', port: 2222 }).run('echo reached')).stdout).toBe('reached\n');
  });

  test('one node through the other', async () => {
    const jump = `ops@${lab.node('node-1').address}:2222`;
    const { stdout } = await host({ user: 'root', jump }, {}, 'node-2').run('uname -n; echo "$SSH_CLIENT"');
    expect(stdout).toMatch(new RegExp(`^node-2\n${lab.node('node-1').address.replaceAll('.', '\\.')} `));
  });
});

test('a cable that is pulled in the middle of a script is noticed, by either transport', async () => {
  const hosts = TRANSPORTS.map((transport) => opener(transport)({ user: 'root' }));
  const node1 = lab.node('node-1');
  let begun = 0;
  let pulled: Promise<void> = Promise.resolve();
  const cut = hosts.map((h) =>
    h
      .run('echo begun; sleep 600', {
        onLine: () => {
          begun += 1;
          if (begun === hosts.length) pulled = node1.unplug();
        },
      })
      .catch((e) => e),
  );
  const errors = await Promise.all(cut);
  await pulled;
  await node1.plug();
  for (const error of errors)
    expect(error).toMatchObject({ name: 'ConnectError', exit: 4, report: { what: expect.stringContaining('was lost') } });
  for (const h of hosts)
    await expect.poll(async () => (await h.run('echo reached').catch(() => null))?.stdout, { timeout: 30_000 }).toBe('reached\n');
});

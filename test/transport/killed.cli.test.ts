import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'rolldown';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Node } from '../../src/model/cluster.ts';
import { type Bench, bench, node, type Sshd, startSshd } from './sshd.ts';

let at: Bench;
let sshd: Sshd;
const children: ChildProcess[] = [];

beforeAll(async () => {
  // A process of its own needs the transport built, and of the command line only the bundle is.
  await build({ input: 'src/transport/index.ts', platform: 'node', external: /^[a-z@]/, output: { dir: 'build/killed' } });
  at = bench();
  sshd = await startSshd(at, { authorized: [at.key('id')] });
});
afterAll(async () => {
  for (const { pid } of children) for (const name of leftBy(pid)) rmSync(join(tmpdir(), name), { recursive: true });
  await sshd?.stop();
  at?.remove();
});

const leftBy = (pid: number | undefined): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(`glusterctl-${pid}-`));
const over = (transport: 'ssh2' | 'openssh'): Node =>
  node({ port: sshd.port, identityFile: join(at.dir, 'id'), knownHosts: [sshd.knownHosts], transport });

/** A process of its own that has a host open and runs `body`. */
const start = (target: Node, body: string): ChildProcess => {
  const program = `
    const { openHost } = await import(${JSON.stringify(resolve('build/killed/index.js'))});
    const host = openHost(${JSON.stringify(target)}, ${JSON.stringify(at.options())});
    ${body}`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
};

test.each(['ssh2', 'openssh', 'local'] as const)(
  '%s: what ran on the node ends when it prints after glusterctl was killed',
  async (kind) => {
    const target = kind === 'local' ? node({ address: 'local' }) : over(kind);
    const child = start(
      target,
      `await host.run('echo $$; while sleep 0.1; do echo on || exit; done', { onLine: (line) => console.log(line) });`,
    );
    const pid = await new Promise<number>((done) => child.stdout?.once('data', (chunk) => done(Number.parseInt(String(chunk), 10))));
    expect(existsSync(`/proc/${pid}`)).toBe(true);
    child.kill('SIGKILL');
    await expect.poll(() => existsSync(`/proc/${pid}`), { timeout: 5000 }).toBe(false);
  },
);

test('the sockets that a killed glusterctl has left are swept up by the next', async () => {
  const killed = async (): Promise<number | undefined> => {
    const child = start(over('openssh'), `await host.run('true'); process.kill(process.pid, 'SIGKILL');`);
    await new Promise((done) => child.once('exit', done));
    return child.pid;
  };
  const first = await killed();
  expect(leftBy(first)).toHaveLength(1);
  await killed();
  expect(leftBy(first)).toEqual([]);
});

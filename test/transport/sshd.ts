import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Node, Ssh } from '../../src/model/cluster.ts';
import type { ConnectOptions } from '../../src/transport/index.ts';

export const user = userInfo().username;

/** By its whole path: sshd refuses to start by any other. */
const sshdPath = (): string => execFileSync('sh', ['-c', 'command -v sshd'], { encoding: 'utf8' }).trim();

/** A folder below /tmp (sockets need short paths) with keys, and an `ssh` in PATH that reads only the test's own configuration. */
export interface Bench {
  dir: string;
  /** Text of the test's ~/.ssh/config. */
  config(text: string): void;
  key(name: string, o?: { type?: string; passphrase?: string; pem?: boolean }): string;
  options(o?: Partial<ConnectOptions>): ConnectOptions;
  /** Done by remove(), also after a test that failed half way. */
  atEnd(work: () => void): void;
  remove(): void;
}

export const bench = (): Bench => {
  const dir = mkdtempSync('/tmp/gct-');
  const bin = join(dir, 'bin');
  const home = join(dir, 'home');
  mkdirSync(bin);
  mkdirSync(join(home, '.ssh'), { recursive: true });
  writeFileSync(join(home, '.ssh/config'), '');
  const real = execFileSync('sh', ['-c', 'command -v ssh'], { encoding: 'utf8' }).trim();
  writeFileSync(join(bin, 'ssh'), `#!/bin/sh\nexec ${real} -F ${home}/.ssh/config "$@"\n`, { mode: 0o755 });
  if (userInfo().uid !== 0) {
    // Without root the scripts run as whoever runs the test; the way there is the same.
    writeFileSync(join(bin, 'sudo'), '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done\nshift\nexec "$@"\n', { mode: 0o755 });
  }
  const path = process.env.PATH;
  delete process.env.SSH_AUTH_SOCK;
  process.env.PATH = `${bin}${delimiter}${path}`;
  let states = 0;
  const ends: (() => void)[] = [];
  return {
    dir,
    config: (text) => writeFileSync(join(home, '.ssh/config'), text),
    key: (name, { type = 'ed25519', passphrase = '', pem = false } = {}) => {
      const file = join(dir, name);
      rmSync(file, { force: true });
      execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', name, '-f', file, '-a', '1', ...(pem ? ['-m', 'PEM'] : [])]);
      return file;
    },
    options: (o = {}) => {
      states += 1;
      return {
        cluster: 'test',
        stateDir: join(dir, `state-${states}`),
        env: {},
        home,
        agentSocket: null,
        ask: null,
        connectTimeout: 5000,
        ...o,
      };
    },
    atEnd: (work) => ends.push(work),
    remove: () => {
      for (const end of ends) end();
      process.env.PATH = path;
      rmSync(dir, { recursive: true, force: true });
    },
  };
};

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(false));
    socket.on('data', () => {
      socket.destroy();
      resolve(true);
    });
  });

export interface Sshd {
  port: number;
  /** A known_hosts file that knows it. */
  knownHosts: string;
  /** Public host keys as files. */
  hostKeys: string[];
  log(): string;
  /** The processes that serve its connections. */
  sessions(): number[];
  stop(): Promise<void>;
}

let servers = 0;

/** A real sshd on 127.0.0.1, with host keys and authorised keys of its own. */
export const startSshd = async (
  at: Bench,
  {
    authorized,
    types = ['ed25519'],
    extra = [],
    env = '',
    hostKeys,
  }: { authorized: readonly string[]; types?: string[]; extra?: string[]; env?: string; hostKeys?: string[] },
): Promise<Sshd> => {
  servers += 1;
  const sshd = sshdPath();
  const name = `sshd-${servers}`;
  const port = await freePort();
  const keys = hostKeys ?? types.map((type) => at.key(`${name}-host-${type}`, { type }));
  const file = (leaf: string): string => join(at.dir, `${name}.${leaf}`);
  const pub = (key: string): string => readFileSync(`${key}.pub`, 'utf8').trim();
  if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  writeFileSync(file('authorized'), authorized.map((k) => `${pub(k)}\n`).join(''));
  writeFileSync(file('known'), keys.map((k) => `[127.0.0.1]:${port} ${pub(k)}\n`).join(''));
  writeFileSync(
    file('config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      ...keys.map((k) => `HostKey ${k}`),
      `AuthorizedKeysFile ${file('authorized')}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin yes',
      'LogLevel VERBOSE',
      // What stands in the real user's .bashrc is not the test's business. sshd takes the first SetEnv only.
      `SetEnv HOME=${at.dir}/home PATH=${at.dir}/bin:/usr/local/bin:/usr/bin:/bin${env}`,
      ...extra,
      '',
    ].join('\n'),
  );
  chmodSync(file('config'), 0o600);
  const child = spawn(sshd, ['-D', '-f', file('config'), '-E', file('log')], { stdio: 'ignore' });
  at.atEnd(() => child.kill('SIGKILL'));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const log = (): string => {
    try {
      return readFileSync(file('log'), 'utf8');
    } catch {
      return '';
    }
  };
  for (let i = 0; !(await answers(port)); i++) {
    if (i > 100 || child.exitCode !== null) throw new Error(`sshd does not start: ${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  /** All sshd processes below one; what they run for a user is not among them. */
  const below = (pid: number): number[] => {
    try {
      const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
      return children.filter((c) => readFileSync(`/proc/${c}/comm`, 'utf8').startsWith('sshd')).flatMap((c) => [c, ...below(c)]);
    } catch {
      // One of them has just ended.
      return [];
    }
  };
  const sessions = (): number[] => (child.pid === undefined ? [] : below(child.pid));
  return {
    port,
    knownHosts: file('known'),
    hostKeys: keys.map((k) => `${k}.pub`),
    log,
    sessions,
    stop: async () => {
      for (const pid of sessions()) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // it has just ended
        }
      }
      child.kill('SIGKILL');
      await ended;
    },
  };
};

export const ssh = (o: Partial<Ssh> = {}): Ssh => ({
  user,
  port: null,
  identityFile: null,
  knownHosts: null,
  hostKeys: 'strict',
  jump: null,
  sudo: 'auto',
  transport: 'ssh2',
  ...o,
});

export const node = (o: Partial<Ssh> & { name?: string; address?: string } = {}): Node => {
  const { name = 'node-1', address = '127.0.0.1', ...rest } = o;
  return { name, address, storage: address, zone: name, roles: ['server'], ssh: ssh(rest), disks: [], partition: null };
};

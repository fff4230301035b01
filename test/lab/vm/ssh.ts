import { must, type Output, run, TimedOut } from './run.ts';

export interface Login {
  port: number;
  identity: string;
  knownHosts: string;
}

export interface ExecOptions {
  /** Milliseconds, 120 s by default. */
  timeout?: number;
  user?: 'root' | 'ops';
  /** Seconds until the server's first answer, 60 by default: an emulated machine among busy neighbours is slow to give it. */
  connect?: number;
}

/** One word for the shell on the other side. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

const sshArguments = ({ port, identity, knownHosts }: Login, user: string, connect = 60): string[] => [
  ...['-F', 'none', '-p', String(port), '-i', identity, '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes'],
  ...['-o', `UserKnownHostsFile=${knownHosts}`, '-o', 'GlobalKnownHostsFile=/dev/null', '-o', 'StrictHostKeyChecking=yes'],
  // OpenSSH's first choice costs an emulated processor half a second.
  ...['-o', 'KexAlgorithms=curve25519-sha256'],
  // The user network keeps a connection open while its guest resets, so nothing but these would ever end it.
  ...['-o', `ConnectTimeout=${connect}`, '-o', 'ServerAliveInterval=10', '-o', 'ServerAliveCountMax=6', '-o', 'LogLevel=ERROR'],
  `${user}@127.0.0.1`,
];

/** Runs a POSIX sh script on the node. Fails only when time is up; ssh's own trouble is code 255. */
export const exec = (login: Login, script: string, { timeout = 120_000, user = 'root', connect = 60 }: ExecOptions = {}): Promise<Output> =>
  run('ssh', ['-n', ...sshArguments(login, user, connect), `LC_ALL=C exec sh -c ${quoted(script)}`], { timeout });

/** Copies a file of this machine to the node, as root. */
export const put = async (login: Login, from: string, to: string, timeout = 300_000): Promise<void> => {
  const [target, ...reversed] = sshArguments(login, 'root').reverse();
  const options = reversed.reverse().map((word) => (word === '-p' ? '-P' : word));
  await must('scp', ['-q', ...options, from, `${target}:${to}`], { timeout });
};

/** For a person at a terminal. */
export const interactive = (login: Login, user: 'root' | 'ops'): string[] => ['-t', ...sshArguments(login, user)];

/** null when the node cannot be asked right now. */
export const bootId = async (login: Login): Promise<string | null> => {
  try {
    const { stdout, code } = await exec(login, 'cat /proc/sys/kernel/random/boot_id', { timeout: 30_000, connect: 10 });
    return code === 0 ? stdout.trim() : null;
  } catch (error) {
    if (error instanceof TimedOut) return null;
    throw error;
  }
};

import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, readFile, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Env } from '../config/env.ts';
import { findCluster } from '../config/find.ts';
import { GlusterctlError } from '../errors.ts';
import { shipped } from '../shipped.ts';

export interface Finding {
  /** What was looked at. */
  of: string;
  /** remark: works, but should be known. */
  state: 'well' | 'remark' | 'wrong';
  text: string;
  next?: string;
}

interface Asked {
  env: Env;
  config: string | null;
}

const exec = promisify(execFile);

/** What a program prints, and how it ends; null when it is not there. */
const ask = async (program: string, ...args: string[]): Promise<{ code: number; text: string } | null> => {
  try {
    const { stdout, stderr } = await exec(program, args, { timeout: 5000 });
    return { code: 0, text: `${stdout}${stderr}`.trim() };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: number | string; stdout?: string; stderr?: string };
    return typeof code === 'number' ? { code, text: `${stdout}${stderr}`.trim() } : null;
  }
};

const WANTED: readonly [number, number] = [20, 19];

const node = (): Finding => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const old = major < WANTED[0] || (major === WANTED[0] && minor < WANTED[1]);
  return {
    of: 'Node',
    state: old ? 'wrong' : 'well',
    text: process.versions.node,
    ...(old && { next: `install Node ${WANTED.join('.')} or newer` }),
  };
};

const ssh = async (): Promise<Finding> => {
  const said = await ask('ssh', '-V');
  if (said) return { of: 'ssh', state: 'well', text: said.text.split('\n')[0] ?? '' };
  return { of: 'ssh', state: 'remark', text: 'there is no ssh program, so ~/.ssh/config is not read', next: 'install openssh-client' };
};

const KEYS = ['id_ed25519', 'id_ecdsa', 'id_rsa', 'id_ed25519_sk', 'id_ecdsa_sk'];

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const keys = async ({ home, agentSocket }: Env): Promise<Finding> => {
  const found = (await Promise.all(KEYS.map(async (name) => ((await isThere(join(home, '.ssh', name))) ? [`~/.ssh/${name}`] : [])))).flat();
  const files = found.length > 0 ? `; ${found.join(', ')}` : '';
  const next = found.length > 0 ? undefined : 'ssh-keygen -t ed25519, then ssh-copy-id to each node; or set GLUSTERCTL_SSH_PASSWORD';
  if (agentSocket === null)
    return {
      of: 'keys',
      state: found.length > 0 ? 'well' : 'remark',
      text: `no agent${files || ', and no key in ~/.ssh'}`,
      ...(next && { next }),
    };
  const said = await ask('ssh-add', '-l');
  if (said === null) return { of: 'keys', state: 'remark', text: `there is an agent, and no ssh-add to ask it${files}` };
  // ssh-add(1): 0 keys are listed, 1 there are none, 2 the agent cannot be reached.
  if (said.code === 0) return { of: 'keys', state: 'well', text: `the agent holds ${said.text.split('\n').length}${files}` };
  if (said.code === 1)
    return { of: 'keys', state: found.length > 0 ? 'well' : 'remark', text: `the agent holds none${files}`, ...(next && { next }) };
  return {
    of: 'keys',
    state: 'wrong',
    text: `the agent at ${agentSocket} does not answer`,
    next: 'start it anew (eval "$(ssh-agent)"), or unset SSH_AUTH_SOCK',
  };
};

/** A file that is not there is as good as an empty one. */
const readable = async (path: string, shown: string): Promise<Finding> => {
  try {
    const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => /^[^#\s]/.test(line)).length;
    return { of: shown, state: 'well', text: `${lines} host keys` };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { of: shown, state: 'well', text: 'not there yet: no host is known by it' };
    return { of: shown, state: 'wrong', text: message, next: `make ${path} readable` };
  }
};

const LEAST_FREE = 50 * 2 ** 20;

const state = async ({ stateDir }: Env): Promise<Finding> => {
  const of = 'state folder';
  try {
    await mkdir(stateDir, { recursive: true, mode: 0o700 });
    const probe = join(stateDir, `.doctor-${process.pid}`);
    await writeFile(probe, 'x');
    await rm(probe);
    await access(stateDir, constants.R_OK);
    const { mode } = await stat(stateDir);
    const { bavail, bsize } = await statfs(stateDir);
    if (bavail * bsize < LEAST_FREE)
      return { of, state: 'wrong', text: `${stateDir} is nearly full`, next: 'free space there, or set GLUSTERCTL_STATE_DIR' };
    if ((mode & 0o022) !== 0) return { of, state: 'remark', text: `${stateDir} can be written by others`, next: `chmod go-w ${stateDir}` };
    return { of, state: 'well', text: `${stateDir} can be written` };
  } catch (error) {
    return {
      of,
      state: 'wrong',
      text: `${stateDir} cannot be written: ${(error as Error).message}`,
      next: 'make it writable, or set GLUSTERCTL_STATE_DIR',
    };
  }
};

/** A clock that is behind the day on which this version was made refuses every certificate and key. */
const clock = async (): Promise<Finding> => {
  const of = 'clock';
  const { mtime } = await stat(shipped('package.json'));
  const now = new Date();
  const day = 24 * 3600 * 1000;
  if (now.getTime() + day < mtime.getTime())
    return { of, state: 'wrong', text: `it is ${now.toISOString()}, before this version was installed`, next: 'set the clock' };
  const said = await ask('timedatectl', 'show', '-p', 'NTPSynchronized', '--value');
  if (said?.code === 0 && said.text === 'no')
    return { of, state: 'remark', text: 'nothing keeps it true', next: 'timedatectl set-ntp true' };
  return { of, state: 'well', text: now.toISOString() };
};

const cluster = async ({ env, config }: Asked): Promise<Finding> => {
  const given = config ?? env.config;
  const of = given ?? 'cluster.yaml';
  if (given === '-') return { of: 'cluster file', state: 'remark', text: 'comes from stdin, and is not read here' };
  if (given === null && !(await isThere('cluster.yaml')))
    return { of, state: 'remark', text: 'not there yet', next: 'glusterctl init writes one' };
  try {
    const found = await findCluster(config, env);
    return { of, state: 'well', text: `valid: ${found.cluster.nodes.length} nodes, ${found.cluster.volumes.length} volumes` };
  } catch (error) {
    if (!(error instanceof GlusterctlError)) throw error;
    return { of, state: 'wrong', text: error.report.what, next: 'glusterctl validate shows where' };
  }
};

/** All of it, in the order in which it is needed. */
export const examine = async (asked: Asked): Promise<Finding[]> => {
  const { env } = asked;
  return Promise.all([
    node(),
    ssh(),
    keys(env),
    readable(join(env.home, '.ssh', 'known_hosts'), '~/.ssh/known_hosts'),
    readable(join(env.stateDir, 'known_hosts'), "glusterctl's known_hosts"),
    state(env),
    clock(),
    cluster(asked),
  ]);
};

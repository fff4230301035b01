import { userInfo } from 'node:os';
import { join } from 'node:path';
import { ConnectError } from '../errors.ts';
import type { Node, Ssh } from '../model/cluster.ts';
import type { ConnectOptions } from './options.ts';
import { askSshConfig, defaultSshConfig, expandHome, type SshConfig } from './ssh-config.ts';
import { saysNothing } from './ssh-config-files.ts';

/** One place to log in to, all questions answered. */
export interface Target {
  host: string;
  port: number;
  user: string;
  /** Under this name its host key is known: the alias, else the host. */
  lookup: { name: string; port: number };
  identity: {
    /** From cluster.yaml: it has to be there, and is tried first. */
    explicit: string | null;
    files: readonly string[];
    /** Of an agent's keys only those that are named here; with an `explicit` one, that one alone. */
    only: boolean;
    agent: string | null;
  };
  /** Files to look in, besides glusterctl's own; only read. */
  knownHosts: readonly string[];
  hostKeys: Ssh['hostKeys'];
  /** The jump host it is reached through. */
  via: Target | null;
  /** As cluster.yaml has it, for the ssh program. */
  asked: { host: string; user: string | null; port: number | null };
  proxyCommand: string | null;
}

export type AskConfig = (host: string, given: { user: string | null; port: number | null }) => Promise<SshConfig>;

const localUser = (): string => {
  try {
    return userInfo().username;
  } catch {
    // A container may run under an id that has no entry in passwd.
    return 'root';
  }
};

/** ssh -G, once for each host, user and port; ssh's own defaults where there is no ssh, and where none of its files says otherwise. */
export const configs = ({ home, log }: Pick<ConnectOptions, 'home' | 'log'>): AskConfig => {
  const asked = new Map<string, Promise<SshConfig>>();
  const local = localUser();
  let silent: boolean | null = null;
  const ask: AskConfig = async (host, given) => {
    silent ??= saysNothing(home);
    if (silent) return defaultSshConfig(host, home, local);
    const found = await askSshConfig(host, given, home, local);
    if (found) return found;
    log?.('this machine has no ssh program: ~/.ssh/config is not read');
    return defaultSshConfig(host, home, local);
  };
  return (host, given) => {
    const key = JSON.stringify([host, given.user, given.port]);
    const known = asked.get(key) ?? ask(host, given);
    asked.set(key, known);
    return known;
  };
};

export const parseHop = (text: string): { user: string | null; host: string; port: number | null } => {
  const uri = text.trim().replace(/^ssh:\/\//, '');
  const at = uri.lastIndexOf('@');
  const place = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(uri.slice(at + 1)) ?? /^(?:(.+))$/.exec(uri.slice(at + 1));
  const host = place?.[1] ?? place?.[2] ?? '';
  if (host === '') throw new ConnectError({ what: `${JSON.stringify(text)} is no jump host`, next: 'write USER@HOST:PORT' });
  return { user: at > 0 ? uri.slice(0, at) : null, host, port: place?.[3] ? Number(place[3]) : null };
};

const complete = (
  asked: Target['asked'],
  ssh: Ssh,
  config: SshConfig,
  options: Pick<ConnectOptions, 'home' | 'agentSocket'>,
  via: Target | null,
  hop: boolean,
): Target => {
  const agent = config.identityAgent === 'none' ? null : (config.identityAgent ?? options.agentSocket);
  const explicit = ssh.identityFile === null ? null : expandHome(ssh.identityFile, options.home);
  const port = asked.port ?? config.port;
  return {
    host: config.hostname,
    port,
    user: asked.user ?? config.user,
    lookup:
      config.hostKeyAlias === null ? { name: config.hostname.toLowerCase(), port } : { name: config.hostKeyAlias.toLowerCase(), port: 22 },
    identity: { explicit, files: config.identityFiles, only: (explicit !== null && !hop) || config.identitiesOnly, agent },
    knownHosts: ssh.knownHosts?.map((file) => expandHome(file, options.home)) ?? config.knownHosts,
    hostKeys: ssh.hostKeys,
    via,
    asked,
    proxyCommand: config.proxyCommand,
  };
};

const none = (jump: string | null): boolean => jump === null || /^none$/i.test(jump);

/** A chain of jump hosts, the nearest first. ~/.ssh/config may put another one before its first. */
const hopTargets = async (
  jump: string,
  ssh: Ssh,
  ask: AskConfig,
  options: ConnectOptions,
  seen: ReadonlySet<string>,
): Promise<Target | null> => {
  let via: Target | null = null;
  for (const [i, text] of jump.split(',').entries()) {
    const hop = parseHop(text);
    const config = await ask(hop.host, hop);
    // `Host *` with a ProxyJump holds for the jump host itself too.
    const before = i === 0 && config.jump !== null && !seen.has(config.jump) && config.jump !== text ? config.jump : null;
    if (before !== null) via = await hopTargets(before, ssh, ask, options, new Set([...seen, before, text]));
    via = complete(hop, ssh, config, options, via, true);
  }
  return via;
};

/** Where and how to log in to a node: cluster.yaml first, `ssh -G` for what it leaves out. */
export const resolveTarget = async ({ address, ssh }: Node, ask: AskConfig, options: ConnectOptions): Promise<Target> => {
  const asked = { host: address, user: ssh.user, port: ssh.port };
  // Everything said: ssh need not be asked.
  const said = ssh.user !== null && ssh.port !== null && ssh.identityFile !== null && ssh.knownHosts !== null && ssh.jump !== null;
  const config = said ? { ...defaultSshConfig(address, options.home, ''), identityFiles: [] } : await ask(address, asked);
  const jump = ssh.jump ?? config.jump;
  const via = jump === null || none(jump) ? null : await hopTargets(jump, ssh, ask, options, new Set([jump]));
  return complete(asked, ssh, config, options, via, false);
};

export const placeOf = ({ user, host, port }: Pick<Target, 'user' | 'host' | 'port'>): string =>
  `${user}@${host.includes(':') ? `[${host}]` : host}:${port}`;

/** All places on the way, the nearest first. */
export const chain = (target: Target | null): string[] => (target === null ? [] : [...chain(target.via), placeOf(target)]);

export const ownKnownHosts = (stateDir: string): string => join(stateDir, 'known_hosts');

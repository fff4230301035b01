import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConnectError } from '../errors.ts';

/** Plainly, not by zx: loading that would cost every run more than the question. */
const execute = promisify(execFile);

/** What ~/.ssh/config and /etc/ssh/ssh_config say of one host, as `ssh -G` prints it. */
export interface SshConfig {
  hostname: string;
  user: string;
  port: number;
  identityFiles: readonly string[];
  /** A path; 'none'; null: the usual one. */
  identityAgent: string | null;
  identitiesOnly: boolean;
  jump: string | null;
  proxyCommand: string | null;
  /** The user's and the system's files. */
  knownHosts: readonly string[];
  hostKeyAlias: string | null;
}

const NONE = /^none$/i;

/** Words as ssh_config has them: separated by blanks, or in double quotes. */
const words = (text: string): string[] => [...text.matchAll(/"([^"]*)"|(\S+)/g)].map((m) => m[1] ?? m[2] ?? '');

export const expandHome = (path: string, home: string): string =>
  path === '~' || path.startsWith('~/') ? join(home, path.slice(1)) : path;

/** The tokens that ssh_config(5) allows in IdentityFile and known_hosts paths, as far as they have a meaning here. */
const expandTokens = (path: string, tokens: Readonly<Record<string, string>>): string =>
  path.replace(/%(.)/g, (whole, letter: string) => (letter === '%' ? '%' : (tokens[letter] ?? whole)));

/** `host`: as asked for; `local`: the name of the user here. */
export const parseSshConfig = (text: string, host: string, home: string, local: string): SshConfig => {
  const values = new Map<string, string[]>();
  for (const line of text.split('\n')) {
    const at = line.indexOf(' ');
    if (at === -1) continue;
    const key = line.slice(0, at);
    values.set(key, [...(values.get(key) ?? []), line.slice(at + 1).trim()]);
  }
  const one = (key: string): string | null => values.get(key)?.[0] || null;
  const unlessNone = (key: string): string | null => {
    const value = one(key);
    return value === null || NONE.test(value) ? null : value;
  };
  const hostname = one('hostname') ?? host;
  const user = one('user') ?? local;
  const port = Number(one('port') ?? 22);
  const path = (raw: string): string =>
    expandHome(expandTokens(raw, { d: home, h: hostname, i: '', n: host, p: String(port), r: user, u: local }), home);
  const files = (key: string): string[] =>
    words(one(key) ?? '')
      .filter((f) => !NONE.test(f))
      .map(path);
  const agent = one('identityagent');
  return {
    hostname,
    user,
    port,
    identityFiles: (values.get('identityfile') ?? []).filter((f) => !NONE.test(f)).map((f) => path(words(f)[0] ?? f)),
    identityAgent: agent === null || agent === 'SSH_AUTH_SOCK' ? null : NONE.test(agent) ? 'none' : path(agent),
    identitiesOnly: one('identitiesonly') === 'yes',
    jump: unlessNone('proxyjump'),
    proxyCommand: unlessNone('proxycommand'),
    knownHosts: [...files('userknownhostsfile'), ...files('globalknownhostsfile')],
    hostKeyAlias: unlessNone('hostkeyalias'),
  };
};

/** What holds where nothing is configured, or this machine has no ssh program; keys in ssh's own order. */
export const defaultSshConfig = (host: string, home: string, local: string): SshConfig => ({
  hostname: host,
  user: local,
  port: 22,
  identityFiles: ['id_rsa', 'id_ecdsa', 'id_ed25519'].map((name) => join(home, '.ssh', name)),
  identityAgent: null,
  identitiesOnly: false,
  jump: null,
  proxyCommand: null,
  knownHosts: [
    ...['known_hosts', 'known_hosts2'].map((name) => join(home, '.ssh', name)),
    ...['ssh_known_hosts', 'ssh_known_hosts2'].map((name) => join('/etc/ssh', name)),
  ],
  hostKeyAlias: null,
});

/** Asks `ssh -G`. null: this machine has no ssh program. Throws ConnectError when the user's configuration is broken. */
export const askSshConfig = async (
  host: string,
  given: { user: string | null; port: number | null },
  home: string,
  local: string,
): Promise<SshConfig | null> => {
  const args = [...(given.user === null ? [] : ['-l', given.user]), ...(given.port === null ? [] : ['-p', String(given.port)])];
  try {
    const { stdout } = await execute('ssh', ['-T', '-G', ...args, '--', host]);
    return parseSshConfig(stdout, host, home, local);
  } catch (error) {
    const { code, stderr } = error as { code: unknown; stderr: string };
    if (code === 'ENOENT') return null;
    throw new ConnectError({
      what: `cannot read the SSH configuration for ${host}`,
      why: stderr.trim() || `ssh -G ended with ${code}`,
      next: 'mend ~/.ssh/config',
    });
  }
};

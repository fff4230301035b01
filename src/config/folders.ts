import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Variables = Readonly<Record<string, string | undefined>>;

export const homeOf = (env: Variables): string => env.HOME || homedir();

/** The XDG specification: a relative path is invalid and to be ignored. */
const xdg = (env: Variables, name: string, otherwise: string): string => {
  const base = env[name] || null;
  return join(base !== null && isAbsolute(base) ? base : join(homeOf(env), otherwise), 'glusterctl');
};

/** Journals, host keys, signing keys: $XDG_STATE_HOME/glusterctl, else ~/.local/state/glusterctl. */
export const stateDirOf = (env: Variables): string => xdg(env, 'XDG_STATE_HOME', '.local/state');

/** What may be thrown away: $XDG_CACHE_HOME/glusterctl, else ~/.cache/glusterctl. */
export const cacheDirOf = (env: Variables): string => xdg(env, 'XDG_CACHE_HOME', '.cache');

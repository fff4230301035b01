import { readdirSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

const SYSTEM = '/etc/ssh/ssh_config';
const FOLDER = '/etc/ssh/ssh_config.d';

/**
 * Words of ssh_config(5) that say nothing of where, as whom and with what one logs in, nor of the key the host has to show. What
 * is not here may, a word of a release to come too.
 */
const ASIDE = new Set([
  'compression',
  'connecttimeout',
  'forwardagent',
  'forwardx11',
  'forwardx11trusted',
  'gssapiauthentication',
  'gssapidelegatecredentials',
  'gssapikeyexchange',
  'hashknownhosts',
  'host',
  'loglevel',
  'sendenv',
  'serveralivecountmax',
  'serveraliveinterval',
  'setenv',
  'tcpkeepalive',
  'visualhostkey',
]);

/** A line that ssh need not be asked about. Debian's and Ubuntu's own file includes a folder that is looked into here as well. */
const isAside = (line: string): boolean => {
  const [, word = '', rest = ''] = /^\s*([^\s=]*)[\s=]*(.*?)\s*$/.exec(line) ?? [];
  if (word === '' || word.startsWith('#')) return true;
  return ASIDE.has(word.toLowerCase()) || (word.toLowerCase() === 'include' && rest === `${FOLDER}/*.conf`);
};

const text = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return '';
    // What cannot be read here is left to ssh, which says why.
    return 'unreadable';
  }
};

const folder = (): string[] => {
  try {
    return readdirSync(FOLDER).map((name) => join(FOLDER, name));
  } catch {
    return [];
  }
};

/** null for an id that has no entry, as in a container. */
const passwdHome = (): string | null => {
  try {
    return userInfo().homedir;
  } catch {
    return null;
  }
};

/**
 * Whether no file of ssh's has anything to say about any host, so that its defaults hold: most machines are like that, and a process
 * of `ssh -G` for each node costs more than the login. `home`: as everywhere else; ssh itself goes by the passwd entry.
 */
export const saysNothing = (home: string): boolean => {
  const own = new Set([home, passwdHome() ?? home]);
  const files = [...[...own].map((path) => join(path, '.ssh/config')), SYSTEM, ...folder()];
  return files.every((file) => text(file).split('\n').every(isAside));
};

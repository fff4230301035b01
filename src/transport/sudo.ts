import { ConnectError, Refused } from '../errors.ts';
import type { ConnectOptions } from './options.ts';

/** What stands before the command that is to be run as root. */
export const PLAIN = [] as const;
export const SUDO = ['sudo', '-n', '--'] as const;
/** -k: a cached login is not used, so that the first line of stdin is always taken as the password. */
export const SUDO_PASSWORD = ['sudo', '-S', '-k', '-p', '', '--'] as const;

/** What came back from a sudo that started no shell. */
export interface Refusal {
  code: number;
  /** All that was said. */
  said: string;
}

const lastLines = (text: string): string => text.trim().split('\n').slice(-3).join('\n');

const hopeless = (user: string, { code, said }: Refusal): ConnectError | null => {
  const why = lastLines(said) || `exit ${code}`;
  if (code === 127 || /command not found|sudo: not found/i.test(said))
    return new ConnectError({
      check: 'sudo',
      what: `${user} cannot become root: there is no sudo`,
      why,
      next: 'install sudo there, or log in as root (ssh.user)',
    });
  if (/must have a tty/.test(said))
    return new ConnectError({
      check: 'sudo',
      what: `${user} cannot become root: sudo wants a terminal`,
      why,
      next: `on the node, give sudo the line: Defaults:${user} !requiretty`,
    });
  if (/not in the sudoers|not allowed to|may not run/.test(said)) return noRights(user, why);
  return null;
};

const noRights = (user: string, why: string): ConnectError =>
  new ConnectError({
    check: 'sudo',
    what: `${user} cannot become root: sudo does not allow it`,
    why,
    next: `on the node, allow ${user} to run sh by sudo, or log in as another user (ssh.user)`,
  });

/**
 * A password that sudo takes: from the environment, else asked for, three times at most.
 * `verify` gives null when it is right. Throws ConnectError, or Refused where nobody can be asked.
 */
export const sudoPassword = async (
  node: string,
  user: string,
  first: Refusal,
  options: Pick<ConnectOptions, 'env' | 'ask'>,
  verify: (password: string) => Promise<Refusal | null>,
): Promise<string> => {
  const lost = hopeless(user, first);
  if (lost) throw lost;

  let why = '';
  const check = async (password: string): Promise<boolean> => {
    const refusal = await verify(password);
    if (refusal === null) return true;
    const never = hopeless(user, refusal);
    if (never) throw never;
    why = lastLines(refusal.said);
    return false;
  };

  const given = options.env.sudoPassword?.reveal();
  if (given !== undefined) {
    if (await check(given)) return given;
    throw new ConnectError({
      check: 'sudo',
      what: `${user} cannot become root: sudo does not take the password`,
      why,
      next: 'mend GLUSTERCTL_SUDO_PASSWORD, or unset it to be asked',
    });
  }
  if (options.ask === null)
    throw new Refused({
      check: 'sudo',
      what: `sudo asks for the password of ${user}, and there is no terminal to ask on`,
      next: 'set GLUSTERCTL_SUDO_PASSWORD, or allow it without a password (NOPASSWD in sudoers)',
    });
  for (let tries = 0; tries < 3; tries++) {
    const text = `${tries > 0 ? 'That was not right. ' : ''}sudo password of ${user} on ${node}`;
    const password = await options.ask({ kind: 'sudo-password', node, text });
    if (await check(password)) return password;
  }
  throw new ConnectError({
    check: 'sudo',
    what: `${user} cannot become root: three times sudo did not take the password`,
    why,
    next: 'run again with the right one',
  });
};

export const noSudo = (user: string): ConnectError =>
  new ConnectError({
    check: 'sudo',
    what: `${user} is not root, and cluster.yaml says not to use sudo`,
    next: 'log in as root (ssh.user: root), or allow sudo (ssh.sudo: auto)',
  });

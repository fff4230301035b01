import { readFileSync } from 'node:fs';
import { must } from './run.ts';

export interface SshKey {
  secret: string;
  public: string;
}

/** Makes an ed25519 key pair in `file` and `file`.pub. */
export const sshKey = async (file: string, comment: string): Promise<SshKey> => {
  await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', file]);
  return { secret: readFileSync(file, 'utf8'), public: readFileSync(`${file}.pub`, 'utf8') };
};

/** One line of a known_hosts file. A port of 22 is written without it, as OpenSSH does. */
export const knownHost = (key: SshKey, address: string, port = 22): string =>
  `${port === 22 ? address : `[${address}]:${port}`} ${key.public.split(' ').slice(0, 2).join(' ')}\n`;

/** The OpenSSH client's arguments for a login that looks at nothing of the user's own. */
export const sshArgs = (identityFile: string, knownHosts: string, user: string, address: string, port = 22): string[] => {
  const options = [`UserKnownHostsFile=${knownHosts}`, 'GlobalKnownHostsFile=none', 'StrictHostKeyChecking=yes', 'IdentitiesOnly=yes'];
  return ['-F', 'none', '-i', identityFile, '-p', `${port}`, ...options.flatMap((option) => ['-o', option]), `${user}@${address}`];
};

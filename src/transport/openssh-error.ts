import { ConnectError } from '../errors.ts';

type Kind = readonly [pattern: RegExp, what: (place: string) => string, next: string, check?: string];

const KINDS: readonly Kind[] = [
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .* has changed/,
    (place) => `THE HOST KEY OF ${place} HAS CHANGED, nothing was sent`,
    'find out why: installed anew, another machine at its address, or someone in between; only then take the old key out of the file that is named (ssh-keygen -R)',
    'host-key',
  ],
  [/REVOKED HOST KEY/, (place) => `the host key of ${place} IS REVOKED, nothing was sent`, 'give the node new host keys', 'host-key'],
  [
    /host key is known|Host key verification failed/,
    (place) => `the host key of ${place} is not known`,
    'compare the fingerprint with the node’s own (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub there), then add it by ssh-keyscan, or set ssh.hostKeys: accept-new',
    'host-key',
  ],
  [
    /Permission denied|Too many authentication failures|No more authentication methods/,
    (place) => `cannot log in to ${place}`,
    'add a key there (ssh-copy-id), give another by ssh.identityFile, or set GLUSTERCTL_SSH_PASSWORD or GLUSTERCTL_SSH_PASSPHRASE',
    'login',
  ],
  [/Could not resolve hostname/, (place) => `cannot connect to ${place}`, 'mend `address`, or give an IP address'],
  [/Connection refused/, (place) => `cannot connect to ${place}`, 'start sshd there, or mend ssh.port; a firewall may refuse too'],
  [
    /timed out|No route to host|unreachable|timeout/i,
    (place) => `cannot connect to ${place}`,
    'look whether the node is up and its address and ssh.port are right; a firewall may drop the packets',
  ],
];

/** The server wants something that ssh was not allowed to ask for. */
export class Denied extends ConnectError {}

/** What ssh (exit 255) said, as an error of ours. */
export const opensshError = (place: string, said: string): ConnectError => {
  const why = said
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^@+$/.test(line))
    .slice(-6)
    .join('\n');
  const kind = KINDS.find(([pattern]) => pattern.test(said));
  if (kind)
    return new (/Permission denied/.test(said) ? Denied : ConnectError)({ check: kind[3], what: kind[1](place), why, next: kind[2] });
  return new ConnectError({
    what: `cannot connect to ${place}`,
    why: why || 'ssh ended with 255 and said nothing',
    next: 'try the same with: ssh -v',
  });
};

import { type Check, type CheckText, onEachNode, refused } from './check.ts';

/** Ids of what a login can fail by; whatever else is `unreachable`. */
const NAMED = ['login', 'host-key', 'sudo', 'sshd-sessions'];

const FEW_SESSIONS: CheckText = {
  id: 'sshd-sessions',
  title: 'sshd allows too few sessions',
  severity: 'stop',
  cause: 'a run holds its lock in one session and works in a second one, and MaxSessions is lower',
  remedy: 'set MaxSessions 10, which is the default, in /etc/ssh/sshd_config, and reload sshd',
};

/** Seen by the login when there is none at all, and by the settings when there is one. */
const sessions: Check = {
  ...FEW_SESSIONS,
  evaluate: (seen) => [
    ...refused(FEW_SESSIONS).evaluate(seen),
    ...onEachNode(
      FEW_SESSIONS,
      ({ sshd: { maxSessions } }) => maxSessions !== null && maxSessions < 2 && `sshd allows ${maxSessions} session on a connection`,
    ).evaluate(seen),
  ],
};

export const access: readonly Check[] = [
  {
    id: 'unreachable',
    title: 'The node cannot be reached',
    severity: 'stop',
    cause: 'the node is down, its address or port is wrong, or a firewall drops SSH',
    remedy: 'try it by hand: ssh ADDRESS; mend address, ssh.port or ssh.jump; nothing else of this node could be looked at',
    evaluate: ({ lost }) =>
      lost
        .filter(({ check }) => check === undefined || !NAMED.includes(check))
        .map(({ node = null, what, why, next }) => ({ node, what, why, next })),
  },
  refused({
    id: 'login',
    title: 'The login is refused',
    cause: 'sshd takes none of the keys that are there, or wants a password that nobody can be asked for',
    remedy: 'ssh-copy-id, or name another key by ssh.identityFile, or set GLUSTERCTL_SSH_PASSWORD',
  }),
  refused({
    id: 'host-key',
    title: "The node's host key is not known, or another than before",
    cause: 'the node was never logged in to from here, was installed anew, or another machine answers at its address',
    remedy: 'compare the fingerprint with the one that the node itself shows, then add the key to known_hosts',
  }),
  refused({
    id: 'sudo',
    title: 'The user cannot become root',
    cause: 'there is no sudo, it does not allow it, or it asks for a password that nobody can be asked for',
    remedy: 'allow the user to run sh by sudo, set GLUSTERCTL_SUDO_PASSWORD, or log in as root (ssh.user)',
  }),
  sessions,
  onEachNode(
    {
      id: 'sshd-startups',
      title: 'sshd drops logins that come together',
      severity: 'warn',
      cause: 'MaxStartups begins to drop logins at a very low number',
      remedy: 'set MaxStartups 10:30:100, which is the default, or give glusterctl --concurrency 1',
    },
    ({ sshd: { startups } }) => startups !== null && startups < 3 && `sshd drops logins when ${startups} are under way`,
  ),
  {
    id: 'no-answer',
    title: 'A question was not answered',
    severity: 'warn',
    cause: 'a command on the node hangs or says something unexpected: a disk, a mount or a name server that does not answer',
    remedy: 'see glusterctl facts for the rest, and mend what hangs; what rests on the answer was not checked',
    evaluate: ({ unread }) => unread.map(({ node, fact, why }) => ({ node, what: `nothing is known of: ${fact}`, why })),
  },
];

import { type Sh, sh } from '../sh.ts';

interface Rule {
  /** Any of these is in what heketi-cli says. */
  said: readonly string[];
  cause: string;
  remedy: string;
}

/**
 * What heketi-cli says, and what it means; the first that fits counts. Texts from heketi 10.4 (apps/glusterfs, executors/cmdexec,
 * middleware, client/cli/go) and from threads of its tracker, by number. "already initialized or contains data?" is Heketi's guess
 * about whatever went wrong there (heketi#1883), so what stands behind it is looked at first.
 */
const RULES: readonly Rule[] = [
  {
    said: ['unable to authenticate, attempted methods', 'ssh: handshake failed'],
    cause: 'Heketi cannot log in to that node with its key',
    remedy: 'glusterctl apply puts the key there; sshd has to allow it: PermitRootLogin prohibit-password, or heketi.ssh.user with sudo',
  },
  {
    said: ['a terminal is required to read the password', 'a password is required'],
    cause: 'the user that Heketi logs in as may not use sudo without a password (heketi#1800)',
    remedy: 'give that user NOPASSWD in sudoers, or set heketi.ssh.user to root',
  },
  {
    said: ["New Node doesn't have glusterd running"],
    cause:
      'Heketi did not find glusterd at work there: it does not run, `manage` is not the name it is reached by, or, in Kubernetes, Heketi may not see the pods',
    remedy:
      'glusterctl status; in Kubernetes: kubectl auth can-i create pods/exec --as=system:serviceaccount:NAMESPACE:heketi-service-account',
  },
  {
    said: ['Transport endpoint is not connected'],
    cause: 'a peer was not reached: its name leads nowhere, its glusterd does not run, or port 24007 is closed',
    remedy: 'glusterctl check tells which of them',
  },
  {
    said: ['excluded by a filter'],
    cause: 'LVM does not take the device: a partition table or another signature is on it, multipath has it, or lvm.conf leaves it out',
    remedy: 'glusterctl facts says what is on it; wipe: true in cluster.yaml takes it off, once its serial was typed',
  },
  {
    said: ['Invalid argument for --'],
    cause: 'a setting in heketi.json is no value that LVM takes; nothing is wrong with the device (heketi#1883)',
    remedy: 'glusterctl apply writes heketi.json anew, with settings that are known to work',
  },
  {
    said: [
      "Can't open",
      'exclusively',
      'is already in volume group',
      'without -ff',
      'signature detected',
      'already initialized or contains data',
    ],
    cause: 'the device is in use, or something is on it',
    remedy: 'glusterctl facts says what; wipe: true in cluster.yaml takes it off, once its serial was typed',
  },
  {
    said: ['No space'],
    cause:
      'Heketi finds no set of nodes with room for every copy: replica 3 needs three nodes with a device each, and room for metadata besides the size',
    remedy: 'heketi-cli topology info shows what is free; add devices or nodes (use: heketi), or ask for less',
  },
  {
    said: ['Invalid JWT token', 'Unauthorized', 'signature is invalid'],
    cause: 'the key is not the one in heketi.json, or the clocks of the two differ by more than some minutes',
    remedy: 'glusterctl heketi cli uses the right key',
  },
  {
    said: ['connection refused', 'Server must be provided'],
    cause: 'no Heketi answers there',
    remedy: 'systemctl status heketi on its node; glusterctl apply starts it',
  },
  {
    said: ['already used as storage node', 'already exists on node', 'already in use'],
    cause: 'Heketi knows it already, by this name or in another cluster of its own',
    remedy: 'heketi-cli topology info shows where',
  },
  {
    said: ['Id not found'],
    cause: 'there is nothing with this id',
    remedy: 'heketi-cli topology info shows the ids; volumes that were made with gluster are not known to Heketi',
  },
  {
    said: ['Unable to delete', 'has bricks', 'contains nodes', 'contains devices'],
    cause: 'something is still in it',
    remedy: 'take out what is in it first: volumes, then devices, then nodes, then the cluster',
  },
  {
    said: ['server is currently busy', 'Too Many Requests', 'too many operations'],
    cause: 'Heketi works on as much as it takes at a time',
    remedy: 'try again in a minute',
  },
  {
    said: ['pending operations', 'performing one or more operations'],
    cause: 'Heketi was stopped in the midst of something',
    remedy: 'heketi-cli server operations cleanup',
  },
];

/** Cause and remedy; null where nothing is known of what it says. */
export const explain = (text: string): { cause: string; remedy: string } | null =>
  RULES.find(({ said }) => said.some((part) => text.includes(part))) ?? null;

/** The same for a script: `explain TEXT` prints cause and remedy, or nothing. */
export const explainSh: Sh = sh`
  explain() {
    case $1 in
    ${RULES.flatMap(({ said, cause, remedy }) => said.map((part) => sh`*${part}*) printf '%s\n' ${`${cause}; ${remedy}`} ;;`)).reduce(
      (a, b) => sh`${a}
    ${b}`,
    )}
    esac
  }`;

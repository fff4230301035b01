import type { Reach } from '../facts/ports.ts';
import { type Check, type Finding, groupsBy, onEachNode, type Path, refused, type Seen, told, words } from './check.ts';

/** Whether a connection shows that packets come through. */
export const isThrough = ({ reach, listener }: Path): boolean => reach === 'open' || (reach === 'refused' && !listener);

const SPOKEN: Readonly<Record<Exclude<Reach, 'open'>, string>> = {
  refused: 'refused, although something listens',
  filtered: 'no answer, or a firewall says no',
  unresolvable: 'the name leads nowhere',
  unknown: 'it could not be tried',
};

const portsOf = (paths: readonly Path[]): string => {
  const all = [...new Set(paths.map(({ port }) => `${port}`))];
  return `${all.length === 1 ? 'port' : 'ports'} ${words(all)}`;
};

/** What is shut at one node, said once for all that cannot come in. */
const shut = ({ cluster, nodes, paths, planned }: Seen, what: Path['what']): Finding[] =>
  cluster.nodes.flatMap(({ name: to }): Finding[] => {
    const closed = paths.filter((path) => path.what === what && path.to === to && path.reach !== 'unknown' && !isThrough(path));
    if (closed.length === 0) return [];
    const [first] = closed;
    const firewall = told(nodes, (is) => is.firewall.active).find(({ node }) => node.name === to)?.value ?? null;
    const opens = planned.has(`firewall@${to}`);
    return [
      {
        node: to,
        what: `${portsOf(closed)} cannot be reached from ${words([...new Set(closed.map(({ from }) => from))])}`,
        why:
          first && first.reach !== 'open'
            ? `${SPOKEN[first.reach]}${firewall === null ? '' : `; ${firewall} is at work on ${to}`}`
            : undefined,
        next: opens ? `glusterctl apply opens it in ${firewall}` : undefined,
        severity: opens ? 'warn' : undefined,
      },
    ];
  });

export const network: readonly Check[] = [
  {
    id: 'glusterd-port',
    title: "A node's glusterd cannot be reached",
    severity: 'stop',
    cause: 'a firewall on the node, or one between the nodes, does not let TCP port 24007 through',
    remedy: 'open it between all nodes (firewall: manage does so in firewalld, ufw and nftables); look at security groups of the cloud too',
    evaluate: (seen) => shut(seen, 'glusterd'),
  },
  {
    id: 'brick-ports',
    title: 'The ports of bricks cannot be reached',
    severity: 'stop',
    cause: 'since GlusterFS 10 bricks take any port from 49152 to 60999; older guides open only the first few',
    remedy: 'open the whole range between all nodes, or narrow it by gluster.maxPort; look at security groups of the cloud too',
    evaluate: (seen) => shut(seen, 'bricks'),
  },
  {
    id: 'port-untried',
    title: 'A connection between two nodes could not be tried',
    severity: 'warn',
    cause: 'the node has no bash, and nothing is installed for a check',
    remedy: 'install bash there, or try it by hand',
    evaluate: ({ paths }) =>
      [...new Set(paths.filter(({ reach, what }) => reach === 'unknown' && what !== 'packages').map(({ from }) => from))].map((node) => ({
        node,
        what: 'connections from here to the other nodes were not tried',
      })),
  },
  onEachNode(
    {
      id: 'port-taken',
      title: "Something else has glusterd's port",
      severity: 'stop',
      cause: 'another daemon, a container or GlusterD 2 listens on TCP port 24007',
      remedy: 'see: ss -ltnp sport = 24007; stop it, or move it to another port',
    },
    ({ listening, services }, { roles }) =>
      roles.includes('server') &&
      listening.has(24007) &&
      services?.get('glusterd.service')?.active !== 'active' &&
      'port 24007 is taken, and not by glusterd',
  ),
  {
    id: 'mtu',
    title: 'Interfaces of the storage network have different packet sizes',
    severity: 'warn',
    cause: 'jumbo frames are set on some nodes only: small packets pass, large ones vanish, and mounts hang',
    remedy: 'give all of them the same MTU, and the switches between them',
    evaluate: ({ nodes }) => {
      const by = groupsBy(nodes, ({ addresses, host }, { storage }) => {
        const own = addresses.addresses.find(({ address }) => address === storage);
        return own && host.mtu.get(own.interface.replace(/@.*/, ''));
      });
      return by.size < 2 ? [] : [{ node: null, what: [...by].map(([mtu, names]) => `${words(names)}: ${mtu}`).join('; ') }];
    },
  },
];

export const firewallChecks: readonly Check[] = [
  onEachNode(
    {
      id: 'firewall-unmanaged',
      title: 'A firewall is at work that glusterctl does not manage',
      severity: 'warn',
      cause: 'rules of iptables, or rules that no known service loads',
      remedy:
        'see in the matrix below whether they let Gluster through; open TCP 24007 and 49152-60999 between the nodes where they do not',
    },
    ({ firewall: { active, foreignRules } }, { roles }, { cluster }) =>
      cluster.firewall === 'manage' &&
      roles.includes('server') &&
      (active === 'iptables' || foreignRules) &&
      'it filters by rules of its own',
  ),
  onEachNode(
    {
      id: 'firewall-two',
      title: 'Two firewalls are at work',
      severity: 'warn',
      cause: 'firewalld, ufw and nftables.service each load rules without knowing of the other; what one opens the other may shut',
      remedy: 'keep one of them: systemctl disable --now the others',
    },
    ({ firewall: { at } }) => at.length > 1 && `${words(at)} are all at work`,
  ),
  refused({
    id: 'firewall-ipv6',
    title: 'ufw lets no IPv6 in',
    cause: 'IPV6=no in /etc/default/ufw, and nodes have IPv6 addresses',
    remedy: 'IPV6=yes there, then: ufw reload',
  }),
  onEachNode(
    {
      id: 'selinux-tools',
      title: 'Labels of SELinux cannot be set for good',
      severity: 'warn',
      cause: 'SELinux is on, and semanage is not there; it comes with the server packages of RHEL and its like',
      remedy: 'install policycoreutils-python-utils (policycoreutils-python on CentOS 7)',
    },
    ({ selinux, host, program }, { roles }) =>
      roles.includes('server') && selinux.mode !== 'absent' && program.server && !host.semanage && 'there is no semanage',
  ),
  onEachNode(
    {
      id: 'selinux-differs',
      title: 'SELinux will be another after the next boot',
      severity: 'warn',
      cause: 'setenforce was used, and /etc/selinux/config was not changed with it, or the other way round',
      remedy: 'make both say the same',
    },
    ({ selinux: { mode, configured } }) =>
      mode !== 'absent' && configured !== null && configured !== mode && `it is ${mode} now, and ${configured} after the next boot`,
  ),
  {
    id: 'selinux-mixed',
    title: 'SELinux is enforcing on some servers only',
    severity: 'warn',
    cause: 'nodes of one pool were set up in different ways; what works on one is forbidden on another',
    remedy: 'make them alike: setenforce 1 and SELINUX=enforcing, or selinux: permissive in cluster.yaml',
    evaluate: ({ nodes }) => {
      const by = groupsBy(nodes, ({ selinux }, { roles }) => (roles.includes('server') ? selinux.mode : null));
      const [strict = [], loose = []] = [by.get('enforcing'), by.get('permissive')];
      return strict.length === 0 || loose.length === 0
        ? []
        : [{ node: null, what: `enforcing on ${words(strict)}, permissive on ${words(loose)}` }];
    },
  },
];

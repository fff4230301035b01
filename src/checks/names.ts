import { type Check, onEachNode, refused, told, words } from './check.ts';

const isLoopback = (address: string): boolean => /^(127\.|::1$)/.test(address);
const isAddress = (text: string): boolean => /^[0-9.]+$|:/.test(text);

export const namesChecks: readonly Check[] = [
  refused({
    id: 'storage-address',
    title: 'A storage address is not one that other nodes can use',
    cause: 'it is a loopback address, the same as that of another node, or a name that leads to none or to several addresses',
    remedy: 'give the IP address in the storage network: storage: of that node in cluster.yaml',
  }),
  refused({
    id: 'hosts-file',
    title: '/etc/hosts says otherwise',
    cause: "a line outside of glusterctl's block leads a node's name elsewhere, or the block has lost its end",
    remedy: 'take the name out of that line, or keep the names yourself with hosts: leave',
  }),
  refused({
    id: 'cloud-init-hosts',
    title: "cloud-init leads the node's own name to 127.0.1.1 at every boot",
    cause: 'manage_etc_hosts: localhost in its configuration',
    remedy: 'manage_etc_hosts: false in /etc/cloud/cloud.cfg.d',
  }),
  refused({
    id: 'name-nowhere',
    title: "A node's name does not resolve",
    cause: 'peers and bricks are named by it, and with hosts: leave nobody writes it down',
    remedy: 'put it into DNS or /etc/hosts, or let glusterctl do it: hosts: manage',
  }),
  refused({
    id: 'name-loopback',
    title: "Another node's name leads to loopback",
    cause: 'a line in /etc/hosts that was copied from that node',
    remedy: 'take it out of /etc/hosts there, or let glusterctl do it: hosts: manage',
  }),
  onEachNode(
    {
      id: 'own-name-loopback',
      title: "The node's own name leads to loopback",
      severity: 'warn',
      cause: 'Debian and cloud images write 127.0.1.1 NAME into /etc/hosts; peers may then be told 127.0.1.1',
      remedy: 'lead the name to the storage address, or let glusterctl do it: hosts: manage',
    },
    ({ names }, { name }) => {
      const at = names.get(name)?.find(isLoopback);
      return at !== undefined && `its own name leads to ${at}`;
    },
  ),
  {
    id: 'names-differ',
    title: 'A name leads to different addresses on different nodes',
    severity: 'warn',
    cause: '/etc/hosts files that have grown apart, or DNS that answers differently inside and outside',
    remedy: 'make all nodes agree, or let glusterctl do it: hosts: manage',
    evaluate: ({ cluster, nodes }) =>
      cluster.nodes.flatMap(({ name }) => {
        const others = nodes.filter(({ node }) => node.name !== name);
        const said = told(others, ({ names }) => (names.get(name) ?? []).filter((address) => !isLoopback(address)).join(' '))
          .map(({ value }) => value)
          .filter((list) => list !== '');
        const different = [...new Set(said)];
        return different.length > 1 ? [{ node: null, what: `${name} leads to ${words(different)}, depending on whom one asks` }] : [];
      }),
  },
  onEachNode(
    {
      id: 'address-missing',
      title: 'The node does not have its storage address',
      severity: 'warn',
      cause: 'the address is one of a router that translates it (NAT), or wrong; glusterd tells by it which bricks are its own',
      remedy: 'give the address that the node itself has: storage: in cluster.yaml',
    },
    ({ addresses: { addresses } }, { storage }) =>
      isAddress(storage) &&
      addresses.length > 0 &&
      !addresses.some(({ address }) => address === storage) &&
      `it has no interface with ${storage}`,
  ),
  onEachNode(
    {
      id: 'dns',
      title: 'No name server is set',
      severity: 'warn',
      cause: '/etc/resolv.conf names none, so that package servers are found only when they stand in /etc/hosts',
      remedy: 'set one, in the way of the distribution',
    },
    ({ host: { nameServer } }) => !nameServer && '/etc/resolv.conf names no name server',
  ),
];

import type { Report } from '../../errors.ts';
import { REJECTED } from '../../gluster/pool.ts';
import { knownBy, type PeerViews, peerOf, uuidOf } from './view.ts';

const LOOPBACK = /^(127\.|::1$)/;

const groups = (nodes: readonly string[], key: (node: string) => string | null): string[][] => {
  const by = new Map<string, string[]>();
  for (const node of nodes) {
    const value = key(node);
    if (value !== null) by.set(value, [...(by.get(value) ?? []), node]);
  }
  return [...by.values()].filter((group) => group.length > 1);
};

const gd2 = (nodes: readonly string[], is: PeerViews): Report[] =>
  nodes
    .filter((node) => is[node]?.disk.glusterd2)
    .map((node) => ({
      node,
      check: 'glusterd2',
      what: 'GlusterD 2 is installed or running here',
      why: 'it never left its preview, is not maintained, and cannot be in one pool with glusterd',
      next: 'move its volumes away, then remove it (the package glusterd2, or its container); glusterctl facts shows what it has; the data of its bricks are ordinary files',
    }));

const clones = (nodes: readonly string[], is: PeerViews): Report[] =>
  groups(nodes, (node) => uuidOf(is, node)).map((group) => {
    const mend = group.find((node) => knownBy(is, node).length === 0) ?? group.at(-1) ?? '';
    return {
      check: 'uuid-clone',
      what: `${group.join(' and ')} have the same glusterd UUID ${uuidOf(is, mend)}`,
      why: 'they were cloned from one image on which glusterd had run',
      next: `give all but one a new one, on a node that is in no pool, such as ${mend}: systemctl stop glusterd; rm /var/lib/glusterd/glusterd.info; systemctl start glusterd`,
    };
  });

const words = (list: readonly string[]): string =>
  list.length === 1 ? (list[0] ?? '') : `${list.slice(0, -1).join(', ')} and ${list.at(-1)}`;

/** Peers that are none of our nodes, as `viewer` names them. */
export const strangersOf = (nodes: readonly string[], is: PeerViews, viewer: string): string[] => {
  const ours = new Set(nodes.map((node) => uuidOf(is, node)));
  return knownBy(is, viewer)
    .filter((peer) => !ours.has(peer.uuid))
    .map((peer) => peer.names[0] ?? peer.uuid);
};

const sharesPool = (nodes: readonly string[], is: PeerViews, node: string): boolean =>
  nodes.some((other) => peerOf(is, node, other) !== undefined);

/** The pool of the coordinator is taken for ours when another of our nodes is in it, or when there is no other. */
const pools = (nodes: readonly string[], is: PeerViews, coordinator: string): Report[] => {
  const reasons: Report[] = [];
  const names = new Set(nodes);
  for (const peer of knownBy(is, coordinator)) {
    const name = peer.names.find((n) => names.has(n) && uuidOf(is, n) !== peer.uuid);
    if (name !== undefined) {
      reasons.push({
        node: name,
        check: 'uuid-changed',
        what: `is known to the pool of ${coordinator} with another UUID (${peer.uuid})`,
        why: `${name} was set up anew, or another machine has its name now`,
        next: `bring the old /var/lib/glusterd/glusterd.info back to ${name}, or have it made anew: glusterctl node replace ${name}`,
      });
    }
  }
  const strangers = strangersOf(nodes, is, coordinator).filter((name) => !names.has(name));
  if (strangers.length > 0 && nodes.length > 1 && !sharesPool(nodes, is, coordinator)) {
    reasons.push({
      node: coordinator,
      check: 'foreign-pool',
      what: `belongs to a pool with ${words(strangers)}, and no other node of the file does`,
      why: 'a node is never taken out of its pool, and no pool is taken over, by surprise',
      next: `name the members of that pool in the file, or take ${coordinator} out of it: gluster peer detach ${coordinator}, from another member`,
    });
  }
  for (const node of nodes) {
    if (node === coordinator || peerOf(is, coordinator, node) !== undefined) continue;
    const others = knownBy(is, node);
    const volumes = is[node]?.disk.volumes ?? [];
    if (others.length > 0) {
      reasons.push({
        node,
        check: 'foreign-pool',
        what: `belongs to another pool, with ${words(others.map((peer) => peer.names[0] ?? peer.uuid))}`,
        why: `${coordinator}, from which it would be probed, does not know it`,
        next: `leave it out of the file, or detach it there first: gluster peer detach ${node}, from another member of that pool`,
      });
    } else if (volumes.length > 0) {
      reasons.push({
        node,
        check: 'foreign-volumes',
        what: `has volumes of its own: ${words(volumes)}`,
        why: 'glusterd takes no node with volumes into a pool',
        next: `look at them on ${node}: gluster volume info; when nothing in them is needed, stop and delete them`,
      });
    }
  }
  return reasons;
};

const rejected = (nodes: readonly string[], is: PeerViews): Report[] =>
  nodes.flatMap((viewer) =>
    nodes
      .filter((node) => peerOf(is, viewer, node)?.state === REJECTED)
      .map((node) => ({
        node,
        check: 'peer-rejected',
        what: `is rejected by ${viewer} (state "Peer Rejected")`,
        why: 'the two have different definitions of a volume; it follows an upgrade of one node, or a restored /var/lib/glusterd',
        next: `see "Cksums" in /var/log/glusterfs/glusterd.log. With all nodes on one version: gluster volume set all cluster.op-version VERSION. Else on the node that is wrong: stop glusterd, keep only glusterd.info of /var/lib/glusterd, start it, probe a good peer, restart it`,
      })),
  );

/** Only where the names are not ours to manage: else the step hosts has them lead where they should. */
const resolution = (nodes: readonly string[], is: PeerViews): Report[] =>
  nodes.flatMap((viewer) => {
    const names = is[viewer]?.names ?? new Map<string, readonly string[]>();
    const nowhere = nodes.filter((name) => (names.get(name) ?? []).length === 0);
    const here = nodes.filter((name) => name !== viewer && (names.get(name) ?? []).some((a) => LOOPBACK.test(a)));
    const next = 'put it right in DNS or /etc/hosts there, or let glusterctl do it: hosts: manage';
    return [
      ...(nowhere.length > 0
        ? [{ node: viewer, check: 'name-nowhere', what: `cannot resolve ${words(nowhere)}`, why: 'peers and bricks are named by it', next }]
        : []),
      ...here.map((name) => ({
        node: viewer,
        check: 'name-loopback',
        what: `takes ${name} for itself: the name leads to ${names.get(name)?.[0]} there`,
        next,
      })),
    ];
  });

/** All that stands against a pool of these nodes, across all of them, before anything is probed. */
export const faultsOfPool = (nodes: readonly string[], hosts: 'manage' | 'leave', is: PeerViews, coordinator: string): Report[] => {
  const copies = clones(nodes, is);
  return [
    ...gd2(nodes, is),
    ...copies,
    // With one UUID on two nodes, who is in whose pool cannot be told.
    ...(copies.length > 0 ? [] : [...pools(nodes, is, coordinator), ...rejected(nodes, is)]),
    ...(hosts === 'leave' ? resolution(nodes, is) : []),
  ];
};

/** What is odd about the nodes and stops nothing. */
export const remarksOnPool = (nodes: readonly string[], hosts: 'manage' | 'leave', is: PeerViews, coordinator: string): string[] => {
  const names = new Set(nodes);
  const strangers = strangersOf(nodes, is, coordinator).filter((name) => !names.has(name));
  const own = nodes.filter((node) => hosts === 'leave' && is[node]?.names.get(node)?.some((a) => LOOPBACK.test(a)));
  return [
    ...(strangers.length > 0 ? [`the pool has members that the file does not name, and keeps them: ${words(strangers)}`] : []),
    ...groups(nodes, (node) => is[node]?.disk.machineId ?? null).map(
      (group) => `${words(group)} have the same machine-id: they were cloned, and DHCP and journals may mistake one for the other`,
    ),
    ...own.map((node) => `${node}: its own name leads to loopback there; Gluster copes, but others may be told 127.0.1.1`),
  ];
};

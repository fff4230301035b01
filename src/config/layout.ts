import type { Brick, Volume } from '../model/cluster.ts';

/** A server and the mount points of its disks, in the file's order. */
export interface LayoutServer {
  name: string;
  zone: string;
  mounts: readonly string[];
}

export type LayoutWish = Pick<Volume, 'name' | 'type' | 'setSize' | 'allow'>;

export type Layout = { bricks: readonly Brick[]; notes: readonly string[] } | { why: string; next: string };

interface Slot {
  server: LayoutServer;
  mount: string;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** As many sets as the mounts allow when no server may be in one set twice. */
const setCount = (servers: readonly LayoutServer[], size: number, sameNode: boolean): number => {
  const room = (sets: number) => sum(servers.map(({ mounts }) => (sameNode ? mounts.length : Math.min(mounts.length, sets))));
  let sets = Math.floor(sum(servers.map(({ mounts }) => mounts.length)) / size);
  while (sets > 0 && room(sets) < sets * size) sets--;
  return sets;
};

/**
 * How many bricks each server carries: one at a time to whoever has the fewest, and among those to the zone
 * that has the fewest. So shares differ by at most one unless a server has no mount left.
 */
const shares = (servers: readonly LayoutServer[], bricks: number, limit: number): number[] => {
  const share = servers.map(() => 0);
  const inZone = new Map<string, number>();
  const load = (i: number) => [share[i] ?? 0, inZone.get(servers[i]?.zone ?? '') ?? 0] as const;
  for (let given = 0; given < bricks; given++) {
    let best = -1;
    servers.forEach(({ mounts }, i) => {
      const [mine, zone] = load(i);
      if (mine >= Math.min(mounts.length, limit)) return;
      const [least, leastZone] = best < 0 ? [Infinity, Infinity] : load(best);
      if (mine < least || (mine === least && zone < leastZone)) best = i;
    });
    const zone = servers[best]?.zone ?? '';
    share[best] = (share[best] ?? 0) + 1;
    inZone.set(zone, (inZone.get(zone) ?? 0) + 1);
  }
  return share;
};

/** Puts the arbiter, the last of its set, where the fewest arbiters are; ties go round with the set's number. */
const rotateArbiters = (sets: readonly Slot[][]): Slot[][] => {
  const arbiters = new Map<string, number>();
  return sets.map((set, i) => {
    const order = set.map((_, k) => set[(i + set.length - 1 + k) % set.length] as Slot);
    const count = (slot: Slot) => arbiters.get(slot.server.name) ?? 0;
    const chosen = order.reduce((best, slot) => (count(slot) < count(best) ? slot : best));
    arbiters.set(chosen.server.name, count(chosen) + 1);
    return [...set.filter((slot) => slot !== chosen), chosen];
  });
};

/**
 * Where the bricks of a volume go when the file leaves them out: `<mount>/<volume>` on the disk mounts of the servers.
 *
 * All bricks are laid in a row, zone by zone and server by server, and dealt out to the sets like cards. A server
 * has at most as many bricks in the row as there are sets, so it never gets two into one set; and of each zone every
 * set gets the same number, or one more: no order spreads the zones better.
 */
export const placeBricks = (volume: LayoutWish, servers: readonly LayoutServer[]): Layout => {
  const sameNode = volume.allow.includes('same-node');
  const usable = servers.filter(({ mounts }) => mounts.length > 0);
  if (usable.length === 0) {
    return {
      why: 'bricks are left out, and no server has a disk with a mount point to place them on',
      next: `list them, such as bricks: ["${servers[0]?.name ?? 'node-1'}:/data/brick1/${volume.name}", ...], or give the servers disks with use: thin or xfs`,
    };
  }
  const count = setCount(usable, volume.setSize, sameNode);
  if (count === 0) {
    return {
      why: `a set of ${volume.setSize} bricks needs ${volume.setSize} servers with a disk mount, and there are ${usable.length}`,
      next: 'add servers or disks, take a smaller set, or list the bricks and accept the risk with allow: [same-node]',
    };
  }

  const zones = [...new Set(usable.map(({ zone }) => zone))];
  const byZone = zones.flatMap((zone) => usable.filter((server) => server.zone === zone));
  const share = shares(byZone, count * volume.setSize, sameNode ? Infinity : count);
  const row = byZone.flatMap((server, i) => server.mounts.slice(0, share[i]).map((mount): Slot => ({ server, mount })));
  const dealt = Array.from({ length: count }, (_, set) => row.filter((_, i) => i % count === set));
  const sets = volume.type === 'arbiter' ? rotateArbiters(dealt) : dealt;

  const shared = sets.filter((set) => new Set(set.map(({ server }) => server.zone)).size < set.length).length;
  const carried = zones.map((zone) => `${zone}: ${row.filter(({ server }) => server.zone === zone).length}`).join(', ');
  const notes =
    shared === 0
      ? []
      : [
          `${volume.name}: ${shared} of ${count} sets of ${volume.setSize} bricks have several in one zone, as the bricks per zone are ${carried}`,
        ];
  return { bricks: sets.flat().map(({ server, mount }) => ({ node: server.name, path: `${mount}/${volume.name}` })), notes };
};

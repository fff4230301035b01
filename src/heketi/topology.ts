/** A device as `heketi-cli topology load` takes it: its name, or with tags. */
export type TopologyDevice = string | { name: string; tags: Readonly<Record<string, string>> };

export interface TopologyNode {
  node: {
    hostnames: { manage: readonly string[]; storage: readonly string[] };
    /** From 1 on. */
    zone: number;
    tags?: Readonly<Record<string, string>>;
  };
  devices: readonly TopologyDevice[];
}

/** What `heketi-cli topology load --json=FILE` loads: client/cli/go/cmds/topology.go of heketi 10. */
export interface Topology {
  /** `block` and `file` are left out where both are true, which is what they are when they are left out. */
  clusters: readonly { block?: boolean; file?: boolean; nodes: readonly TopologyNode[] }[];
}

/** A node as Heketi knows it. Devices by Heketi's id for them, which is also the name of their LVM group: vg_ID. */
export interface KnownNode {
  manage: string;
  zone: number;
  devices: readonly { id: string; name: string }[];
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const deviceName = (device: TopologyDevice): string => (typeof device === 'string' ? device : device.name);

/** One order for all, so that what was exported and loaded is exported byte for byte again. */
export const ordered = ({ clusters }: Topology): Topology => {
  const sorted = clusters.map(({ nodes, ...flags }) => ({
    ...flags,
    nodes: nodes
      .map(({ node, devices }) => ({ node, devices: [...devices].sort((a, b) => byText(deviceName(a), deviceName(b))) }))
      .sort((a, b) => byText(a.node.hostnames.manage[0] ?? '', b.node.hostnames.manage[0] ?? '')),
  }));
  const first = (cluster: (typeof sorted)[number]) => cluster.nodes[0]?.node.hostnames.manage[0] ?? '';
  return { clusters: sorted.sort((a, b) => byText(first(a), first(b))) };
};

export const topologyText = (topology: Topology): string => `${JSON.stringify(ordered(topology), null, 2)}\n`;

interface Info {
  clusters?: readonly {
    block?: boolean;
    file?: boolean;
    nodes?: readonly {
      zone?: number;
      hostnames?: { manage?: readonly string[]; storage?: readonly string[] };
      tags?: Record<string, string> | null;
      devices?: readonly { id?: string; name?: string; tags?: Record<string, string> | null }[] | null;
    }[];
  }[];
}

const hasTags = (tags: Record<string, string> | null | undefined): tags is Record<string, string> =>
  tags !== null && tags !== undefined && Object.keys(tags).length > 0;

const sortedTags = (tags: Record<string, string>) => Object.fromEntries(Object.entries(tags).sort(([a], [b]) => byText(a, b)));

/** What `heketi-cli topology info --json` prints, parsed; null when it is something else. */
const infoOf = (json: string): Info | null => {
  try {
    const info = JSON.parse(json) as Info | null;
    return info !== null && Array.isArray(info.clusters) ? info : null;
  } catch {
    return null;
  }
};

/** The same, in the form in which it is loaded: without ids, sizes, states, bricks and volumes. */
export const exported = (json: string): Topology | null => {
  const info = infoOf(json);
  if (info === null) return null;
  return ordered({
    clusters: (info.clusters ?? []).map(({ block = true, file = true, nodes = [] }) => ({
      ...(block && file ? {} : { block, file }),
      nodes: nodes.map(({ zone = 1, hostnames, tags, devices }) => ({
        node: {
          hostnames: { manage: hostnames?.manage ?? [], storage: hostnames?.storage ?? [] },
          zone,
          ...(hasTags(tags) && { tags: sortedTags(tags) }),
        },
        devices: (devices ?? []).map(({ name = '', tags: own }) => (hasTags(own) ? { name, tags: sortedTags(own) } : name)),
      })),
    })),
  });
};

export const known = (json: string): KnownNode[] | null =>
  infoOf(json)?.clusters?.flatMap(({ nodes = [] }) =>
    nodes.map(({ zone = 1, hostnames, devices }) => ({
      manage: hostnames?.manage?.[0] ?? '',
      zone,
      devices: (devices ?? []).map(({ id = '', name = '' }) => ({ id, name })).sort((a, b) => byText(a.name, b.name)),
    })),
  ) ?? null;

/** Zones as numbers: those that Heketi gave out already stay, others follow in the order in which they come. */
export const zoneNumbers = (nodes: readonly { name: string; zone: string }[], there: readonly KnownNode[]): ReadonlyMap<string, number> => {
  const numbers = new Map<string, number>();
  for (const { manage, zone } of there) {
    const name = nodes.find((node) => node.name === manage)?.zone;
    if (name !== undefined && !numbers.has(name)) numbers.set(name, zone);
  }
  const taken = new Set(there.map(({ zone }) => zone));
  let next = 1;
  for (const { zone } of nodes) {
    if (numbers.has(zone)) continue;
    while (taken.has(next)) next += 1;
    taken.add(next);
    numbers.set(zone, next);
  }
  return numbers;
};

import { z } from 'zod';
import { heketiState } from '../facts/heketi.ts';
import type { Cluster } from '../model/cluster.ts';
import { type Answers, CannotPlan, definePoolStep } from '../model/step.ts';
import { diskFacts } from './disk/facts.ts';
import { disksOf, WantDisks } from './disk/wish.ts';
import { wanted } from './heketi/devices.ts';
import { isLoaded, load, unload } from './heketi/load.ts';
import { giversOf } from './heketi-login.ts';

const Want = z.strictObject({
  cluster: z.string(),
  host: z.string().describe('Where Heketi runs'),
  port: z.number(),
  givers: z
    .array(z.strictObject({ name: z.string(), storage: z.string(), zone: z.string(), disks: WantDisks.shape.disks }))
    .describe('Servers with disks for Heketi'),
});
type WantTopology = z.infer<typeof Want>;

const copy = ({ select, link, use, mount, raid, wipe }: WantDisks['disks'][number]) => ({ select, link, use, mount, raid, wipe });

/** The servers with disks for Heketi, and all of their disks. */
export const giversWish = (nodes: Cluster['nodes']): WantTopology['givers'] =>
  giversOf(nodes).map((node) => ({ name: node.name, storage: node.storage, zone: node.zone, disks: disksOf(node).map(copy) }));

/** All that decides which disks Heketi is given. */
export const giverFacts = (givers: WantTopology['givers']) =>
  diskFacts({ cluster: '', node: '', disks: givers.flatMap(({ disks }) => disks) });

/** null where no Heketi is installed. */
const wishOf = ({ name: cluster, nodes, heketi: { server } }: Cluster): WantTopology | null =>
  server === undefined
    ? null
    : {
        cluster,
        host: server.node,
        port: server.port,
        givers: giversWish(nodes),
      };

const facts = ({ port, givers }: WantTopology) => ({
  ...giverFacts(givers),
  state: heketiState(port),
});

type TopologyFacts = Readonly<Record<string, Answers<ReturnType<typeof facts>>>>;

/** What Heketi is to know, and why it cannot. */
const topologyOf = (want: WantTopology, is: TopologyFacts) =>
  wanted(want.cluster, want.givers, new Map(Object.entries(is)), is[want.host]?.state ?? { data: false, nodes: null });

export const heketiTopology = definePoolStep({
  id: 'heketi-topology',
  title: "Load Heketi's topology",
  about:
    "Has heketi-cli load the nodes and the disks with `use: heketi`, by names that stay; refuses a disk that carries another Heketi's group.",
  want: Want,

  jobs: (cluster) => {
    const want = wishOf(cluster);
    return want === null ? [] : [{ nodes: [...new Set([want.host, ...want.givers.map(({ name }) => name)])], want }];
  },

  facts,

  plan(want, is) {
    const { host, port } = want;
    const { topology, devices, faults } = topologyOf(want, is);
    if (faults.length > 0) throw new CannotPlan(...faults);
    const there = is[host]?.state.nodes ?? null;
    const nodes = want.givers.map(({ name }) => name).filter((name) => !there?.some(({ manage }) => manage === name));
    const missing = devices.filter((device) => !device.there);
    if (nodes.length === 0 && missing.length === 0) return [];
    const counted = (n: number, what: string) => (n === 1 ? `a ${what}` : `${n} ${what}s`);
    return [
      {
        node: host,
        id: 'load',
        title: `tell Heketi of ${[...(nodes.length > 0 ? [counted(nodes.length, 'node')] : []), ...(missing.length > 0 ? [counted(missing.length, 'disk')] : [])].join(' and ')}: ${missing.map(({ node, name }) => `${node}:${name}`).join(', ') || nodes.join(', ')}`,
        risk: 'safe',
        do: load(port, topology),
        undo: unload(port, missing, (there ?? []).length === 0),
        verify: isLoaded(
          port,
          missing,
          want.givers.map(({ name }) => name),
        ),
      },
    ];
  },
});

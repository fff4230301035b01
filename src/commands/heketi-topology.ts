import { valuesText } from '../config/manifest-text.ts';
import { EXIT, Refused } from '../errors.ts';
import { type HeketiState, heketiState } from '../facts/heketi.ts';
import { type Chart, valuesFor } from '../heketi/charts.ts';
import { topologyText } from '../heketi/topology.ts';
import { addressFaults } from '../k8s/addresses.ts';
import type { Answers, Fact } from '../model/fact.ts';
import { askAll } from '../run/ask.ts';
import { unreachable } from '../run/look.ts';
import { wanted } from '../steps/heketi/devices.ts';
import { giverFacts, giversWish } from '../steps/heketi-topology.ts';
import { giveTopology, type TopologyOptions } from './heketi-give.ts';
import type { Invocation } from './invocation.ts';
import { type Session, withSession } from './session.ts';

interface Options extends TopologyOptions {
  format: 'heketi' | Chart;
}

/** The servers with disks for Heketi, all of which are to be asked, and Heketi's own node, where glusterctl installs one. */
const nodesOf = ({ cluster, hosts }: Session, givers: ReturnType<typeof giversWish>): string[] => {
  if (givers.length === 0)
    throw new Refused({ what: `no server in ${cluster.file} has a disk for Heketi`, next: 'give it blank disks: use: heketi' });
  const { server } = cluster.heketi;
  const nodes = [...new Set([...givers.map(({ name }) => name), ...(server ? [server.node] : [])])];
  const missing = nodes.filter((node) => !hosts.has(node));
  if (missing.length === 0) return nodes;
  throw new Refused({ what: `the topology is about ${missing.join(', ')} too, which --limit leaves out`, next: 'leave --limit out' });
};

/** From the facts of the nodes; where glusterctl's own Heketi answers already, with the zones and names that it has. */
export const run = (invocation: Invocation, { format, ...options }: Options): Promise<number> =>
  withSession(invocation, [], async (session) => {
    const { cluster, hosts } = session;
    const { server } = cluster.heketi;
    const givers = giversWish(cluster.nodes);
    const nodes = nodesOf(session, givers);
    const facts = giverFacts(givers);
    const state = server && heketiState(server.port);
    const questions = new Map(nodes.map((node) => [node, [...Object.values(facts), ...(state ? [state] : [])] as Fact<unknown>[]]));
    const { answers, failures } = await askAll(hosts, questions, invocation.concurrency);
    if (failures.size > 0) throw unreachable(failures);
    const read = <T>(node: string, { id, parse }: Fact<T>): T => parse(answers.get(node)?.get(id) ?? { stdout: '', code: 1 });
    const seen = new Map(
      nodes.map((node) => {
        const values = Object.entries(facts).map(([key, fact]) => [key, read(node, fact as Fact<unknown>)]);
        return [node, Object.fromEntries(values) as Answers<typeof facts>];
      }),
    );
    const there: HeketiState | null = server && state ? read(server.node, state) : null;
    const { topology, faults } = wanted(cluster.name, givers, seen, there);
    const names =
      format === 'heketi'
        ? []
        : addressFaults(
            cluster.nodes.filter(({ name }) => givers.some((giver) => giver.name === name)),
            'the charts',
          );
    if (faults.length + names.length > 0) throw new Refused([...faults, ...names]);
    giveTopology(invocation, options, format === 'heketi' ? topologyText(topology) : valuesText(valuesFor(format, topology)));
    return EXIT.ok;
  });

import { z } from 'zod';
import { pool } from '../facts/gluster.ts';
import { names } from '../facts/names.ts';
import type { PoolChange } from '../model/change.ts';
import type { Cluster } from '../model/cluster.ts';
import { CannotPlan, definePoolStep } from '../model/step.ts';
import { faultsOfPool, remarksOnPool } from './peers/judge.ts';
import { detach, isMesh, isNamed, isProbed, name as nameIt, probe, waitForMesh } from './peers/scripts.ts';
import { coordinatorOf, isWholeMesh, type PeerViews, peerOf } from './peers/view.ts';
import { glusterdState } from './pool/glusterd-state.ts';
import { servers } from './replace/want.ts';

const Want = z.strictObject({
  nodes: z.array(z.string()).min(1).describe('The servers, by the names that peers have'),
  hosts: z.enum(['manage', 'leave']).describe('Whether the step hosts makes the names resolve'),
});
type Want = z.infer<typeof Want>;

const probeChange = (node: string, peer: string): PoolChange => ({
  node,
  id: `probe:${peer}`,
  title: `take ${peer} into the pool`,
  risk: 'safe',
  do: probe(peer),
  undo: detach(peer),
  verify: isProbed(peer),
});

/** A further name harms nobody, and Gluster has no command to forget one. It goes with the peer. */
const nameChange = (node: string, peer: string): PoolChange => ({
  node,
  id: `name:${peer}`,
  title: `have ${peer} known by its name`,
  risk: 'safe',
  do: nameIt(peer),
  undo: 'nothing',
  verify: isNamed(peer),
});

export const meshChange = (nodes: readonly string[], node: string): PoolChange => ({
  node,
  id: 'mesh',
  title: 'wait until every node sees every other connected',
  risk: 'safe',
  do: waitForMesh(nodes, node),
  undo: 'nothing',
  verify: isMesh(nodes, node),
  waits: true,
});

export const peers = definePoolStep({
  id: 'peers',
  title: 'Form the pool',
  about:
    'Probes the servers that are missing, has each known by its name, and waits until every one sees every other connected. Takes no node out of a pool.',
  want: Want,

  jobs: (cluster: Cluster) => {
    const nodes = servers(cluster);
    return nodes.length === 0 ? [] : [{ nodes, want: { nodes, hosts: cluster.hosts } }];
  },

  facts: ({ nodes, hosts }: Want) => ({ disk: glusterdState, pool, names: names(hosts === 'leave' ? nodes : []) }),

  plan({ nodes, hosts }, is: PeerViews) {
    const coordinator = coordinatorOf(nodes, is);
    const faults = faultsOfPool(nodes, hosts, is, coordinator);
    if (faults.length > 0) throw new CannotPlan(...faults);

    const others = nodes.filter((node) => node !== coordinator);
    const missing = others.filter((node) => peerOf(is, coordinator, node) === undefined);
    const unnamed = (viewer: string, node: string) => !peerOf(is, viewer, node)?.names.includes(node);
    const [second] = others;
    const changes = [
      ...missing.map((peer) => probeChange(coordinator, peer)),
      ...others.filter((node) => !missing.includes(node) && unnamed(coordinator, node)).map((peer) => nameChange(coordinator, peer)),
      ...(second !== undefined && unnamed(second, coordinator) ? [nameChange(second, coordinator)] : []),
    ];
    if (changes.length > 0 || !isWholeMesh(nodes, is)) changes.push(meshChange(nodes, coordinator));
    return nodes.length === 1 ? [] : changes;
  },

  notes: ({ nodes, hosts }, is: PeerViews) => remarksOnPool(nodes, hosts, is, coordinatorOf(nodes, is)),
});

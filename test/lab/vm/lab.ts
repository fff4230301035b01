import { stringify } from 'yaml';
import { VmNode } from './node.ts';
import { downVms, knownHostsFile, labDir, type State } from './state.ts';

export interface ClusterYamlOptions {
  user?: 'root' | 'ops';
  node?: (node: VmNode) => Record<string, unknown>;
  rest?: Record<string, unknown>;
}

export class VmLab {
  readonly name: string;
  readonly nodes: readonly VmNode[];
  /** Private key that logs in to root and ops on every node. */
  readonly identity: string;

  constructor(state: State, identity: string) {
    this.name = state.name;
    this.identity = identity;
    this.nodes = state.nodes.map((node) => new VmNode(state, node, identity));
  }

  get dir(): string {
    return labDir(this.name);
  }
  get knownHosts(): string {
    return knownHostsFile(this.name);
  }
  /** A node by its name, or by its place in the list. */
  node(which: string | number): VmNode {
    const found = typeof which === 'number' ? this.nodes[which] : this.nodes.find((node) => node.name === which);
    if (found === undefined) throw new Error(`${this.name} has no node ${which}`);
    return found;
  }

  /** All machines at one moment, memory and disks. */
  async snapshot(label: string): Promise<void> {
    if (!/^[a-z][a-z0-9-]*$/.test(label)) throw new Error(`not a label for a snapshot: ${label}`);
    await Promise.all(this.nodes.map((node) => node.pause()));
    try {
      await Promise.all(this.nodes.map((node) => node.save(label)));
    } finally {
      await Promise.all(this.nodes.map((node) => node.resume()));
    }
  }
  /** All machines as they were, whatever became of them since: rebooted, off, other disks. Their clocks are set. */
  async restore(label: string): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.pause()));
    await Promise.all(this.nodes.map((node) => node.load(label)));
    await Promise.all(this.nodes.map((node) => node.resume()));
    await Promise.all(this.nodes.map((node) => node.setClock()));
  }

  /**
   * A cluster.yaml for these nodes: logins, addresses, names. `node` adds to each node's entry (disks, zone, ...),
   * `rest` to the file (volumes, grml, ...) or replaces what stands there.
   */
  clusterYaml({ user = 'root', node = () => ({}), rest = {} }: ClusterYamlOptions = {}): string {
    return stringify({
      apiVersion: 'glusterctl/v1',
      kind: 'Cluster',
      name: this.name,
      ssh: { user, identityFile: this.identity, knownHosts: this.knownHosts, hostKeys: 'strict' },
      gluster: { version: '10.3', source: 'distro' },
      nodes: this.nodes.map((n) => ({ name: n.name, address: '127.0.0.1', storage: n.storage, ssh: { port: n.sshPort }, ...node(n) })),
      ...rest,
    });
  }

  /** Machines, disks and snapshots are gone. */
  down(): Promise<void> {
    return downVms(this.name);
  }
}

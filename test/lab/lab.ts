import { join } from 'node:path';
import { type ClusterYamlOptions, clusterYaml } from './cluster-yaml.ts';
import { down } from './down.ts';
import { password } from './image.ts';
import { type LabNode, labNode } from './node.ts';
import { labDir } from './paths.ts';
import { SERVED } from './seed.ts';
import { sshArgs } from './ssh-key.ts';
import type { LabState } from './state.ts';

export interface Repositories {
  /** Laid out like upstream's: every release directory holds that release. */
  mirror: string;
  /** 10.3-1 and 10.4-1 in every release directory, as a mirror that keeps both. */
  both: string;
  /** The trees for dnf, laid out like the SIG's: 10.3-1 and 10.4-1 in one; not signed; signed by another key. */
  rpm: { mirror: string; unsigned: string; wrongKey: string };
  /** Not signed. */
  unsigned: string;
  /** Signed by another key than its rsa.pub says. */
  wrongKey: string;
  keyFile: string;
  fingerprint: string;
  otherKeyFile: string;
  otherFingerprint: string;
}

export interface Lab {
  readonly name: string;
  /** Everything of this lab; gone after down(). */
  readonly dir: string;
  readonly nodes: LabNode[];
  node(name: string): LabNode;
  readonly identityFile: string;
  readonly knownHosts: string;
  /** The password of `pat`. */
  readonly password: string;
  /** The certificate authority of the package server, which the nodes trust. */
  readonly caFile: string;
  /** The package server by its address, for use from the host. */
  readonly server: string;
  readonly repo: Repositories;
  clusterYaml(o?: ClusterYamlOptions): string;
  /** The OpenSSH client's arguments for a login by the lab's key. */
  sshArgs(node: string, o?: { user?: string; port?: number }): string[];
  reset(): Promise<void>;
  down(): Promise<void>;
}

/** A lab by its record. */
export const asLab = (state: LabState): Lab => {
  const { name, net } = state;
  const dir = labDir(name);
  const cabinet = { dir, cgroup: state.cgroup, holder: state.holder.pid };
  const nodes = state.nodes.map((node, i) => labNode(cabinet, node, i + 1));
  const identityFile = join(dir, 'id_ed25519');
  const knownHosts = join(dir, 'known_hosts');
  const tree = (which: string): string => `https://${SERVED[0]}/pub/${which}/glusterfs`;
  const sig = (which: string): string => `https://${SERVED[3]}/${which}`;
  const { keyFile, fingerprint, otherKeyFile, otherFingerprint } = state;
  const mirror = tree('gluster');

  const node = (wanted: string): LabNode => {
    const found = nodes.find((one) => one.name === wanted);
    if (!found) throw new Error(`lab ${name} has no node ${wanted}, but ${nodes.map((one) => one.name).join(', ')}`);
    return found;
  };

  return {
    name,
    dir,
    nodes,
    node,
    identityFile,
    knownHosts,
    password,
    caFile: join(dir, 'ca.crt'),
    server: `https://${net}.250`,
    repo: {
      mirror,
      both: tree('both'),
      rpm: { mirror: sig('SIGs'), unsigned: sig('unsigned'), wrongKey: sig('wrong-key') },
      unsigned: tree('unsigned'),
      wrongKey: tree('wrong-key'),
      keyFile,
      fingerprint,
      otherKeyFile,
      otherFingerprint,
    },
    clusterYaml: (o) => clusterYaml({ name, nodes, identityFile, knownHosts, mirror, rpmMirror: sig('SIGs'), keyFile, fingerprint }, o),
    sshArgs: (to, { user = 'root', port = 22 } = {}) => sshArgs(identityFile, knownHosts, user, node(to).address, port),
    reset: async () => {
      await Promise.all(nodes.map((one) => one.reset()));
    },
    down: () => down(name),
  };
};

import type { Family } from './image.ts';

export interface ClusterYamlOptions {
  /** gluster.version; default "10.3". */
  version?: string;
  source?: 'mirror' | 'distro' | 'centos-sig';
  /** A mirror URL instead of the lab's standard one. */
  mirror?: string;
  /** Names of the nodes to name; default all. */
  nodes?: readonly string[];
  /** ssh.user; default root. */
  user?: string;
  /** All nodes are clients, too. */
  clients?: boolean;
  /** Put in place of the standard `volumes:`; '' for none. */
  volumes?: string;
  /** Added at the end. */
  extra?: string;
}

export interface ClusterFacts {
  name: string;
  nodes: readonly { name: string; address: string; family: Family }[];
  identityFile: string;
  knownHosts: string;
  mirror: string;
  rpmMirror: string;
  keyFile: string;
  fingerprint: string;
}

/** A cluster file for a lab: a pool of its nodes, and a replicated volume gv0 on /data/brick1/gv0 of the first three. */
export const clusterYaml = (lab: ClusterFacts, o: ClusterYamlOptions = {}): string => {
  const nodes = lab.nodes.filter(({ name }) => o.nodes === undefined || o.nodes.includes(name));
  const source = o.source ?? 'mirror';
  const families = new Set(nodes.map(({ family }) => family));
  const [deb, rpm] = [o.mirror ?? lab.mirror, o.mirror ?? lab.rpmMirror];
  const mirror = families.size > 1 ? `{ deb: "${deb}", rpm: "${rpm}" }` : families.has('el9') ? rpm : deb;
  const lines = [
    'apiVersion: glusterctl/v1',
    'kind: Cluster',
    `name: ${lab.name}`,
    'ssh:',
    `  user: ${o.user ?? 'root'}`,
    `  identityFile: ${JSON.stringify(lab.identityFile)}`,
    `  knownHosts: ${JSON.stringify(lab.knownHosts)}`,
    'gluster:',
    `  version: "${o.version ?? '10.3'}"`,
    `  source: ${source}`,
    ...(source === 'mirror' ? [`  mirror: ${mirror}`] : []),
    ...(source === 'distro' ? [] : [`  key: ${JSON.stringify(lab.keyFile)}`, `  fingerprint: ${lab.fingerprint}`]),
    'nodes:',
    ...nodes.map(({ name, address }) => `  - { name: ${name}, address: ${address}${o.clients ? ', roles: [server, client]' : ''} }`),
  ];
  const bricks = nodes.slice(0, 3);
  const volume =
    bricks.length < 2
      ? []
      : [
          'volumes:',
          '  - name: gv0',
          '    type: replicate',
          `    replica: ${bricks.length}`,
          ...(bricks.length === 2 ? ['    allow: [replica-2]'] : []),
          '    bricks:',
          ...bricks.map(({ name }) => `      - ${name}:/data/brick1/gv0`),
        ];
  return `${[...lines, ...(o.volumes === undefined ? volume : [o.volumes]), o.extra ?? ''].join('\n').trimEnd()}\n`;
};

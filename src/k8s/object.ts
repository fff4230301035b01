import type { Report } from '../errors.ts';
import type { Cluster, Kubernetes, KubernetesVolume, Node } from '../model/cluster.ts';
import type { Secret } from '../sh.ts';

/** What is handed to Kubernetes, as plain data. */
export interface K8sObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Readonly<Record<string, string>>;
    annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** One entry of `kubernetes.volumes`, with all that its manifests are made from. */
export interface Wish {
  cluster: Cluster;
  kubernetes: Kubernetes;
  volume: KubernetesVolume;
  /** The release's minor number: 25 of 1.25. */
  minor: number;
  /** Heketi's admin key, from the environment. */
  heketiKey: Secret | null;
}

export interface Made {
  objects: readonly K8sObject[];
  /** A workload that uses the claim, to try it and to copy from. */
  example: readonly K8sObject[];
  /** Texts for the nodes, which Kubernetes has no place for. */
  files: readonly { name: string; text: string }[];
  /** What has to be there besides. */
  notes: readonly string[];
}

/** A way from the pool to a pod. `make` is called only when there are no faults. */
export interface Method {
  faults(wish: Wish): Report[];
  make(wish: Wish): Made;
}

export const serversOf = ({ nodes }: Cluster): Node[] => nodes.filter(({ roles }) => roles.includes('server'));

/** Servers with bricks of the volume first: they surely know its layout. */
export const serversFor = (cluster: Cluster, volume: string): Node[] => {
  const bricks = cluster.volumes.find(({ name }) => name === volume)?.bricks ?? [];
  const carries = ({ name }: Node): boolean => bricks.some(({ node }) => node === name);
  const servers = serversOf(cluster);
  return [...servers.filter(carries), ...servers.filter((node) => !carries(node))];
};

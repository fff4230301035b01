import type { Cluster, KubernetesVolume } from '../../src/model/cluster.ts';
import { cluster, node } from '../helpers/cluster.ts';

export const wanted = (method: KubernetesVolume['method'], over: Partial<KubernetesVolume> = {}): KubernetesVolume => ({
  volume: method === 'heketi' ? 'dyn' : 'gv0',
  claim: `by-${method}`,
  size: '10Gi',
  gid: 2000,
  method,
  ...over,
});

const server = (n: number) => node(`node-${n}`, { address: `192.0.2.${10 + n}`, storage: `10.0.0.${10 + n}` });
const worker = (n: number) => node(`kube-${n}`, { address: `192.0.2.${20 + n}`, storage: `192.0.2.${20 + n}`, roles: ['client'] });

/** Three servers, two nodes of Kubernetes, a volume that these mount. */
export const pool = (volumes: readonly KubernetesVolume[], over: Partial<Cluster> = {}): Cluster =>
  cluster({
    name: 'prod',
    nodes: [server(1), server(2), server(3), worker(1), worker(2)],
    volumes: [
      {
        name: 'gv0',
        type: 'replicate',
        setSize: 3,
        redundancy: 0,
        bricks: [2, 3, 1].map((n) => ({ node: `node-${n}`, path: '/data/brick1/gv0' })),
        options: {},
        group: null,
        start: true,
        allow: [],
      },
    ],
    mounts: [{ volume: 'gv0', path: '/mnt/gv0', nodes: ['kube-1', 'kube-2'] }],
    heketi: { url: 'http://10.0.0.11:8080' },
    kubernetes: { version: '1.25', namespace: 'app', volumes },
    ...over,
  });

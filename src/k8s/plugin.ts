import { addressFaults } from './addresses.ts';
import { claimOfVolume, inNamespace, persistentVolume } from './claim.ts';
import { dnsLabel } from './names.ts';
import { type Method, serversOf, type Wish } from './object.ts';
import { exampleDeployment, groupJob } from './pods.ts';

/** Any port does: the plugin takes the addresses alone, and asks glusterd at its own. */
const PORTS = [{ port: 1 }];

const endpointsName = ({ cluster }: Wish): string => dnsLabel(`glusterfs-${cluster.name}`);

/** The volume plugin that is built into kubelet, up to Kubernetes 1.25. */
export const plugin: Method = {
  faults: ({ cluster }) => addressFaults(serversOf(cluster), 'Endpoints'),

  make: (wish) => {
    const { cluster, kubernetes, volume, minor } = wish;
    const name = endpointsName(wish);
    const metadata = inNamespace(wish, name);
    return {
      objects: [
        {
          apiVersion: 'v1',
          kind: 'Endpoints',
          metadata,
          subsets: [{ addresses: serversOf(cluster).map(({ storage }) => ({ ip: storage })), ports: PORTS }],
        },
        // Without a selector: with one, Kubernetes would write the Endpoints itself; without a Service, it would remove them.
        { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: PORTS } },
        persistentVolume(wish, {
          glusterfs: { endpoints: name, endpointsNamespace: kubernetes.namespace, path: volume.volume, readOnly: false },
        }),
        claimOfVolume(wish),
        ...groupJob(wish),
      ],
      example: [exampleDeployment(wish, { annotated: true })],
      files: [],
      notes: [
        'every node of Kubernetes needs mount.glusterfs: glusterfs-client on Debian and Ubuntu, glusterfs-fuse on EL; glusterctl installs it on nodes with the role client',
        ...(minor === 25 ? ['the glusterfs plugin is deprecated in 1.25 and gone in 1.26: change to method host before the upgrade'] : []),
      ],
    };
  },
};

import { addressFaults } from './addresses.ts';
import { claimOfClass, inNamespace } from './claim.ts';
import { dnsLabel } from './names.ts';
import { type Method, serversFor, type Wish } from './object.ts';
import { exampleDeployment, groupJob } from './pods.ts';

const NAMESPACE = 'kadalu';

const storageName = ({ volume }: Wish): string => dnsLabel(volume.volume, 40);

/** The pool as external storage of Kadalu: it makes the storage class kadalu.NAME, and each claim is a folder of the volume. */
export const kadalu: Method = {
  faults: ({ cluster, volume }) => addressFaults(serversFor(cluster, volume.volume), "Kadalu's pods"),

  make: (wish) => {
    const { cluster, volume } = wish;
    const name = storageName(wish);
    return {
      objects: [
        {
          apiVersion: 'kadalu-operator.storage/v1alpha1',
          kind: 'KadaluStorage',
          metadata: { ...inNamespace(wish, name), namespace: NAMESPACE },
          spec: {
            type: 'External',
            single_pv_per_pool: false,
            details: {
              gluster_hosts: serversFor(cluster, volume.volume).map(({ storage }) => storage),
              gluster_volname: volume.volume,
              gluster_options: 'log-level=WARNING',
            },
          },
        },
        claimOfClass(wish, `kadalu.${name}`),
        ...groupJob(wish),
      ],
      example: [exampleDeployment(wish, { annotated: false })],
      files: [],
      notes: [
        'Kubernetes needs the operator of Kadalu: https://kadalu.tech',
        `Kadalu holds claims to their size only with quota on ${volume.volume}`,
      ],
    };
  },
};

import type { Mount } from '../model/cluster.ts';
import { claimOfVolume, persistentVolume } from './claim.ts';
import type { Method, Wish } from './object.ts';
import { exampleDeployment, groupJob } from './pods.ts';

const mountOf = ({ cluster, volume }: Wish): Mount | undefined =>
  cluster.mounts.find((mount) => mount.volume === volume.volume && mount.nodes.length > 0);

/**
 * Every node that runs pods mounts the volume itself: glusterctl's mount step makes a systemd automount. The volume is a
 * `local` one: its node affinity keeps pods on the nodes that have the mount, and kubelet never makes the directory.
 */
export const host: Method = {
  faults: (wish) => {
    const { volume } = wish.volume;
    if (mountOf(wish)) return [];
    return [
      {
        what: `${volume} is handed to Kubernetes by host mounts, and no node mounts it`,
        next: `add mounts: [{ volume: ${volume}, path: /mnt/${volume} }], give the nodes of Kubernetes the role client, and apply`,
      },
    ];
  },

  make: (wish) => {
    const { path, nodes } = mountOf(wish) as Mount;
    return {
      objects: [
        persistentVolume(wish, {
          local: { path },
          nodeAffinity: {
            required: {
              nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [...nodes] }] }],
            },
          },
        }),
        claimOfVolume(wish),
        ...groupJob(wish),
      ],
      example: [exampleDeployment(wish, { annotated: true, propagation: 'HostToContainer' })],
      files: [],
      notes: [
        `glusterctl apply mounts ${wish.volume.volume} at ${path} on ${nodes.join(', ')}; their names here have to be their label kubernetes.io/hostname`,
      ],
    };
  },
};

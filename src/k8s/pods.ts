import { inNamespace } from './claim.ts';
import { dnsLabel } from './names.ts';
import type { K8sObject, Wish } from './object.ts';

/** Small, and published for every architecture that Kubernetes runs on. */
const IMAGE = 'busybox:1.37';

interface PodWish {
  /** The group comes with the volume (its annotation); otherwise the pod has to name it. */
  annotated: boolean;
  /** As in a pod's volumeMounts; a host's mounts have to reach a pod that runs already. */
  propagation?: 'HostToContainer';
}

const volumeOf = (claim: string) => [{ name: 'gluster', persistentVolumeClaim: { claimName: claim } }];

/** nobody, as most images and distributions number it. */
const NOBODY = 65534;

/** Ready only while it can write to the volume. Without a group it runs as root: the volume's root belongs to root. */
export const exampleDeployment = (wish: Wish, { annotated, propagation }: PodWish): K8sObject => {
  const { claim, gid } = wish.volume;
  const name = dnsLabel(`${claim}-example`);
  const selector = { 'app.kubernetes.io/name': name };
  const pod =
    gid === null
      ? {}
      : {
          securityContext: {
            runAsNonRoot: true,
            runAsUser: NOBODY,
            runAsGroup: NOBODY,
            ...(!annotated && { supplementalGroups: [gid] }),
            seccompProfile: { type: 'RuntimeDefault' },
          },
        };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: inNamespace(wish, name),
    spec: {
      replicas: 1,
      selector: { matchLabels: selector },
      template: {
        metadata: { labels: selector },
        spec: {
          ...pod,
          containers: [
            {
              name: 'example',
              image: IMAGE,
              command: ['sh', '-c', 'id; ls -lan /data; exec sleep 2147483647'],
              readinessProbe: { exec: { command: ['test', '-w', '/data'] } },
              securityContext: { allowPrivilegeEscalation: false, ...(gid !== null && { capabilities: { drop: ['ALL'] } }) },
              volumeMounts: [{ name: 'gluster', mountPath: '/data', ...(propagation && { mountPropagation: propagation }) }],
            },
          ],
          volumes: volumeOf(claim),
        },
      },
    },
  };
};

/** Sets the group of the volume's root, and judges by reading it again. */
export const GROUP_SCRIPT = 'chgrp "$GID" "$ROOT" && chmod 2775 "$ROOT" && test "$(stat -c %g:%a "$ROOT")" = "$GID:2775"';

/**
 * GlusterFS volumes know no fsGroup (kubernetes' glusterfs plugin says so of itself), so that something has to give their
 * root to the group once: chgrp and chmod 2775, as Heketi does. The name holds the group, since a Job cannot be changed.
 */
export const groupJob = (wish: Wish): K8sObject[] => {
  const { claim, gid } = wish.volume;
  if (gid === null) return [];
  return [
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: inNamespace(wish, dnsLabel(`${claim}-gid-${gid}`)),
      spec: {
        template: {
          spec: {
            restartPolicy: 'OnFailure',
            containers: [
              {
                name: 'gid',
                image: IMAGE,
                command: ['sh', '-c', GROUP_SCRIPT],
                env: [
                  { name: 'GID', value: String(gid) },
                  { name: 'ROOT', value: '/volume' },
                ],
                securityContext: { runAsUser: 0, allowPrivilegeEscalation: false },
                volumeMounts: [{ name: 'gluster', mountPath: '/volume' }],
              },
            ],
            volumes: volumeOf(claim),
          },
        },
      },
    },
  ];
};

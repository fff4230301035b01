import { z } from 'zod';
import { volumeName } from './volume.ts';
import { word } from './words.ts';

const LABEL = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';

export const KubernetesVolume = z.strictObject({
  volume: volumeName().describe('A volume of this file; with method heketi the name that Heketi gives it'),
  claim: word(new RegExp(`^${LABEL}(\\.${LABEL})*$`), 'a name: lower-case letters, digits, "-" and "."', 253).describe(
    'Name of the PersistentVolumeClaim',
  ),
  size: word(/^[1-9][0-9]*(\.[0-9]+)?([KMGTPE]i|[kMGTPE])?$/, 'a Kubernetes quantity such as 10Gi', 32).describe(
    'What the claim asks for, such as 10Gi',
  ),
  gid: z.int().min(1, '1 to 2147483647').max(2147483647, '1 to 2147483647').optional().describe('Group that pods write as'),
  method: z
    .enum(['plugin', 'host', 'nfs', 'kadalu', 'heketi'])
    .describe('plugin and heketi: up to Kubernetes 1.25; host: mounts made by glusterctl; nfs: NFS-Ganesha; kadalu: external storage'),
});
export type KubernetesVolumeInput = z.output<typeof KubernetesVolume>;

export const KubernetesSection = z.strictObject({
  version: word(/^(auto|1\.[0-9]{1,3})$/, 'a minor release in quotes such as "1.25", or auto', 10)
    .default('auto')
    .describe('Release of the cluster, such as "1.25"; auto: the cluster is asked'),
  namespace: word(new RegExp(`^${LABEL}$`), 'a namespace: lower-case letters, digits and "-"', 63)
    .default('default')
    .describe('Where the claims live'),
  volumes: z.array(KubernetesVolume).default([]).describe('Volumes that pods may claim'),
});
export type KubernetesInput = z.output<typeof KubernetesSection>;

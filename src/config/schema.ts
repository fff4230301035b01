import { z } from 'zod';
import { GlusterSection, GrmlSection } from './schema/gluster.ts';
import { HeketiSection } from './schema/heketi.ts';
import { KubernetesSection } from './schema/kubernetes.ts';
import { NodeEntry } from './schema/node.ts';
import { SshSection } from './schema/ssh.ts';
import { MountEntry, VolumeEntry } from './schema/volume.ts';
import { word } from './schema/words.ts';

/** cluster.yaml as it is written; rules that need more than one field are in checks/. */
export const ClusterFile = z.strictObject({
  apiVersion: z.literal('glusterctl/v1').describe('Version of this format: glusterctl/v1'),
  kind: z.literal('Cluster').describe('Always Cluster'),
  name: word(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'lower-case letters, digits and "-", a letter or digit at both ends', 63).describe(
    'Name of the cluster',
  ),
  ssh: SshSection.default({}).describe('How to log in; each node may override any of it'),
  gluster: GlusterSection.describe('Which GlusterFS, and from where'),
  nodes: z.array(NodeEntry).min(1, 'at least one node').max(1000, 'at most 1000 nodes').describe('The hosts'),
  grml: GrmlSection.optional().describe('The rescue system for `glusterctl node shrink`'),
  volumes: z.array(VolumeEntry).default([]).describe('Volumes of the pool'),
  mounts: z.array(MountEntry).default([]).describe('Where clients mount volumes'),
  firewall: z
    .enum(['manage', 'leave'])
    .default('manage')
    .describe('manage: open what Gluster needs, to peers and clients only; leave: touch nothing'),
  selinux: z.enum(['leave', 'permissive']).default('leave').describe('leave: as it is; permissive: set to permissive'),
  hosts: z
    .enum(['manage', 'leave'])
    .default('manage')
    .describe('manage: a block in /etc/hosts names all nodes; leave: the names resolve already'),
  time: z.enum(['manage', 'leave']).default('manage').describe('manage: chrony; leave: the clocks are kept by something else'),
  heketi: HeketiSection.prefault({}).describe('Heketi, for Kubernetes up to 1.25'),
  kubernetes: KubernetesSection.optional().describe('Volumes for Kubernetes'),
});
export type ClusterInput = z.output<typeof ClusterFile>;

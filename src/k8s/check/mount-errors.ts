import type { Report } from '../../errors.ts';

/** Words of kubelet, the scheduler and mount.glusterfs, and what they come from. The first that fits is said. */
const KNOWN: readonly { said: RegExp; what: string; next: string }[] = [
  {
    // rancher/rke2#4770
    said: /no volume plugin matched/,
    what: 'the glusterfs volume plugin is not in this kubelet',
    next: 'it was taken out of Kubernetes 1.26: use method host, nfs or kadalu',
  },
  {
    // kubernetes#26547
    said: /unknown filesystem type '?glusterfs|mount\.glusterfs: .*not found|-t glusterfs.*bad option; for several filesystems/s,
    what: 'the node has no mount.glusterfs',
    next: 'install glusterfs-client (Debian, Ubuntu) or glusterfs-fuse (EL) there, or give the node the role client and apply',
  },
  {
    said: /-t nfs.*(bad option; for several filesystems|unknown filesystem type)/s,
    what: 'the node has no mount.nfs',
    next: 'install nfs-common (Debian, Ubuntu) or nfs-utils (EL) there',
  },
  {
    // openshift/origin#6331
    said: /endpoints "[^"]+" not found/,
    what: 'the Endpoints are not in the namespace where they are looked for',
    next: 'glusterctl k8s manifests --apply',
  },
  {
    // gluster/glusterfs#658
    said: /type 'features\/[^']+' is not valid or not found/,
    what: "the node's GlusterFS is older than the servers'",
    next: 'install the version of the pool on the node',
  },
  {
    said: /failed to fetch volume file|failed to get the 'volume file'/,
    what: 'the servers do not know the volume, or it is not started',
    next: 'glusterctl status',
  },
  {
    said: /transport endpoint is not connected|all subvolumes are down|exhausted all volfile servers/i,
    what: 'the node does not reach the bricks or glusterd',
    next: 'open 24007 and the ports of the bricks to the node, and see that it resolves the names of the servers',
  },
  {
    said: /driver name \S+ not found in the list of registered CSI drivers/,
    what: 'the CSI driver does not run on the node',
    next: 'install the driver, and look at its pods on the node',
  },
  {
    said: /access denied by server/,
    what: 'NFS-Ganesha does not export the volume to the node',
    next: 'add the node to nodes with the role client, and write the export again: glusterctl k8s manifests --out DIR',
  },
  {
    said: /volume node affinity conflict/,
    what: 'the pod may not run where the volume is mounted',
    next: 'mount the volume on more nodes (mounts: in the cluster file), or let the pod run on those that have it',
  },
  {
    said: /path "[^"]*" does not exist|no such (file or directory|device)/i,
    what: 'the volume is not mounted on the node',
    next: 'glusterctl apply mounts it; glusterctl status tells whether its bricks run',
  },
  {
    said: /permission denied/i,
    what: 'the node or the pod may not use the directory',
    next: 'set gid: of the volume in the cluster file, and glusterctl k8s manifests --apply',
  },
];

/** Why a pod does not start, by what Kubernetes says of it; its own words where they are not known. */
export const mountError = (message: string): Report => {
  const why = message.trim().split('\n').slice(-3).join('\n');
  const known = KNOWN.find(({ said }) => said.test(message));
  return known ? { what: known.what, why, next: known.next } : { what: 'it does not start', why };
};

import type { Report } from '../errors.ts';
import type { Node } from '../model/cluster.ts';
import { addressFaults } from './addresses.ts';
import { claimOfVolume, persistentVolume } from './claim.ts';
import { type Method, serversFor, type Wish } from './object.ts';
import { exampleDeployment, groupJob } from './pods.ts';

/** csi-driver-nfs, https://github.com/kubernetes-csi/csi-driver-nfs */
const DRIVER = 'nfs.csi.k8s.io';

const clientsOf = ({ cluster }: Wish): Node[] => cluster.nodes.filter(({ roles }) => roles.includes('client'));

/**
 * For /etc/ganesha, ganesha-export-config(8) and ganesha-gluster-config(8). Nobody may mount it but the nodes of Kubernetes;
 * they may do so as root, which sets the volume's group.
 */
export const ganeshaExport = (wish: Wish): string => {
  const { cluster, volume } = wish;
  const id = cluster.volumes.findIndex(({ name }) => name === volume.volume) + 1;
  return `# Written by glusterctl
EXPORT {
  Export_Id = ${id};
  Path = "/${volume.volume}";
  Pseudo = "/${volume.volume}";
  Access_Type = None;
  Squash = No_Root_Squash;
  SecType = sys;
  Protocols = 4;
  Transports = TCP;
  CLIENT {
    Clients = ${clientsOf(wish)
      .map(({ storage }) => storage)
      .join(', ')};
    Access_Type = RW;
  }
  FSAL {
    Name = GLUSTER;
    Hostname = "localhost";
    Volume = "${volume.volume}";
  }
}
`;
};

const noClients = (wish: Wish): Report[] =>
  clientsOf(wish).length > 0
    ? []
    : [
        {
          what: `${wish.volume.volume} would be exported by NFS, and no node may mount it`,
          why: 'the export names the nodes of Kubernetes, so that nobody else can mount it',
          next: 'add the nodes of Kubernetes to nodes, with roles: [client]',
        },
      ];

/** NFS-Ganesha on the pool, csi-driver-nfs in Kubernetes. */
export const nfs: Method = {
  faults: (wish) => [
    ...addressFaults(serversFor(wish.cluster, wish.volume.volume).slice(0, 1), 'NFS mounts'),
    ...addressFaults(clientsOf(wish), 'NFS exports'),
    ...noClients(wish),
  ],

  make: (wish) => {
    const { cluster, kubernetes, volume } = wish;
    const server = serversFor(cluster, volume.volume)[0] as Node;
    const file = `ganesha-${volume.volume}.conf`;
    return {
      objects: [
        persistentVolume(wish, {
          mountOptions: ['nfsvers=4.1', 'hard'],
          csi: {
            driver: DRIVER,
            volumeHandle: `${cluster.name}/${kubernetes.namespace}/${volume.claim}`,
            volumeAttributes: { server: server.storage, share: `/${volume.volume}` },
          },
        }),
        claimOfVolume(wish),
        ...groupJob(wish),
      ],
      example: [exampleDeployment(wish, { annotated: true })],
      files: [{ name: file, text: ganeshaExport(wish) }],
      notes: [
        `on ${server.name}: install nfs-ganesha-gluster, put ${file} into /etc/ganesha, add %include "/etc/ganesha/${file}" to ganesha.conf, restart nfs-ganesha; the kernel's own NFS server must not run there`,
        `pods reach the volume through ${server.name} alone: they wait while it is down`,
        'Kubernetes needs the driver: https://github.com/kubernetes-csi/csi-driver-nfs',
      ],
    };
  },
};

import type { Report } from '../errors.ts';
import { claimOfClass, globalName, inNamespace, metadata } from './claim.ts';
import { dnsLabel } from './names.ts';
import { type Method, serversOf, type Wish } from './object.ts';
import { exampleDeployment } from './pods.ts';

const COPIES = 3;

/** absoluteGidMin of kubernetes' glusterfs provisioner. */
const LEAST_GID = 2000;

const faults = ({ cluster, volume, heketiKey }: Wish): Report[] => {
  const all: Report[] = [];
  if (cluster.heketi.url === undefined)
    all.push({
      what: 'heketi.url is not set',
      why: 'the controller manager of Kubernetes asks Heketi for volumes, and reaches it by an address only',
      next: 'set heketi: { url: "http://192.0.2.10:8080" }',
    });
  if (heketiKey === null) all.push({ what: "the key of Heketi's admin is not known", next: 'set GLUSTERCTL_HEKETI_KEY' });
  if (serversOf(cluster).length < COPIES)
    all.push({ what: `Heketi puts ${COPIES} copies on ${COPIES} nodes, and the file has fewer servers`, next: 'add servers' });
  if (volume.gid !== null && volume.gid < LEAST_GID)
    all.push({
      what: `${volume.claim} asks for the group ${volume.gid}`,
      why: `Heketi's provisioner gives out groups from ${LEAST_GID} on`,
      next: `take ${LEAST_GID} or more`,
    });
  if (volume.volume.includes('_'))
    all.push({
      what: `${volume.volume} cannot begin the name of a volume of Heketi`,
      why: 'it joins the parts of a name by "_" and takes none within one',
      next: 'take a name without "_"',
    });
  return all;
};

/** Heketi's provisioner, up to Kubernetes 1.25: it makes a volume for each claim, and sets its group. */
export const heketi: Method = {
  faults,

  make: (wish) => {
    const { cluster, kubernetes, volume, heketiKey } = wish;
    const secret = dnsLabel(`heketi-${cluster.name}`);
    const gid = volume.gid === null ? {} : { gidMin: String(volume.gid), gidMax: String(volume.gid) };
    const storageClass = globalName(wish);
    return {
      objects: [
        {
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: inNamespace(wish, secret),
          type: 'kubernetes.io/glusterfs',
          data: { key: Buffer.from(heketiKey?.reveal() ?? '').toString('base64') },
        },
        {
          apiVersion: 'storage.k8s.io/v1',
          kind: 'StorageClass',
          metadata: metadata(wish, storageClass),
          provisioner: 'kubernetes.io/glusterfs',
          reclaimPolicy: 'Retain',
          allowVolumeExpansion: true,
          parameters: {
            resturl: cluster.heketi.url,
            restuser: 'admin',
            secretNamespace: kubernetes.namespace,
            secretName: secret,
            volumetype: `replicate:${COPIES}`,
            volumenameprefix: volume.volume,
            ...gid,
          },
        },
        claimOfClass(wish, storageClass),
      ],
      example: [exampleDeployment(wish, { annotated: true })],
      files: [],
      notes: [
        'the Heketi project is archived: nobody mends it any more',
        'the claim is retained: a volume of Heketi stays until heketi-cli volume delete',
      ],
    };
  },
};

import type { Report } from '../errors.ts';
import { claimOfClass, globalName, inNamespace, metadata } from './claim.ts';
import { dnsLabel } from './names.ts';
import { type K8sObject, type Method, serversOf, type Wish } from './object.ts';
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
  if (heketiKey === null)
    all.push({
      what: "the key of Heketi's admin is not known",
      next: 'set GLUSTERCTL_HEKETI_KEY; where glusterctl has installed Heketi, apply first',
    });
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

/** The name that Heketi's own manifests give it (extras/kubernetes of heketi 10.4). */
const ACCOUNT = 'heketi-service-account';

/**
 * What a Heketi that runs in Kubernetes has to be allowed: to find the pods that run glusterd and to run commands in them, and to
 * keep its database in a Secret. Without it says "New Node doesn't have glusterd running".
 */
const access = (wish: Wish): K8sObject[] => {
  const metadata = inNamespace(wish, ACCOUNT);
  const { namespace } = wish.kubernetes;
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata,
      rules: [
        { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [''], resources: ['pods/exec'], verbs: ['create'] },
        { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'create', 'update'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: ACCOUNT },
      subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace }],
    },
  ];
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
        ...(cluster.heketi.server === undefined ? access(wish) : []),
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
        ...(cluster.heketi.server === undefined
          ? [`the account ${ACCOUNT} is for a Heketi whose pod runs in ${kubernetes.namespace}, next to those of glusterd`]
          : []),
        'the claim is retained: a volume of Heketi stays until heketi-cli volume delete',
      ],
    };
  },
};

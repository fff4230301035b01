import { dnsLabel, shorten } from './names.ts';
import type { K8sObject, Wish } from './object.ts';

/** Where the annotation that gives pods a supplementary group is looked for, VolumeGidAnnotationKey in kubernetes' pkg/volume/util. */
export const GID_ANNOTATION = 'pv.beta.kubernetes.io/gid';

const labels = ({ cluster }: Wish) => ({
  'app.kubernetes.io/managed-by': 'glusterctl',
  'app.kubernetes.io/part-of': dnsLabel(cluster.name),
});

export const metadata = (wish: Wish, name: string) => ({ name, labels: labels(wish) });

export const inNamespace = (wish: Wish, name: string) => ({ name, namespace: wish.kubernetes.namespace, labels: labels(wish) });

/** Of things that have no namespace: a claim's name is taken once in each. */
export const globalName = ({ kubernetes, volume }: Wish): string => shorten(`${kubernetes.namespace}-${volume.claim}`);

const ACCESS = ['ReadWriteMany'];

/**
 * Bound to its claim from both sides: no other claim takes it, and no default storage class answers the claim first.
 * Retain: nothing that is done in Kubernetes deletes data of the pool.
 */
export const persistentVolume = (wish: Wish, source: Readonly<Record<string, unknown>>): K8sObject => {
  const { claim, size, gid } = wish.volume;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { ...metadata(wish, globalName(wish)), ...(gid !== null && { annotations: { [GID_ANNOTATION]: String(gid) } }) },
    spec: {
      capacity: { storage: size },
      accessModes: ACCESS,
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: wish.kubernetes.namespace, name: claim },
      ...source,
    },
  };
};

const claimOf = (wish: Wish, from: Readonly<Record<string, string>>): K8sObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: inNamespace(wish, wish.volume.claim),
  spec: { accessModes: ACCESS, ...from, resources: { requests: { storage: wish.volume.size } } },
});

export const claimOfVolume = (wish: Wish): K8sObject => claimOf(wish, { storageClassName: '', volumeName: globalName(wish) });

export const claimOfClass = (wish: Wish, storageClassName: string): K8sObject => claimOf(wish, { storageClassName });

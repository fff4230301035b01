import { Refused, type Report } from '../errors.ts';
import type { Cluster, KubernetesVolume } from '../model/cluster.ts';
import type { Secret } from '../sh.ts';
import { heketi } from './heketi.ts';
import { host } from './host.ts';
import { kadalu } from './kadalu.ts';
import { nfs } from './nfs.ts';
import type { K8sObject, Made, Method, Wish } from './object.ts';
import { plugin } from './plugin.ts';
import { LAST_WITH_PLUGIN, TESTED } from './release.ts';

const METHODS: Readonly<Record<KubernetesVolume['method'], Method>> = { plugin, host, nfs, kadalu, heketi };

/** The root of a volume has one group; Kadalu and Heketi make a root of its own for each claim. */
const twoGroups = (wishes: readonly Wish[]): Report[] => {
  const shared = wishes.filter(({ volume }) => volume.gid !== null && volume.method !== 'kadalu' && volume.method !== 'heketi');
  return shared.flatMap(({ volume: a }, i) => {
    const b = shared.slice(0, i).find(({ volume }) => volume.volume === a.volume && volume.gid !== a.gid)?.volume;
    if (!b) return [];
    return [
      {
        what: `${b.claim} wants ${a.volume} to belong to the group ${b.gid}, ${a.claim} to the group ${a.gid}`,
        why: 'both are the root of one volume, which has one group',
        next: 'give both the same gid, or each a volume of its own',
      },
    ];
  });
};

const INSTEAD =
  'take method host (mounts by glusterctl, no driver needed), nfs (NFS-Ganesha and csi-driver-nfs) or kadalu (the pool as external storage)';

/** What is gone would not be refused by Kubernetes itself: the claim stays pending, or the pod creating, without a word. */
const gone = ({ volume, minor }: Wish): Report[] => {
  if (minor <= LAST_WITH_PLUGIN || (volume.method !== 'plugin' && volume.method !== 'heketi')) return [];
  const what = volume.method === 'plugin' ? 'the built-in glusterfs volume plugin' : "Heketi's provisioner kubernetes.io/glusterfs";
  return [
    {
      what: `${volume.claim}: method ${volume.method} does not work on Kubernetes 1.${minor}`,
      why: `${what} was taken out of Kubernetes 1.${LAST_WITH_PLUGIN + 1} (kubernetes#112015): the claim would wait for ever, without a word`,
      next: INSTEAD,
    },
  ];
};

const key = ({ apiVersion, kind, metadata }: K8sObject): string => [apiVersion, kind, metadata.namespace ?? '', metadata.name].join('|');

/** Claims of one pool share Endpoints and the like. */
const once = (objects: readonly K8sObject[]): K8sObject[] => [...new Map(objects.map((object) => [key(object), object])).values()];

const untested = (minor: number): string[] =>
  minor >= TESTED.first && minor <= TESTED.last
    ? []
    : [`the manifests are tested with Kubernetes 1.${TESTED.first} to 1.${TESTED.last}, not with 1.${minor}`];

/**
 * All objects for `kubernetes.volumes`, in the order in which Kubernetes wants them. Throws Refused with every reason at
 * once; `minor` is that of the release: 25 of 1.25.
 */
export const manifests = (cluster: Cluster, minor: number, heketiKey: Secret | null): Made => {
  const { kubernetes } = cluster;
  if (kubernetes === null || kubernetes.volumes.length === 0) {
    throw new Refused({
      what: `${cluster.file} hands no volume to Kubernetes`,
      next: 'add kubernetes: { volumes: [{ volume: gv0, claim: gluster-claim, size: 10Gi, method: host }] }',
    });
  }
  const wishes = kubernetes.volumes.map((volume): Wish => ({ cluster, kubernetes, volume, minor, heketiKey }));
  const faults = wishes.flatMap((wish) => {
    const over = gone(wish);
    return over.length > 0 ? over : METHODS[wish.volume.method].faults(wish);
  });
  const reasons = [...new Map([...faults, ...twoGroups(wishes)].map((report) => [JSON.stringify(report), report])).values()];
  if (reasons.length > 0) throw new Refused(reasons);
  const made = wishes.map((wish) => METHODS[wish.volume.method].make(wish));
  return {
    objects: once(made.flatMap(({ objects }) => objects)),
    example: made.flatMap(({ example }) => example),
    files: [...new Map(made.flatMap(({ files }) => files).map((file) => [file.name, file])).values()],
    notes: [...new Set([...untested(minor), ...made.flatMap(({ notes }) => notes)])],
  };
};

import type { Report } from '../../errors.ts';
import type { Cluster, KubernetesVolume } from '../../model/cluster.ts';
import { GID_ANNOTATION } from '../claim.ts';
import { serversOf } from '../object.ts';
import { LAST_WITH_PLUGIN } from '../release.ts';
import type { ClaimSeen, EventSeen, Seen, Thing, VolumeSeen } from './answers.ts';
import { mountError } from './mount-errors.ts';
import { bytesOf } from './quantity.ts';

const APPLY = 'glusterctl k8s manifests --apply';
const IN_TREE = 'kubernetes.io/glusterfs';

interface Case {
  cluster: Cluster;
  namespace: string;
  wish: KubernetesVolume;
  seen: Seen;
  claim: ClaimSeen;
  volume: VolumeSeen | undefined;
}

const named = <T extends Thing>(things: readonly T[], name: string | undefined, namespace?: string): T | undefined =>
  things.find(({ metadata }) => metadata.name === name && (namespace === undefined || metadata.namespace === namespace));

const at = ({ lastTimestamp, eventTime }: EventSeen): string => lastTimestamp ?? eventTime ?? '';

const lastWarning = (events: readonly EventSeen[], kind: string, name: string, reasons?: RegExp): string | undefined =>
  events
    .filter(
      ({ involvedObject, reason = '' }) => involvedObject?.kind === kind && involvedObject.name === name && (reasons?.test(reason) ?? true),
    )
    .sort((a, b) => at(a).localeCompare(at(b)))
    .at(-1)?.message;

/** Kubernetes takes such objects, and then says nothing. */
const gone = ({ seen, claim, volume }: Case): Report[] => {
  const provisioner = named(seen.classes, claim.spec.storageClassName)?.provisioner;
  if (seen.minor <= LAST_WITH_PLUGIN || !(volume?.spec.glusterfs || provisioner === IN_TREE)) return [];
  return [
    {
      what: volume?.spec.glusterfs ? 'its volume is for the built-in glusterfs plugin' : `its storage class is for ${IN_TREE}`,
      why: `Kubernetes 1.${seen.minor} has none: it was taken out of 1.${LAST_WITH_PLUGIN + 1} (kubernetes#112015)`,
      next: 'use method host, nfs or kadalu',
    },
  ];
};

const unlike = (claim: ClaimSeen, volume: VolumeSeen): Report[] => {
  const { name } = volume.metadata;
  const { claimRef, capacity, accessModes = [] } = volume.spec;
  const all: Report[] = [];
  if (claimRef && (claimRef.name !== claim.metadata.name || claimRef.namespace !== claim.metadata.namespace))
    all.push({
      what: `${name} is for the claim ${claimRef.name} in the namespace ${claimRef.namespace}`,
      next: `delete that claim and the volume if it is wanted here, then ${APPLY}`,
    });
  else if (volume.status?.phase === 'Released')
    all.push({
      what: `${name} is released: it still belongs to an earlier claim of that name`,
      next: `kubectl patch pv ${name} --type json -p '[{"op":"remove","path":"/spec/claimRef/uid"}]'`,
    });
  const [ofClaim, ofVolume] = [claim.spec.storageClassName ?? '', volume.spec.storageClassName ?? ''];
  if (ofClaim !== ofVolume) all.push({ what: `it asks for the storage class "${ofClaim}", and ${name} has "${ofVolume}"`, next: APPLY });
  const [asked, there] = [bytesOf(claim.spec.resources?.requests?.storage), bytesOf(capacity?.storage)];
  if (asked !== null && there !== null && asked > there)
    all.push({ what: `it asks for ${claim.spec.resources?.requests?.storage}, and ${name} has ${capacity?.storage}`, next: APPLY });
  const missing = (claim.spec.accessModes ?? []).filter((mode) => !accessModes.includes(mode));
  if (missing.length > 0) all.push({ what: `it asks for ${missing.join(', ')}, which ${name} does not have`, next: APPLY });
  return all;
};

const pending = ({ seen, claim, volume }: Case): Report[] => {
  if (claim.status?.phase === 'Bound') return [];
  const { volumeName, storageClassName } = claim.spec;
  const said = lastWarning(seen.events, 'PersistentVolumeClaim', claim.metadata.name);
  if (volumeName && !volume) return [{ what: `its volume ${volumeName} is not there`, next: APPLY }];
  if (volume) {
    const reasons = unlike(claim, volume);
    if (reasons.length > 0) return reasons;
  } else if (storageClassName && !named(seen.classes, storageClassName)) {
    const next = storageClassName.startsWith('kadalu.')
      ? 'the operator of Kadalu makes it: look at its pods in the namespace kadalu'
      : APPLY;
    return [{ what: `the storage class ${storageClassName} is not there`, next }];
  }
  return [
    { what: `it is ${claim.status?.phase?.toLowerCase() ?? 'not bound'}`, why: said, next: `kubectl describe pvc ${claim.metadata.name}` },
  ];
};

const endpoints = ({ cluster, namespace, seen, volume }: Case): Report[] => {
  const plugin = volume?.spec.glusterfs;
  if (!plugin) return [];
  const where = plugin.endpointsNamespace ?? namespace;
  const found = named(seen.endpoints, plugin.endpoints, where);
  const what = `the Endpoints ${plugin.endpoints} in the namespace ${where}`;
  const service = named(seen.services, plugin.endpoints, where);
  if (!found) {
    // Only the claims' namespace is asked about: whoever may see that, may not see others.
    return where === namespace ? [{ what: `${what} are not there`, next: APPLY }] : [];
  }
  const all: Report[] = [];
  const ips = found.subsets?.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip)) ?? [];
  const lacking = serversOf(cluster).filter(({ storage }) => !ips.includes(storage));
  if (ips.length === 0) all.push({ what: `${what} have no addresses`, next: APPLY });
  else if (lacking.length > 0)
    all.push({ what: `${what} lack ${lacking.map(({ name, storage }) => `${storage} (${name})`).join(', ')}`, next: APPLY });
  if (!service) all.push({ what: `${what} have no Service of that name`, why: 'without it Kubernetes may remove them', next: APPLY });
  else if (Object.keys(service.spec?.selector ?? {}).length > 0)
    all.push({ what: `the Service ${plugin.endpoints} has a selector`, why: 'Kubernetes then writes the Endpoints itself', next: APPLY });
  return all;
};

const driver = ({ seen, volume }: Case): Report[] => {
  const wanted = volume?.spec.csi?.driver;
  if (!wanted || named(seen.drivers, wanted)) return [];
  return [{ what: `the CSI driver ${wanted} is not installed`, next: 'https://github.com/kubernetes-csi/csi-driver-nfs says how' }];
};

const HOSTNAME = 'kubernetes.io/hostname';

const affinity = ({ seen, volume }: Case): Report[] => {
  if (!volume?.spec.local) return [];
  const terms = volume.spec.nodeAffinity?.required?.nodeSelectorTerms ?? [];
  const names = terms.flatMap(({ matchExpressions = [] }) =>
    matchExpressions.filter(({ key }) => key === HOSTNAME).flatMap((e) => e.values ?? []),
  );
  const known = seen.nodes.map(({ metadata }) => metadata.labels?.[HOSTNAME] ?? metadata.name);
  const strange = names.filter((name) => !known.includes(name));
  if (strange.length === 0) return [];
  return [
    {
      what: `${strange.join(', ')}: no node of Kubernetes has this name`,
      why: `the nodes are ${known.join(', ')}`,
      next: `name the nodes in the cluster file as their label ${HOSTNAME} says, or take them out of mounts`,
    },
  ];
};

const group = ({ wish, volume }: Case): Report[] => {
  const has = volume?.metadata.annotations?.[GID_ANNOTATION];
  if (wish.gid === null || !volume || wish.method === 'kadalu' || has === String(wish.gid)) return [];
  return [
    {
      what: `pods do not get the group ${wish.gid}`,
      why:
        has === undefined
          ? `${volume.metadata.name} has no annotation ${GID_ANNOTATION}`
          : `${GID_ANNOTATION} of ${volume.metadata.name} is ${has}`,
      next: APPLY,
    },
  ];
};

const FAILED = /^Failed(Mount|AttachVolume|Scheduling|Sync)$/;

const pods = ({ seen, claim, volume }: Case): Report[] =>
  seen.pods
    .filter(({ spec }) => spec.volumes?.some((v) => v.persistentVolumeClaim?.claimName === claim.metadata.name))
    .flatMap(({ metadata, spec, status }): Report[] => {
      const said = status?.phase === 'Pending' ? lastWarning(seen.events, 'Pod', metadata.name, FAILED) : undefined;
      const where = spec.nodeName ? `pod ${metadata.name} on ${spec.nodeName}` : `pod ${metadata.name}`;
      const fsGroup =
        spec.securityContext?.fsGroup !== undefined && volume?.spec.glusterfs && !volume.metadata.annotations?.[GID_ANNOTATION]
          ? [
              {
                what: `${where}: its fsGroup is not applied`,
                why: 'GlusterFS volumes know none',
                next: `set gid: in the cluster file, and ${APPLY}`,
              },
            ]
          : [];
      if (said === undefined) return fsGroup;
      const report = mountError(said);
      return [{ ...report, what: `${where}: ${report.what}` }, ...fsGroup];
    });

/** Why a claim of the file waits or its pods do not start; empty when nothing is wrong. */
export const explain = (cluster: Cluster, namespace: string, wish: KubernetesVolume, seen: Seen): Report[] => {
  const claim = named(seen.claims, wish.claim, namespace);
  if (!claim) {
    const elsewhere = seen.volumes.find(({ spec }) => spec.claimRef?.name === wish.claim && spec.claimRef.namespace !== namespace);
    const why =
      elsewhere && `${elsewhere.metadata.name} is for a claim of that name in the namespace ${elsewhere.spec.claimRef?.namespace}`;
    return [{ what: `it is not in the namespace ${namespace}`, why, next: APPLY }];
  }
  const volume = named(seen.volumes, claim.spec.volumeName);
  const one: Case = { cluster, namespace, wish, seen, claim, volume };
  const over = gone(one);
  if (over.length > 0) return over;
  return [pending, endpoints, driver, affinity, group, pods].flatMap((rule) => rule(one));
};

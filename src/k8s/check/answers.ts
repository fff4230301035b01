/** What kubectl prints, as far as it is looked at. */
export interface Thing {
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> };
}

export interface ClaimSeen extends Thing {
  spec: { volumeName?: string; storageClassName?: string; accessModes?: string[]; resources?: { requests?: { storage?: string } } };
  status?: { phase?: string };
}

export interface VolumeSeen extends Thing {
  spec: {
    capacity?: { storage?: string };
    storageClassName?: string;
    accessModes?: string[];
    claimRef?: { namespace?: string; name?: string };
    glusterfs?: { endpoints: string; endpointsNamespace?: string; path: string };
    csi?: { driver: string };
    local?: { path: string };
    nodeAffinity?: { required?: { nodeSelectorTerms?: { matchExpressions?: { key: string; operator: string; values?: string[] }[] }[] } };
  };
  status?: { phase?: string };
}

export interface PodSeen extends Thing {
  spec: { nodeName?: string; volumes?: { persistentVolumeClaim?: { claimName: string } }[]; securityContext?: { fsGroup?: number } };
  status?: { phase?: string };
}

export interface EventSeen extends Thing {
  type?: string;
  reason?: string;
  message?: string;
  involvedObject?: { kind?: string; name?: string };
  lastTimestamp?: string | null;
  eventTime?: string | null;
}

export interface EndpointsSeen extends Thing {
  subsets?: { addresses?: { ip: string }[] }[];
}

export interface ServiceSeen extends Thing {
  spec?: { selector?: Record<string, string> };
}

export interface ClassSeen extends Thing {
  provisioner: string;
}

export interface Seen {
  minor: number;
  claims: readonly ClaimSeen[];
  volumes: readonly VolumeSeen[];
  pods: readonly PodSeen[];
  events: readonly EventSeen[];
  endpoints: readonly EndpointsSeen[];
  services: readonly ServiceSeen[];
  classes: readonly ClassSeen[];
  drivers: readonly Thing[];
  nodes: readonly Thing[];
}

/** `lists`: what `kubectl get KINDS -o json` answers, one list for each call. */
export const seenOf = (minor: number, lists: readonly unknown[]): Seen => {
  const all = lists.flatMap((list) => (list as { items: Thing[] }).items);
  const of = <T extends Thing>(kind: string): T[] => all.filter((thing) => thing.kind === kind) as T[];
  return {
    minor,
    claims: of('PersistentVolumeClaim'),
    volumes: of('PersistentVolume'),
    pods: of('Pod'),
    events: of('Event'),
    endpoints: of('Endpoints'),
    services: of('Service'),
    classes: of('StorageClass'),
    drivers: of('CSIDriver'),
    nodes: of('Node'),
  };
};

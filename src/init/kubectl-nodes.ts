import { Refused } from '../errors.ts';

interface NodeList {
  items: readonly {
    metadata: { name: string; labels?: Readonly<Record<string, string>> };
    status?: { addresses?: readonly { type: string; address: string }[] };
  }[];
}

/** The second is what releases before 1.17 write. */
const ZONES = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'];

/** What `kubectl get nodes -o json` prints, as the flags --node NAME=IP and --zone NAME=ZONE. Throws Refused on a node without InternalIP. */
export const nodeFlags = (list: unknown): { node: string[]; zone: string[] } => {
  const nodes = (list as NodeList).items.map(({ metadata: { name, labels = {} }, status }) => ({
    name,
    address: status?.addresses?.find(({ type }) => type === 'InternalIP')?.address,
    zone: ZONES.map((key) => labels[key]).find((zone) => zone),
  }));
  const without = nodes.filter(({ address }) => address === undefined).map(({ name }) => name);
  if (nodes.length === 0) throw new Refused({ what: 'the cluster of kubectl has no nodes', next: 'kubectl config current-context' });
  if (without.length > 0)
    throw new Refused({ what: `Kubernetes knows no InternalIP of ${without.join(', ')}`, next: 'name the hosts with --node NAME=ADDRESS' });
  return {
    node: nodes.map(({ name, address }) => `${name}=${address}`),
    zone: nodes.flatMap(({ name, zone }) => (zone === undefined ? [] : [`${name}=${zone}`])),
  };
};

import { z } from 'zod';
import type { Report } from '../../errors.ts';

/** glusterd, and the first port that it gives to bricks. */
export const GLUSTERD_PORT = 24007;
export const FIRST_BRICK_PORT = 49152;
/** `option max-port` as glusterd.vol comes since glusterfs 6. */
export const LAST_BRICK_PORT = 60999;

export const Want = z.strictObject({
  cluster: z.string().describe('Marks the rules, so that those of another pool are left alone'),
  own: z.string().describe("The node's own storage address"),
  sources: z.array(z.string()).describe('Storage addresses of all nodes, servers and clients'),
  maxPort: z.number().nullable().describe("Highest port of bricks; null: Gluster's own"),
  heketi: z.number().optional().describe('Port of Heketi, where it runs on this node'),
});
export type Want = z.infer<typeof Want>;

/** What has to be let in, and what marks it as ours. */
export interface Opening {
  mark: string;
  v4: readonly string[];
  v6: readonly string[];
  /** Highest port of bricks. */
  last: number;
  /** Port of Heketi, where it runs here. */
  heketi?: number | undefined;
}

export const isV6 = (address: string): boolean => address.includes(':');

/** As firewalls print it: 2001:db8:0::1 is 2001:db8::1. Networks are left as they are. */
export const canonical = (address: string): string =>
  isV6(address) && !address.includes('/') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;

export const isAddress = (text: string): boolean => /^[0-9.]+$|:/.test(text);
const isLoopback = (address: string): boolean => /^(127\.|::1$)/.test(address);

/** Addresses of all sources, and the names that lead to none. */
export const openingOf = (want: Want, found: ReadonlyMap<string, readonly string[]>, inUse: ReadonlySet<number>): Opening | Report[] => {
  const of = (source: string) => (isAddress(source) ? [source] : (found.get(source) ?? []).filter((address) => !isLoopback(address)));
  const lost = want.sources.filter((source) => of(source).length === 0);
  if (lost.length > 0) {
    return lost.map((name) => ({
      check: 'storage-address',
      what: `${name} leads to no address that the firewall could let in`,
      next: `give the IP address in cluster.yaml: storage: of the node with the address ${name}`,
    }));
  }
  const all = [...new Set(want.sources.flatMap(of).map(canonical))].sort();
  const last = want.maxPort ?? LAST_BRICK_PORT;
  return {
    mark: `glusterctl ${want.cluster}`,
    v4: all.filter((address) => !isV6(address)),
    v6: all.filter(isV6),
    last: Math.max(last, ...[...inUse].filter((port) => port <= LAST_BRICK_PORT)),
    ...(want.heketi !== undefined && { heketi: want.heketi }),
  };
};

/** Ports and ranges, joined by `to`: each firewall writes them in its own way. */
export const portsOf = ({ last, heketi }: Opening, to: string): string[] => [
  `${GLUSTERD_PORT}`,
  `${FIRST_BRICK_PORT}${to}${last}`,
  ...(heketi === undefined ? [] : [`${heketi}`]),
];

/** For a title: all of a few, or how many. */
export const whom = ({ v4, v6 }: Opening): string => {
  const all = [...v4, ...v6];
  return all.length <= 4 ? all.join(', ') : `${all.slice(0, 3).join(', ')} and ${all.length - 3} more`;
};

export const title = (opening: Opening, by: string): string =>
  `let ${whom(opening)} reach Gluster's ports ${GLUSTERD_PORT} and ${FIRST_BRICK_PORT}-${opening.last}${opening.heketi === undefined ? '' : ` and Heketi's ${opening.heketi}`} (${by})`;

/** Seconds within which a new login has to work after the rules have been changed. */
export const GUARD = { seconds: 60 };

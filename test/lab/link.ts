import { run } from './run.ts';
import { freeSubnets } from './subnet.ts';

export interface Link {
  /** The first bytes of the addresses: 10.x.y, or 10.x for a /16. */
  net: string;
  /** The host's end; its name is made of the network, so the kernel lets only one lab claim it. */
  hostIf: string;
  /** The other end, to be moved into the lab. */
  uplink: string;
}

/** Marks the interface as ours: `down` removes no other. */
const alias = (id: string): string => `glusterctl-lab ${id}`;

/** Claims a free network and makes the cable between the host (address .254) and the lab. A /16 is used in its lower half. */
export const claimLink = async (id: string, bits: 16 | 24): Promise<Link> => {
  const uplink = `glu${id}`;
  await run('ip', ['link', 'del', uplink]);
  for await (const net of freeSubnets(Number.parseInt(id, 16), bits)) {
    const hostIf = `gl-${net.replaceAll('.', '-')}`;
    const made = await run('ip', ['link', 'add', hostIf, 'type', 'veth', 'peer', 'name', uplink]);
    if (made.code !== 0) {
      if (made.stderr.includes('exists')) continue; // another lab was quicker
      throw new Error(`cannot make a network interface: ${made.stderr.trim()}`);
    }
    const batch = [`link set ${hostIf} alias "${alias(id)}"`, `link set ${hostIf} up`];
    if (bits === 24) batch.push(`addr add ${net}.254/24 dev ${hostIf}`);
    // By a route, so that hundreds of addresses need one entry in the host's ARP table.
    else batch.push(`addr add ${net}.255.254/30 dev ${hostIf}`, `route add ${net}.0.0/17 via ${net}.255.253`);
    const set = await run('ip', ['-batch', '-'], { input: `${batch.join('\n')}\n` });
    if (set.code !== 0) throw new Error(`cannot configure ${hostIf}: ${set.stderr.trim()}`);
    return { net, hostIf, uplink };
  }
  throw new Error('no free network between 10.192.0.0 and 10.255.255.0 is left on this host');
};

/** The host's interfaces of a lab; normally one or none. */
export const linksOf = async (id: string): Promise<string[]> => {
  const { stdout } = await run('ip', ['-j', 'link', 'show']);
  const links = JSON.parse(stdout || '[]') as { ifname: string; ifalias?: string }[];
  return links.filter(({ ifname, ifalias }) => ifalias === alias(id) || ifname === `glu${id}`).map(({ ifname }) => ifname);
};

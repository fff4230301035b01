import { allHosts, clientHosts, extraClients, type InitAnswers, type Looks, seenOf } from './answers.ts';
import { type HostWish, hostWord, isIp } from './hosts.ts';
import type { SeenNode } from './seen.ts';

/** A host with the name that it has in the file. */
export interface NamedHost {
  host: HostWish;
  name: string;
  seen: SeenNode | null;
  server: boolean;
  client: boolean;
}

const NAME =
  /^(?!(.*\.)?[0-9]+$)(?!localhost$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/i;

/** What a host calls itself serves where only its address was given, unless two call themselves the same. */
const ownName = (host: HostWish, looks: Looks): string | null => {
  const hostname = seenOf(looks, host)?.hostname.toLowerCase() ?? '';
  return NAME.test(hostname) ? hostname : null;
};

/** Names for all hosts of the answers, servers first: as given, else as the host says, else node-N. */
export const nameHosts = (answers: InitAnswers, looks: Looks): NamedHost[] => {
  const all = allHosts(answers);
  const extra = new Set(extraClients(answers).map(hostWord));
  const wished = all.map((host) => host.name ?? ownName(host, looks));
  const taken = (name: string | null) => wished.filter((other) => other?.toLowerCase() === name?.toLowerCase()).length;
  const mounts = (host: HostWish): boolean =>
    answers.use?.kind === 'servers' ||
    extra.has(hostWord(host)) ||
    clientHosts(answers).some((c) => c.name === (host.name ?? '') || c.address === host.address);
  return all.map((host, i) => {
    const wish = wished[i] ?? null;
    const unique = wish !== null && (host.name !== null || taken(wish) === 1);
    const server = !extra.has(hostWord(host));
    return { host, name: unique ? wish : `node-${i + 1}`, seen: seenOf(looks, host), server, client: mounts(host) };
  });
};

const bits = (address: string): string =>
  isIp(address) && !address.includes(':')
    ? address
        .split('.')
        .map((part) => Number(part).toString(2).padStart(8, '0'))
        .join('')
    : '';

/** `192.0.2.0/24` as bits: two addresses of one network give the same. Only IPv4. */
const networkOf = ({ address, prefix }: SeenNode['addresses'][number]): string | null => {
  const all = bits(address);
  return all === '' || prefix === null ? null : `${prefix}:${all.slice(0, prefix)}`;
};

/** Networks that every server has an address in, most specific first. */
const sharedNetworks = (servers: readonly NamedHost[]): string[] => {
  const [first, ...others] = servers.map(({ seen }) => new Set(seen?.addresses.flatMap((a) => networkOf(a) ?? []) ?? []));
  return [...(first ?? [])].filter((network) => others.every((set) => set.has(network)));
};

/**
 * The address that the other nodes reach a server at, where it cannot be the one that SSH goes to: that is a name, or
 * the host does not have it (it is behind a forwarded port). null: SSH's address serves, or nothing was seen.
 */
export const storageOf = (one: NamedHost, all: readonly NamedHost[], answers: InitAnswers): string | null => {
  const given = answers.storage?.[one.name];
  if (given !== undefined) return given;
  const { seen, host } = one;
  if (seen === null) return null;
  if (isIp(host.address) && seen.addresses.some(({ address }) => address === host.address)) return null;
  const shared = sharedNetworks(all.filter(({ server }) => server));
  const inShared = seen.addresses.find((a) => shared.includes(networkOf(a) ?? ''));
  return (inShared ?? seen.addresses.find(({ address }) => !address.includes(':')) ?? seen.addresses[0])?.address ?? null;
};

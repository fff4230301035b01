import type { Report } from '../errors.ts';
import type { Allow, ContainerImage } from '../model/cluster.ts';
import { DEFAULT_NAME, DEFAULT_VOLUME, type GlusterAnswer, type InitAnswers, type Looks, type SshAnswer } from './answers.ts';
import { isIp } from './hosts.ts';
import { type LayoutOffer, type LayoutWish, placesFor } from './layouts.ts';
import { type NamedHost, nameHosts, storageOf } from './names.ts';
import { diskFor, placesOn, serversFor } from './places.ts';
import type { SeenDisk, SeenNode } from './seen.ts';

export interface DraftDisk {
  /** How the disk is told from others. */
  by: 'serial' | 'wwn' | 'path' | 'device';
  value: string;
  use: 'thin' | 'xfs';
  mount: string;
  /** For a comment: what it was when it was looked at. */
  was: string;
}

export interface DraftNode {
  name: string;
  address: string;
  storage?: string | undefined;
  zone?: string | undefined;
  roles: readonly ('server' | 'client')[];
  user?: string | undefined;
  port?: number | undefined;
  disks: readonly DraftDisk[];
  /** For a comment. */
  system: string;
}

export interface DraftVolume {
  name: string;
  layout: LayoutWish;
  bricks: readonly string[];
  options: Readonly<Record<string, string>>;
  start: boolean;
  /** For a comment. */
  note: string;
}

/** A cluster file before it is text: what it says, and remarks for its comments. */
export interface FileDraft {
  name: string;
  ssh: SshAnswer;
  gluster: GlusterAnswer & { container?: ContainerImage | undefined; hold?: boolean | undefined; modules?: readonly string[] };
  nodes: readonly DraftNode[];
  volumes: readonly DraftVolume[];
  mounts: readonly { volume: string; path: string; nodes: readonly string[] | null }[];
  kubernetes: { volume: string; claim: string; size: string } | null;
  /** Written out only where it is 'leave'. */
  leave: readonly ('firewall' | 'hosts' | 'time')[];
}

const systemOf = (seen: SeenNode | null): string => seen?.os.pretty ?? '';

/** A serial does not move when disks are swapped; a device name does. */
const selector = (disk: SeenDisk): Pick<DraftDisk, 'by' | 'value'> => {
  if (disk.serial !== '') return { by: 'serial', value: disk.serial };
  if (disk.wwn !== '') return { by: 'wwn', value: disk.wwn };
  return disk.byPath === '' ? { by: 'device', value: disk.path } : { by: 'path', value: disk.byPath };
};

const disksOf = (one: NamedHost, answers: InitAnswers): DraftDisk[] =>
  placesOn(one, answers.bricks ?? []).flatMap(({ answer, path }): DraftDisk[] => {
    if (answer.kind !== 'disk') return [];
    const disk = diskFor(one, answer.disk);
    const by = disk ? selector(disk) : ({ by: answer.disk.startsWith('/dev/') ? 'device' : 'serial', value: answer.disk } as const);
    // A kernel without the module cannot make a thin pool; XFS alone has no snapshots.
    const use = one.seen?.thin === 'missing' ? 'xfs' : 'thin';
    return [{ ...by, use, mount: path, was: disk?.path ?? '' }];
  });

const nodeOf = (one: NamedHost, all: readonly NamedHost[], answers: InitAnswers): DraftNode => {
  const { host, name, server, client, seen } = one;
  const storage = server ? storageOf(one, all, answers) : null;
  const roles = [...(server ? (['server'] as const) : []), ...(client ? (['client'] as const) : [])];
  return {
    name,
    address: host.address,
    storage: storage === null || storage === host.address ? undefined : storage,
    zone: answers.zones?.[name],
    roles,
    user: host.user ?? undefined,
    port: host.port ?? undefined,
    disks: server ? disksOf(one, answers) : [],
    system: systemOf(seen),
  };
};

/** Bricks are listed, not left to be placed: a server that is added later must not move them. */
const bricksOf = (hosts: readonly NamedHost[], answers: InitAnswers, layout: LayoutWish, volume: string): string[] =>
  (placesFor(serversFor(hosts, answers), layout) ?? []).map(({ node, path }) => `${node}:${path}/${volume}`);

const allowOf = (answers: InitAnswers, layout: LayoutWish): Allow[] => {
  const root = answers.bricks?.some((b) => b.kind === 'folder' && b.root === true) ? (['root-partition'] as const) : [];
  return [...new Set<Allow>([...layout.allow, ...root, ...(answers.allow ?? [])])].sort();
};

/** What kubernetes asks for, in whole Gi; 10 where the size is not known. */
const claimSize = (usable: number | null): string => `${Math.max(1, Math.floor((usable ?? 10 * 2 ** 30) / 2 ** 30))}Gi`;

/** Everything that was answered -> what the file says. `offer` is the layout as it was judged on these servers. */
export const fileDraft = (answers: InitAnswers, looks: Looks, gluster: GlusterAnswer, offer: LayoutOffer): FileDraft => {
  const hosts = nameHosts(answers, looks);
  const name = answers.volume ?? DEFAULT_VOLUME;
  const layout: LayoutWish = { type: offer.type, setSize: offer.setSize, redundancy: offer.redundancy, allow: allowOf(answers, offer) };
  const clients = hosts.filter(({ client }) => client).map((one) => one.name);
  const everyClient = clients.length === hosts.length;
  return {
    name: answers.name ?? DEFAULT_NAME,
    ssh: answers.ssh ?? {},
    gluster,
    nodes: hosts.map((one) => nodeOf(one, hosts, answers)),
    volumes: [{ name, layout, bricks: bricksOf(hosts, answers, layout, name), options: {}, start: true, note: offer.title }],
    mounts: clients.length === 0 ? [] : [{ volume: name, path: answers.mountPath ?? `/mnt/${name}`, nodes: everyClient ? null : clients }],
    kubernetes:
      answers.use?.kind === 'kubernetes'
        ? { volume: name, claim: name.toLowerCase().replaceAll('_', '-'), size: claimSize(offer.usable) }
        : null,
    leave: [],
  };
};

/** Servers whose storage address is not an IP address: /etc/hosts could not name them. */
export const withoutAddress = (answers: InitAnswers, looks: Looks): Report[] => {
  const hosts = nameHosts(answers, looks);
  return hosts
    .filter((one) => one.server && !isIp(storageOf(one, hosts, answers) ?? one.host.address))
    .map((one) => ({ node: one.name, what: 'its IP address is not known', next: `--storage ${one.name}=ADDRESS` }));
};

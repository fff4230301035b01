import { knownKey } from '../config/known-keys.ts';
import { runBy } from '../container/texts.ts';
import { Refused } from '../errors.ts';
import { releaseOf, seriesOf } from '../gluster/release.ts';
import type { VolumeInfo } from '../gluster/volume-info.ts';
import type { Allow, ContainerImage } from '../model/cluster.ts';
import { urisIn } from '../steps/apt-source.ts';
import type { GlusterAnswer, InitAnswers } from './answers.ts';
import type { DraftNode, DraftVolume, FileDraft } from './draft.ts';
import { type HostWish, isIp } from './hosts.ts';
import type { LiveNode } from './live-facts.ts';

/** A member of the pool that was looked at. */
export interface Member {
  host: HostWish;
  is: LiveNode;
}

export interface Live {
  draft: FileDraft;
  /** What the file cannot say, and what was left out. */
  remarks: readonly string[];
}

/** All names by which the pool knows a node, by UUID; those of bricks first. */
export const poolNames = (members: readonly Member[]): Map<string, string[]> => {
  const names = new Map<string, string[]>();
  const add = (uuid: string, name: string): void => {
    if (name !== 'localhost') names.set(uuid, [...new Set([...(names.get(uuid) ?? []), name])]);
  };
  for (const { is } of members) {
    for (const volume of is.volumes.ok ? is.volumes.value : []) for (const brick of volume.bricks) add(brick.hostUuid, brick.host);
  }
  for (const { is } of members) {
    for (const peer of is.pool.ok ? is.pool.value.peers : []) for (const name of peer.hostnames) add(peer.uuid, name);
  }
  return names;
};

/** Peers are named by a name, not by an address: an address is none that a file takes. */
const nameOf = ({ host, is }: Member, known: ReadonlyMap<string, readonly string[]>, index: number): string =>
  (known.get(is.uuid ?? '') ?? []).find((name) => !isIp(name)) ?? host.name ?? `node-${index + 1}`;

/** Lines of glusterctl's own block in /etc/hosts: which cluster it is for, and where the names lead. */
export const hostsBlock = (text: string | null): { cluster: string; addresses: ReadonlyMap<string, string> } | null => {
  const [, cluster, body = ''] = /^# BEGIN glusterctl (\S+)\n([\s\S]*?)^# END glusterctl \1$/m.exec(text ?? '') ?? [];
  if (cluster === undefined) return null;
  const lines = body.split('\n').map((line) => line.split(/\s+/));
  return { cluster, addresses: new Map(lines.flatMap(([address = '', ...names]) => names.map((name) => [name, address] as const))) };
};

const nodeOf = (member: Member, name: string, mounts: boolean): DraftNode => {
  const { host, is } = member;
  const block = hostsBlock(is.hosts.text);
  const storage = block?.addresses.get(name);
  return {
    name,
    address: host.address,
    storage: storage === undefined || storage === host.address ? undefined : storage,
    roles: mounts ? ['server', 'client'] : ['server'],
    user: host.user ?? undefined,
    port: host.port ?? undefined,
    disks: [],
    system: is.os.pretty,
  };
};

const OPTION = /^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+$/;
const VALUE = /^[!-~]([ -~]*[!-~])?$/;

/** Risks that the volume, as it is, has taken. */
const allowOf = (info: VolumeInfo, onRoot: boolean): Allow[] => {
  const sets = Array.from({ length: info.bricks.length / info.setSize }, (_, i) =>
    info.bricks.slice(i * info.setSize, (i + 1) * info.setSize),
  );
  const shared = info.setSize > 1 && sets.some((set) => new Set(set.map(({ hostUuid }) => hostUuid)).size < set.length);
  return [
    ...(info.type === 'replicate' && info.setSize === 2 ? (['replica-2'] as const) : []),
    ...(onRoot ? (['root-partition'] as const) : []),
    ...(shared ? (['same-node'] as const) : []),
  ];
};

const volumeOf = (info: VolumeInfo, nodes: ReadonlyMap<string, string>, onRoot: boolean): DraftVolume | string => {
  if (info.type === 'other') return `the volume ${info.name} is left out: ${info.typeText} is nothing that cluster.yaml can say`;
  const stranger = info.bricks.find(({ hostUuid }) => !nodes.has(hostUuid));
  if (stranger) return `the volume ${info.name} is left out: ${stranger.host} has a brick of it and was not looked at`;
  const options = [...info.options].filter(([name, value]) => OPTION.test(name) && VALUE.test(value));
  return {
    name: info.name,
    layout: { type: info.type, setSize: info.setSize, redundancy: info.redundancy, allow: allowOf(info, onRoot) },
    bricks: info.bricks.map(({ hostUuid, path }) => `${nodes.get(hostUuid)}:${path}`),
    options: Object.fromEntries(options),
    start: info.status === 'started',
    note: `${info.typeText}, as it was found`,
  };
};

const installedOn = ({ is }: Member) =>
  [...(is.packages?.values() ?? [])].find(({ name, state }) => name === 'glusterfs-common' && state === 'installed');

const commonVersion = (members: readonly Member[]): string | null => {
  const versions = members.flatMap((member) => {
    const installed = installedOn(member);
    return installed ? [releaseOf(installed.version)] : (member.is.gluster.version ?? []);
  });
  const series = [...new Set(versions.map(seriesOf))];
  const [first] = versions;
  if (first === undefined || series.length !== 1) return null;
  return new Set(versions).size === 1 ? first : (series[0] ?? null);
};

/** The image that glusterd runs from; undefined where it runs from packages. */
const containerOf = (members: readonly Member[], names: ReadonlyMap<Member, string>): ContainerImage | undefined => {
  const ways = members.map((member) => ({ node: names.get(member) ?? '', runs: runBy(member.is.unit.text) }));
  const word = ({ runs }: (typeof ways)[number]): string => (runs === null ? 'packages' : `${runs.image} by ${runs.engine}`);
  if (new Set(ways.map(word)).size > 1) {
    throw new Refused({
      what: 'the servers of the pool do not run GlusterFS from one thing',
      why: ways.map((way) => `${way.node}: ${word(way)}`).join('\n'),
      next: 'bring them to one image, or to packages, by the file that they were set up with',
    });
  }
  return ways[0]?.runs ?? undefined;
};

/** Where packages are, they are held or not; undefined where there are none. */
const heldOn = (members: readonly Member[]): boolean | undefined =>
  members.length === 0 ? undefined : members.every(({ is }) => is.pin.text !== null);

const UPSTREAM = 'https://download.gluster.org/pub/gluster/glusterfs';

/** Where packages come from: what glusterctl's own source file says, else the distribution. `fingerprint` is of the key that it trusts. */
const sourceOf = (members: readonly Member[], version: string, fingerprint: string | null): GlusterAnswer => {
  const [uri] = members.flatMap(({ is }) => (is.source.text === null ? [] : urisIn(is.source.text)));
  if (uri === undefined) return { source: 'distro', version };
  if (/ppa\.launchpad/.test(uri)) return { source: 'ppa', version };
  const base = /^(.*?)(\/01\.old-releases)?\/[0-9.]+\/([0-9.]+|LATEST)\/Debian\//.exec(uri)?.[1] ?? '';
  const known = knownKey({ source: 'upstream', version }, 'deb')?.fingerprint ?? null;
  if (base === UPSTREAM && (fingerprint === null || fingerprint === known)) return { source: 'upstream', version };
  return {
    source: 'mirror',
    version,
    mirror: base,
    key: `${base}/${seriesOf(version)}/rsa.pub`,
    ...(fingerprint !== null && { fingerprint }),
  };
};

const modulesOf = (members: readonly Member[]): readonly string[] => {
  const lines = members.flatMap(({ is }) => is.modules.text?.split('\n') ?? []);
  return [...new Set(lines.filter((line) => /^[A-Za-z0-9_-]+$/.test(line) && line !== 'fuse'))];
};

/** Mounts by volume and path, with the nodes that have them. */
const mountsOf = (members: readonly Member[], names: ReadonlyMap<Member, string>): FileDraft['mounts'] => {
  const found = new Map<string, { volume: string; path: string; nodes: string[] }>();
  for (const member of members) {
    for (const { volume, path } of member.is.mounts) {
      const key = `${volume}\0${path}`;
      const one = found.get(key) ?? { volume, path, nodes: [] };
      found.set(key, { ...one, nodes: [...one.nodes, names.get(member) ?? ''] });
    }
  }
  return [...found.values()];
};

/** Every volume of the pool once, whichever member told of it. */
export const liveVolumes = (members: readonly Member[]): VolumeInfo[] => [
  ...new Map(members.flatMap(({ is }) => (is.volumes.ok ? is.volumes.value.map((volume) => [volume.name, volume] as const) : []))).values(),
];

/** What glusterctl did not set up is left alone: the file describes the pool, so that a plan has nothing to do. */
export const liveDraft = (
  members: readonly Member[],
  answers: InitAnswers,
  { onRoot, fingerprint }: { onRoot: ReadonlySet<string>; fingerprint: string | null },
): Live => {
  const version = commonVersion(members);
  if (version === null)
    throw new Refused({ what: 'the nodes have no GlusterFS in common', next: 'name nodes of one pool, all with one series of GlusterFS' });
  const known = poolNames(members);
  const names = new Map(members.map((member, i) => [member, nameOf(member, known, i)] as const));
  const container = containerOf(members, names);
  const byUuid = new Map(members.map((member) => [member.is.uuid ?? '', names.get(member) ?? ''] as const));
  const described = liveVolumes(members).map((info) => volumeOf(info, byUuid, onRoot.has(info.name)));
  const volumes = described.filter((v) => typeof v !== 'string');
  const mounts = mountsOf(members, names).filter(({ volume }) => volumes.some(({ name }) => name === volume));
  const block = members.map(({ is }) => hostsBlock(is.hosts.text)).find((b) => b !== null);
  const unnamed = members.filter((member) => !(known.get(member.is.uuid ?? '') ?? []).includes(names.get(member) ?? ''));
  return {
    draft: {
      name: answers.name ?? block?.cluster ?? 'gluster',
      ssh: answers.ssh ?? {},
      gluster: {
        ...sourceOf(members, version, fingerprint),
        container,
        hold: heldOn(container === undefined ? members : members.filter(installedOn)),
        modules: modulesOf(members),
      },
      nodes: members.map((member) =>
        nodeOf(
          member,
          names.get(member) ?? '',
          mounts.some(({ nodes }) => nodes?.includes(names.get(member) ?? '')),
        ),
      ),
      volumes,
      mounts,
      kubernetes: null,
      leave: ['firewall', ...(block ? [] : (['hosts'] as const)), 'time'],
    },
    remarks: [
      ...described.filter((v) => typeof v === 'string'),
      ...unnamed.map(
        (member) => `the pool knows ${member.host.address} by no name but an address: plan has it known as ${names.get(member)}`,
      ),
    ],
  };
};

import { type Report, UsageError } from '../errors.ts';
import type { Allow, Gluster, Volume } from '../model/cluster.ts';
import { nearest } from '../nearest.ts';
import type { BrickAnswer, GlusterAnswer, InitAnswers, SshAnswer, UseAnswer } from './answers.ts';
import { type HostWish, parseHosts } from './hosts.ts';
import type { LayoutWish } from './layouts.ts';

/** The flags of `init` that answer questions, as they were given. */
export interface AnswerFlags {
  node?: string[];
  client?: string[];
  kubernetes?: boolean;
  name?: string;
  volume?: string;
  mountPath?: string;
  user?: string;
  port?: number;
  identityFile?: string;
  knownHosts?: string;
  hostKeys?: 'strict' | 'accept-new';
  jump?: string;
  storage?: string[];
  zone?: string[];
  glusterVersion?: string;
  source?: Gluster['source'];
  mirror?: string;
  key?: string;
  fingerprint?: string;
  disk?: string[];
  brickPath?: string[];
  type?: Volume['type'];
  replica?: string;
  allow?: Allow[];
}

const bad = (flag: string, why: string, next?: string): UsageError => new UsageError({ what: `${flag}: ${why}`, next });

const hostsOf = (flag: string, texts: readonly string[] | undefined): readonly HostWish[] | undefined => {
  if (texts === undefined) return undefined;
  const parsed = parseHosts(texts.join('\n'));
  if (!parsed.ok) throw bad(flag, parsed.why);
  return parsed.hosts;
};

/** `NAME=VALUE`, several. */
const pairsOf = (flag: string, texts: readonly string[] | undefined): Record<string, string> | undefined =>
  texts &&
  Object.fromEntries(
    texts.map((text) => {
      const [, name, value] = /^([^=]+)=(.+)$/.exec(text) ?? [];
      if (name === undefined || value === undefined) throw bad(flag, `${JSON.stringify(text)} is not NODE=VALUE`);
      return [name, value];
    }),
  );

/** A version alone is enough: without a source it is upstream's, the default of cluster.yaml. */
const glusterOf = ({ glusterVersion, source, mirror, key, fingerprint }: AnswerFlags): GlusterAnswer | undefined => {
  const others = Object.entries({ '--source': source, '--mirror': mirror, '--key': key, '--fingerprint': fingerprint });
  const [flag] = others.find(([, value]) => value !== undefined) ?? [];
  if (glusterVersion === undefined) {
    if (flag !== undefined)
      throw bad(flag, 'needs --gluster-version as well', 'such as --gluster-version 10.3, or 10 for the newest of the series');
    return undefined;
  }
  const from = source ?? (mirror === undefined ? 'upstream' : 'mirror');
  return { source: from, version: glusterVersion, ...(mirror && { mirror }), ...(key && { key }), ...(fingerprint && { fingerprint }) };
};

/** `NODE:REST` where the part before the colon can be a node's name; a by-path name has colons of its own. */
const onNode = (text: string, names: readonly string[]): { node: string | null; rest: string } => {
  const colon = text.indexOf(':');
  const node = colon > 0 ? text.slice(0, colon) : '';
  const absolute = text.slice(colon + 1).startsWith('/');
  return colon > 0 && (names.includes(node) || absolute) ? { node, rest: text.slice(colon + 1) } : { node: null, rest: text };
};

const bricksOf = ({ disk, brickPath }: AnswerFlags, names: readonly string[]): readonly BrickAnswer[] | undefined => {
  if (disk === undefined && brickPath === undefined) return undefined;
  const disks = (disk ?? []).map((text): BrickAnswer => {
    const { node, rest } = onNode(text, names);
    return { kind: 'disk', node, disk: rest };
  });
  const folders = (brickPath ?? []).map((text): BrickAnswer => {
    const { node, rest } = onNode(text, names);
    if (!rest.startsWith('/')) throw bad('--brick-path', `${JSON.stringify(text)} is not an absolute path`);
    return { kind: 'folder', node, path: rest.replace(/\/+$/, '') };
  });
  return [...disks, ...folders];
};

const TYPES = ['distribute', 'replicate', 'arbiter', 'disperse'] as const;

const layoutOf = ({ type, replica, allow = [] }: AnswerFlags): LayoutWish | undefined => {
  if (type === undefined && replica === undefined) return undefined;
  const [, data, redundancy] = /^(\d+)\+(\d+)$/.exec(replica ?? '') ?? [];
  const kind = type ?? (data === undefined ? 'replicate' : 'disperse');
  if (kind === 'disperse') {
    if (data === undefined || redundancy === undefined) throw bad('--replica', 'a disperse volume needs DATA+REDUNDANCY, such as 4+2');
    return { type: kind, setSize: Number(data) + Number(redundancy), redundancy: Number(redundancy), allow };
  }
  if (replica !== undefined && !/^\d{1,2}$/.test(replica)) throw bad('--replica', `${JSON.stringify(replica)} is not a number of copies`);
  if (kind === 'distribute') {
    if (replica !== undefined && replica !== '1')
      throw bad('--replica', 'a distribute volume has no copies', 'leave it out, or take --type replicate');
    return { type: kind, setSize: 1, redundancy: 0, allow };
  }
  return { type: kind, setSize: Number(replica ?? 3), redundancy: 0, allow };
};

const useOf = ({ client, kubernetes, mountPath, node }: AnswerFlags): UseAnswer | undefined => {
  if (client !== undefined && kubernetes) throw bad('--kubernetes', 'does not go with --client');
  if (kubernetes) return { kind: 'kubernetes' };
  const hosts = hostsOf('--client', client);
  if (hosts !== undefined) return { kind: 'clients', hosts };
  if (mountPath !== undefined && node !== undefined) return { kind: 'servers' };
  return undefined;
};

const sshOf = ({ user, port, identityFile, knownHosts, hostKeys, jump }: AnswerFlags): SshAnswer | undefined => {
  const all = { user, port, identityFile, knownHosts, hostKeys, jump };
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : (Object.fromEntries(given) as SshAnswer);
};

const pick = <T extends object>(all: { [K in keyof T]: T[K] | undefined }): T =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as T;

/** What flags answer. Throws UsageError (exit 2) on a flag that cannot be read. */
export const answersOf = (flags: AnswerFlags): InitAnswers => {
  const hosts = hostsOf('--node', flags.node);
  const names = (hosts ?? []).flatMap(({ name }) => name ?? []);
  if (flags.type !== undefined && !TYPES.includes(flags.type)) throw bad('--type', `${flags.type} is none of ${TYPES.join(', ')}`);
  return pick<InitAnswers>({
    hosts,
    use: useOf(flags),
    gluster: glusterOf(flags),
    bricks: bricksOf(flags, names),
    layout: layoutOf(flags),
    name: flags.name,
    volume: flags.volume,
    mountPath: flags.mountPath,
    zones: pairsOf('--zone', flags.zone),
    storage: pairsOf('--storage', flags.storage),
    ssh: sshOf(flags),
    allow: flags.allow,
  });
};

/** Names in flags that no host has, each with the one that was probably meant. */
export const strayNames = ({ zones, storage, bricks }: InitAnswers, names: readonly string[]): Report[] => {
  const told: (readonly [string, string])[] = [
    ...Object.keys(zones ?? {}).map((name) => ['--zone', name] as const),
    ...Object.keys(storage ?? {}).map((name) => ['--storage', name] as const),
    ...(bricks ?? []).flatMap(({ node, kind }) => (node === null ? [] : [[kind === 'disk' ? '--disk' : '--brick-path', node] as const])),
  ];
  return told
    .filter(([, name]) => !names.includes(name))
    .map(([flag, name]) => {
      const near = nearest(name, names);
      return {
        what: `${flag}: there is no node ${JSON.stringify(name)}`,
        next: near ? `did you mean ${near}?` : `the nodes are: ${names.join(', ')}`,
      };
    });
};

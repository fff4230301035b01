import { isIP } from 'node:net';
import { isAbsolute, join, resolve } from 'node:path';
import type { Cluster, Disk, DiskSelector, Gluster, Heketi, Kubernetes, Node, PerFormat, Ssh, Volume } from '../model/cluster.ts';
import { aboutContainer } from './checks/container.ts';
import { unusedBySource } from './checks/gluster.ts';
import { aboutHeketi } from './checks/heketi.ts';
import type { GlusterInput, GrmlInput } from './schema/gluster.ts';
import type { HeketiInput } from './schema/heketi.ts';
import type { KubernetesInput } from './schema/kubernetes.ts';
import type { DiskInput, NodeInput } from './schema/node.ts';
import type { SshInput } from './schema/ssh.ts';
import type { VolumeInput } from './schema/volume.ts';
import type { ClusterInput } from './schema.ts';
import { layoutOf, parseBrick, shapeOf } from './shape.ts';
import { parseSize } from './size.ts';

export interface Where {
  file: string;
  baseDir: string;
  home: string;
}

const bytes = (text: string): number => parseSize(text) ?? 0;
const isUrl = (text: string): boolean => /^https?:\/\//.test(text);
const local = (path: string, { baseDir, home }: Where): string => {
  if (path === '~' || path.startsWith('~/')) return join(home, path.slice(1));
  return isAbsolute(path) ? path : resolve(baseDir, path);
};
const localOrUrl = (text: string, where: Where): string => (isUrl(text) ? text : local(text, where));
const plainHex = (text: string): string => text.replaceAll(' ', '').toUpperCase();

type PerFormatInput = string | { deb?: string | undefined; rpm?: string | undefined };
const perFormat = (value: PerFormatInput | undefined, each: (text: string) => string): PerFormat | null => {
  if (value === undefined) return null;
  const { deb, rpm } = typeof value === 'string' ? { deb: value, rpm: value } : value;
  return { deb: deb === undefined ? null : each(deb), rpm: rpm === undefined ? null : each(rpm) };
};

const sshOf = (all: SshInput, own: SshInput | undefined, where: Where): Ssh => {
  const { user, port, identityFile, knownHosts, hostKeys, jump, sudo, transport } = { ...all, ...own };
  return {
    user: user ?? null,
    port: port ?? null,
    identityFile: identityFile === undefined ? null : local(identityFile, where),
    knownHosts: knownHosts === undefined ? null : [knownHosts].flat().map((path) => local(path, where)),
    hostKeys: hostKeys ?? 'strict',
    jump: jump ?? null,
    sudo: sudo ?? 'auto',
    transport: transport ?? 'ssh2',
  };
};

const selectorOf = ({ device, serial, wwn, path, match, link, mount }: DiskInput): DiskSelector => {
  if (device !== undefined) return { by: 'device', value: device };
  if (serial !== undefined) return { by: 'serial', value: serial };
  if (wwn !== undefined) return { by: 'wwn', value: wwn };
  if (path !== undefined) return { by: 'path', value: path.startsWith('/') ? path : `/dev/disk/by-path/${path}` };
  const single = link !== undefined || mount !== undefined;
  return {
    by: 'match',
    minSize: match?.minSize === undefined ? null : bytes(match.minSize),
    maxSize: match?.maxSize === undefined ? null : bytes(match.maxSize),
    model: match?.model ?? null,
    rotational: match?.rotational ?? null,
    limit: match?.limit ?? (single ? 1 : null),
  };
};

const diskOf = (disk: DiskInput): Disk => ({
  select: selectorOf(disk),
  link: disk.link ?? null,
  use: disk.use,
  mount: disk.mount ?? null,
  raid: disk.raid ? { level: disk.raid.level, disks: disk.raid.disks, stripeUnit: bytes(disk.raid.stripeUnit) } : null,
  wipe: disk.wipe,
});

const nodeOf = (node: NodeInput, ssh: SshInput, where: Where): Node => ({
  name: node.name,
  address: node.address,
  storage: node.storage ?? node.address,
  zone: node.zone ?? node.name,
  roles: node.roles,
  ssh: sshOf(ssh, node.ssh, where),
  disks: node.disks.map(diskOf),
  partition: node.partition
    ? {
        disk: node.partition.disk,
        rootSize: bytes(node.partition.rootSize),
        label: node.partition.label,
        link: node.partition.link ?? null,
      }
    : null,
});

const glusterOf = (
  { version, source, mirror, key, fingerprint, hold, modules, maxPort, use, image, engine }: GlusterInput,
  where: Where,
): Gluster => ({
  version,
  source,
  mirror: perFormat(mirror, (url) => url),
  key: perFormat(key, (text) => localOrUrl(text, where)),
  fingerprint: perFormat(fingerprint, plainHex),
  hold,
  modules,
  ...(maxPort !== undefined && { maxPort }),
  ...(use === 'container' && image !== undefined && { container: { image: unambiguous(image), engine: engine ?? 'podman' } }),
});

/** Of a tag and a digest the digest: podman takes no name that has both. */
const unambiguous = (image: string): string => image.replace(/:[^:/@]+(?=@)/, '');

const volumeOf = (volume: VolumeInput, nodes: readonly NodeInput[]): { volume: Volume; notes: readonly string[] } => {
  const shape = shapeOf(volume) ?? { setSize: 1, redundancy: 0 };
  const layout = volume.bricks ? { bricks: volume.bricks.map(parseBrick), notes: [] } : layoutOf(volume, shape, nodes);
  const { bricks, notes } = 'why' in layout ? { bricks: [], notes: [] } : layout;
  const { name, type, options, group = null, start, allow } = volume;
  return { volume: { name, type, ...shape, bricks, options, group, start, allow }, notes };
};

const grmlOf = ({ iso, sha256, signature, key, fingerprint, bootOptions }: GrmlInput, where: Where): Cluster['grml'] => ({
  iso: localOrUrl(iso, where),
  sha256: sha256 ? sha256.toLowerCase() : null,
  signature: signature === undefined ? null : local(signature, where),
  key: key === undefined ? null : local(key, where),
  fingerprint: fingerprint === undefined ? null : plainHex(fingerprint),
  bootOptions,
});

const kubernetesOf = ({ version, namespace, volumes }: KubernetesInput): Kubernetes => ({
  version,
  namespace,
  volumes: volumes.map(({ volume, claim, size, gid = null, method }) => ({ volume, claim, size, gid, method })),
});

/** The pool's own address in a URL, where the file gives none. */
const urlOf = (storage: string, port: number): string | undefined => {
  const family = isIP(storage);
  return family === 0 ? undefined : `http://${family === 6 ? `[${storage}]` : storage}:${port}`;
};

const heketiOf = (
  { url, node, port = 8080, archive, sha256, ssh = { user: 'root', port: 22 } }: HeketiInput,
  nodes: readonly NodeInput[],
): Heketi => {
  const host = node === undefined ? undefined : nodes.find(({ name }) => name === node);
  if (host === undefined) return url === undefined ? {} : { url };
  const at = url ?? urlOf(host.storage ?? host.address, port);
  return {
    ...(at !== undefined && { url: at }),
    server: {
      node: host.name,
      port,
      archive: archive === undefined || sha256 === undefined ? null : { from: archive, sha256: sha256.toLowerCase() },
      ssh,
    },
  };
};

const freeze = <T>(value: T): T => {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
};

/** Fills in every default, and freezes. `input` has passed all checks. `raw.kubernetes: {}` counts as left out. */
export const complete = (input: ClusterInput, where: Where, emptyKubernetes: boolean): Cluster => {
  const volumes = input.volumes.map((volume) => volumeOf(volume, input.nodes));
  const clients = input.nodes.filter(({ roles }) => roles.includes('client')).map(({ name }) => name);
  return freeze({
    name: input.name,
    file: where.file,
    baseDir: where.baseDir,
    gluster: glusterOf(input.gluster, where),
    nodes: input.nodes.map((node) => nodeOf(node, input.ssh, where)),
    volumes: volumes.map(({ volume }) => volume),
    mounts: input.mounts.map(({ volume, path, nodes }) => ({ volume, path, nodes: nodes ?? clients })),
    grml: input.grml ? grmlOf(input.grml, where) : null,
    firewall: input.firewall,
    selinux: input.selinux,
    hosts: input.hosts,
    time: input.time,
    heketi: heketiOf(input.heketi, input.nodes),
    kubernetes: input.kubernetes && !emptyKubernetes ? kubernetesOf(input.kubernetes) : null,
    notes: [
      ...unusedBySource(input.gluster),
      ...aboutContainer(input.gluster),
      ...aboutHeketi(input.heketi, input.nodes),
      ...volumes.flatMap(({ notes }) => notes),
    ],
  });
};

import type { Engine } from '../container/paths.ts';

/** cluster.yaml, checked, completed and frozen: no default is added after this point. */
export interface Cluster {
  name: string;
  /** Absolute path of the file, or '-' for stdin; and the folder that relative paths in it start from. */
  file: string;
  baseDir: string;
  gluster: Gluster;
  nodes: readonly Node[];
  volumes: readonly Volume[];
  mounts: readonly Mount[];
  grml: Grml | null;
  firewall: 'manage' | 'leave';
  selinux: 'leave' | 'permissive';
  hosts: 'manage' | 'leave';
  time: 'manage' | 'leave';
  /** What `gluster.key` led to, or the built-in keys: read and checked on the operator's side, before anything is planned. */
  signingKeys?: SigningKeys;
  heketi: Heketi;
  /** null when the section is left out or empty. */
  kubernetes: Kubernetes | null;
  /** Set by `node replace`: the bricks of `old` go to `by`. The volumes have them there already; nodes that are asked are all but `old`. */
  replacing?: { old: string; by: string };
  /** Remarks that stop nothing: why placed bricks of a set share a zone. */
  notes?: readonly string[];
}

/** How to log in to one node, defaults merged in. null: glusterctl asks `ssh -G`, then its own defaults. */
export interface Ssh {
  user: string | null;
  port: number | null;
  identityFile: string | null;
  knownHosts: readonly string[] | null;
  hostKeys: 'strict' | 'accept-new';
  jump: string | null;
  sudo: 'auto' | 'never';
  transport: 'ssh2' | 'openssh';
}

export interface Gluster {
  /** "10.3" is that release exactly; "10" the newest of the series. */
  version: string;
  source: 'upstream' | 'distro' | 'ppa' | 'centos-sig' | 'mirror';
  mirror: PerFormat | null;
  /** A file or URL of the signing key; read on the operator's side. */
  key: PerFormat | null;
  fingerprint: PerFormat | null;
  hold: boolean;
  modules: readonly string[];
  /** Highest port of bricks; left out: Gluster's own. */
  maxPort?: number;
  /** glusterd runs in a container of this image; left out: from packages. Clients mount by packages in both cases. */
  container?: ContainerImage;
}

export interface ContainerImage {
  /** With its registry, and a digest, or else a tag. */
  image: string;
  engine: Engine;
}

/** Armored OpenPGP keys by package format, their fingerprints checked; null where a format needs none. */
export interface SigningKeys {
  deb: SigningKey | null;
  rpm: SigningKey | null;
}

export interface SigningKey {
  text: string;
  /** Upper case, without blanks. */
  fingerprint: string;
}

/** One value for all, or one for each package format; null where that format has none. */
export interface PerFormat {
  deb: string | null;
  rpm: string | null;
}

export interface Node {
  name: string;
  /** Where SSH goes; `local` is this machine. */
  address: string;
  /** IP or name on the storage network. */
  storage: string;
  zone: string;
  roles: readonly ('server' | 'client')[];
  ssh: Ssh;
  disks: readonly Disk[];
  partition: Partition | null;
}

/** `path` is always the whole /dev/disk/by-path/NAME. Sizes of `match` are in bytes; limit null: as many as fit. */
export type DiskSelector =
  | { by: 'device' | 'serial' | 'wwn' | 'path'; value: string }
  | { by: 'match'; minSize: number | null; maxSize: number | null; model: string | null; rotational: boolean | null; limit: number | null };

export interface Disk {
  select: DiskSelector;
  link: string | null;
  use: 'thin' | 'xfs' | 'heketi' | 'none';
  mount: string | null;
  /** stripeUnit in bytes. */
  raid: { level: number; disks: number; stripeUnit: number } | null;
  wipe: boolean;
}

export interface Partition {
  disk: string;
  /** Bytes. */
  rootSize: number;
  label: string;
  link: string | null;
}

export type Allow = 'replica-2' | 'root-partition' | 'same-node';

export interface Brick {
  node: string;
  path: string;
}

export interface Volume {
  name: string;
  type: 'distribute' | 'replicate' | 'arbiter' | 'disperse';
  /** Bricks in one replica or disperse set: replicate N, arbiter 3, disperse data + redundancy, distribute 1. */
  setSize: number;
  /** disperse only, else 0. */
  redundancy: number;
  /** In gluster's order; placed over zones when the file leaves them out. */
  bricks: readonly Brick[];
  options: Readonly<Record<string, string>>;
  group: string | null;
  start: boolean;
  allow: readonly Allow[];
}

export interface Mount {
  volume: string;
  path: string;
  nodes: readonly string[];
}

export interface Grml {
  iso: string;
  sha256: string | null;
  signature: string | null;
  key: string | null;
  fingerprint: string | null;
  bootOptions: string;
}

/** The Heketi server that hands out volumes of the pool. */
export interface Heketi {
  /** Where the controller manager of Kubernetes reaches it: by IP address, since it asks no DNS of the cluster. */
  url?: string | undefined;
  /** The one that glusterctl installs; left out: none. */
  server?: HeketiServer;
}

export interface HeketiServer {
  node: string;
  port: number;
  /** `from` is an https URL or a path on the node; null: the package. */
  archive: { from: string; sha256: string } | null;
  /** How it logs in to the servers. */
  ssh: { user: string; port: number };
}

/** How the pool is handed to Kubernetes. */
export interface Kubernetes {
  /** A minor release such as "1.25", or 'auto': the cluster is asked. */
  version: string;
  /** Where the claims live. */
  namespace: string;
  volumes: readonly KubernetesVolume[];
}

export interface KubernetesVolume {
  /** A volume of this file; with method heketi the name that Heketi gives it. */
  volume: string;
  claim: string;
  /** A Kubernetes quantity, as written: 10Gi. */
  size: string;
  /** Group that pods write as; null leaves the volume's root as it is. */
  gid: number | null;
  method: 'plugin' | 'host' | 'nfs' | 'kadalu' | 'heketi';
}

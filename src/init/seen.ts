import { addresses } from '../facts/addresses.ts';
import { aptPolicy } from '../facts/apt.ts';
import { type Disk, disks, isDisk } from '../facts/disks.ts';
import { filesystems } from '../facts/filesystems.ts';
import { glusterProgram, pool, volumes } from '../facts/gluster.ts';
import { machine } from '../facts/machine.ts';
import { type ModuleState, modules } from '../facts/modules.ts';
import { covering, mounts } from '../facts/mounts.ts';
import { type Os, os } from '../facts/os.ts';
import { debPackages } from '../facts/packages.ts';
import type { Pool } from '../gluster/pool.ts';
import type { VolumeInfo } from '../gluster/volume-info.ts';
import type { Answers, FactOutput, FactSet } from '../model/fact.ts';

/** What is asked of every host that the wizard is told of. Nothing of it depends on an answer. */
export const wizardFacts = () =>
  ({
    os,
    machine,
    addresses,
    mounts,
    filesystems,
    disks,
    modules: modules(['dm_thin_pool']),
    policy: aptPolicy(['glusterfs-server']),
    packages: debPackages({ sources: ['glusterfs'] }),
    gluster: glusterProgram,
    pool,
    volumes,
  }) satisfies FactSet;

type WizardAnswers = Answers<ReturnType<typeof wizardFacts>>;

export interface SeenDisk {
  path: string;
  /** Bytes. */
  size: number;
  model: string;
  serial: string;
  wwn: string;
  /** A name of /dev/disk/by-path; '' where there is none. */
  byPath: string;
  /** Why it is not to be used; [] where it is blank. */
  reasons: readonly string[];
}

/** A mounted filesystem that bricks could lie on. */
export interface SeenFolder {
  path: string;
  fstype: string;
  /** Bytes. */
  size: number;
  free: number;
}

/** A host as the wizard sees it. Plain data. */
export interface SeenNode {
  hostname: string;
  os: Pick<Os, 'id' | 'versionId' | 'codename' | 'pretty' | 'family'> & { arch: string };
  memory: number;
  cpus: number;
  virtualisation: string;
  /** Global addresses with the length of their network's prefix. */
  addresses: readonly { address: string; prefix: number | null }[];
  disks: readonly SeenDisk[];
  folders: readonly SeenFolder[];
  /** Room on the root filesystem, bytes. */
  rootFree: number;
  thin: ModuleState;
  gluster: {
    /** Of the program that is there; null where there is none. */
    version: string | null;
    /** Version of the package that is installed, such as 10.3-5; and whether it is held. */
    installed: string | null;
    held: boolean;
    /** What the distribution offers, by package version; '' where nothing is known of it. */
    offered: string;
    glusterd2: boolean;
    pool: Pool | null;
    volumes: readonly VolumeInfo[];
  };
}

const diskOf = (disk: Disk): SeenDisk => ({
  path: disk.path,
  size: disk.size ?? 0,
  model: disk.model,
  serial: disk.serial,
  wwn: disk.wwn,
  byPath: disk.byPath[0]?.replace(/^\/dev\/disk\/by-path\//, '') ?? '',
  reasons: disk.reasons.map((reason) => reason.text),
});

/** Filesystems with the extended attributes that bricks need, and room for them. XFS is what Gluster is tested on. */
const BRICK_FILESYSTEMS = ['xfs', 'ext4', 'btrfs', 'zfs'];
const SMALLEST = 100 * 2 ** 20;
const SYSTEM = /^\/(boot|etc|usr|var|run|tmp|home|root|proc|sys|dev|snap|opt)(\/|$)/;

const foldersOf = ({ mounts: all, filesystems: rooms }: WizardAnswers): SeenFolder[] =>
  rooms.flatMap(({ target, size, free }) => {
    const { mount, onRoot, isMountPoint } = covering(target, all);
    const fits = isMountPoint && !onRoot && mount.root === '/' && BRICK_FILESYSTEMS.includes(mount.fstype);
    return fits && size >= SMALLEST && !SYSTEM.test(target) && /^(\/[A-Za-z0-9_.+@=-]+)+$/.test(target)
      ? [{ path: target, fstype: mount.fstype, size, free }]
      : [];
  });

/** What comes from a repository of the distribution, as far as apt tells by the address. */
const offeredBy = (policy: WizardAnswers['policy']): string => {
  const versions = policy?.get('glusterfs-server')?.versions ?? [];
  const foreign = /gluster\.org|launchpad|ppa\./;
  return versions.find(({ from, priority }) => priority >= 500 && from.some((line) => !foreign.test(line)))?.version ?? '';
};

const seenNode = (is: WizardAnswers): SeenNode => {
  const installed = [...(is.packages?.values() ?? [])].filter(({ state }) => state === 'installed');
  const main = installed.find(({ name }) => name === 'glusterfs-server') ?? installed[0];
  return {
    hostname: is.addresses.hostname,
    os: { ...is.os, arch: is.os.family === 'el' ? is.os.arch.rpm : is.os.arch.deb },
    memory: is.machine.memory,
    cpus: is.machine.cpus,
    virtualisation: is.machine.virtualisation,
    addresses: is.addresses.addresses.filter(({ scope }) => scope === 'global').map(({ address, prefix }) => ({ address, prefix })),
    disks: is.disks.filter(isDisk).map(diskOf),
    folders: foldersOf(is),
    rootFree: is.filesystems.find(({ target }) => target === '/')?.free ?? 0,
    thin: is.modules.states.get('dm_thin_pool') ?? 'missing',
    gluster: {
      version: is.gluster.version,
      installed: main?.version ?? null,
      held: main?.hold ?? false,
      offered: offeredBy(is.policy),
      glusterd2: is.gluster.glusterd2,
      pool: is.pool.ok ? is.pool.value : null,
      volumes: is.volumes.ok ? is.volumes.value : [],
    },
  };
};

/** What a host answered to `wizardFacts`, by fact id -> how the wizard sees it. */
export const seeNode = (answers: ReadonlyMap<string, FactOutput>): SeenNode => {
  const facts = wizardFacts();
  const parsed = Object.entries(facts).map(([key, fact]) => [key, fact.parse(answers.get(fact.id) ?? { stdout: '', code: 127 })]);
  return seenNode(Object.fromEntries(parsed) as WizardAnswers);
};

import type { z } from 'zod';
import type { Path } from './problem.ts';
import type { GlusterInput, GrmlInput } from './schema/gluster.ts';
import { GlusterSection, GrmlSection } from './schema/gluster.ts';
import { type HeketiInput, HeketiSection } from './schema/heketi.ts';
import { KubernetesVolume, type KubernetesVolumeInput } from './schema/kubernetes.ts';
import { DiskEntry, type DiskInput, NodeEntry, type NodeInput } from './schema/node.ts';
import { type SshInput, SshSection } from './schema/ssh.ts';
import { BrickText, MountEntry, type MountInput, VolumeEntry, type VolumeInput } from './schema/volume.ts';
import { ClusterFile, type ClusterInput } from './schema.ts';

export type DraftNode = Omit<NodeInput, 'disks' | 'partition' | 'ssh'> & {
  disks: readonly (DiskInput | null)[];
  partition?: NodeInput['partition'] | null;
  ssh?: SshInput | null | undefined;
};

export type DraftVolume = Omit<VolumeInput, 'bricks' | 'options'> & {
  bricks?: readonly (string | null)[] | undefined;
  options: VolumeInput['options'];
};

/**
 * A cluster file as far as it is right by itself: a part with a fault in it is null. So the rules between
 * parts can be checked, and all errors be shown at once, although some parts are wrong.
 */
export interface Draft {
  ssh: SshInput;
  gluster: GlusterInput | null;
  nodes: readonly (DraftNode | null)[];
  volumes: readonly (DraftVolume | null)[];
  mounts: readonly (MountInput | null)[];
  grml: GrmlInput | null;
  heketi: HeketiInput | null;
  kubernetes: { volumes: readonly (KubernetesVolumeInput | null)[] };
  hosts: 'manage' | 'leave';
  /** Names that are in the file, also those of parts that are wrong otherwise. */
  nodeNames: ReadonlySet<string>;
  volumeNames: ReadonlySet<string>;
}

/** What a rule says: `found`, `allowed` and `suggestion` as in ConfigProblem. */
export type Fail = (
  path: Path,
  message: string,
  more?: { at?: 'key' | 'value'; found?: string; allowed?: string; suggestion?: string | null },
) => void;

type Raw = Record<string, unknown>;

const record = (value: unknown): Raw => (value !== null && typeof value === 'object' ? (value as Raw) : {});
const part = <T>(schema: z.ZodType<T>, value: unknown): T | null => schema.safeParse(value).data ?? null;
const each = <T>(value: unknown, one: (item: unknown) => T | null): (T | null)[] => (Array.isArray(value) ? value.map(one) : []);
const names = (value: unknown): Set<string> =>
  new Set((Array.isArray(value) ? value : []).map((item) => record(item).name).filter((name) => typeof name === 'string'));

// Keys that do not belong there are said by the schema; they must not hide what else is wrong.
const NodeCore = NodeEntry.omit({ disks: true, partition: true, ssh: true }).strip();
const VolumeCore = VolumeEntry.omit({ bricks: true, options: true }).strip();

const nodeOf = (value: unknown): DraftNode | null => {
  const core = part(NodeCore, value);
  const { disks, partition, ssh } = record(value);
  return (
    core && {
      ...core,
      disks: each(disks, (disk) => part(DiskEntry, disk)),
      partition: part(NodeEntry.shape.partition, partition) ?? null,
      ssh: ssh === undefined ? undefined : part(SshSection, ssh),
    }
  );
};

const volumeOf = (value: unknown): DraftVolume | null => {
  const core = part(VolumeCore, value);
  const { bricks, options } = record(value);
  return (
    core && {
      ...core,
      bricks: bricks === undefined ? undefined : each(bricks, (brick) => part(BrickText, brick)),
      options: Object.fromEntries(Object.entries(record(options)).map(([name, text]) => [name, String(text)])),
    }
  );
};

const pieces = (raw: Raw): Omit<Draft, 'nodeNames' | 'volumeNames'> => ({
  ssh: part(SshSection, raw.ssh) ?? {},
  gluster: part(GlusterSection, raw.gluster),
  nodes: each(raw.nodes, nodeOf),
  volumes: each(raw.volumes, volumeOf),
  mounts: each(raw.mounts, (mount) => part(MountEntry, mount)),
  grml: part(GrmlSection, raw.grml),
  heketi: raw.heketi === undefined ? null : part(HeketiSection, raw.heketi),
  kubernetes: { volumes: each(record(raw.kubernetes).volumes, (volume) => part(KubernetesVolume, volume)) },
  hosts: raw.hosts === 'leave' ? 'leave' : 'manage',
});

/** `input` is null when the file as a whole does not fit the schema; `issues` says why. */
export const draftOf = (data: unknown): { input: ClusterInput | null; draft: Draft; issues: readonly z.core.$ZodIssue[] } => {
  const { data: input = null, error } = ClusterFile.safeParse(data);
  const raw = record(data);
  const found = input === null ? pieces(raw) : { ...input, grml: input.grml ?? null, kubernetes: input.kubernetes ?? { volumes: [] } };
  return { input, draft: { ...found, nodeNames: names(raw.nodes), volumeNames: names(raw.volumes) }, issues: error?.issues ?? [] };
};

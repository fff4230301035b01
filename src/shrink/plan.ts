import type { Report } from '../errors.ts';
import type { Node } from '../model/cluster.ts';
import type { Answers } from '../model/fact.ts';
import { backups } from './backup.ts';
import { deeds, type Place } from './deeds.ts';
import { seen } from './facts.ts';
import type { Ext } from './filesystem.ts';
import { imagePath, partPath, prepareLive, preparePackage } from './grml.ts';
import { growerFacts, growers } from './growers.ts';
import { liveFaults, rootFaults, warnings } from './judge.ts';
import { type Layout, needsLive, planLayout } from './layout.ts';
import { type Leg, legsOf } from './legs.ts';
import type { Table, TablePartition } from './table.ts';

export const shrinkFacts = (disk: string) => ({ seen: seen(disk), ...growerFacts });
export type ShrinkFacts = Answers<ReturnType<typeof shrinkFacts>>;

/** The live system's image on the operator's side. null: the file names none. */
export interface Image {
  name: string;
  /** Bytes; 0 while it is not known. */
  size: number;
  sha256: string | null;
}

export interface ShrinkPlan {
  node: string;
  place: Place;
  layout: Layout;
  /** Sectors of the whole disk. */
  sectors: number;
  before: readonly TablePartition[];
  after: readonly TablePartition[];
  rootNumber: number;
  /** Bytes of the root filesystem that are in use. */
  used: number;
  /** Where it is put on the node, and where it is while it is being copied. */
  image: { path: string; part: string; name: string; sha256: string } | null;
  legs: readonly Leg[];
  warnings: readonly string[];
  /** Files that are copied to the operator's side before anything is done. */
  backups: readonly string[];
}

export interface ShrinkOptions {
  node: Node;
  image: Image | null;
  bootOptions: string;
  console: boolean;
}

export type ShrinkPlanned = { plan: ShrinkPlan; reasons: readonly Report[] } | { plan: null; reasons: readonly Report[] };

const typeOf = ({ disks, partition }: Node): 'linux' | 'lvm' => {
  const names = [`/dev/disk/by-partlabel/${partition?.label}`, `/dev/disk/${partition?.link}`];
  const own = disks.find(({ select }) => select.by === 'device' && names.includes(select.value));
  return own?.use === 'xfs' ? 'linux' : 'lvm';
};

interface Ground {
  table: Table;
  ext: Ext;
  layout: Layout;
  place: Place;
  /** The root partition as it is. */
  root: TablePartition;
}

/** What both ways stand on. `extra`: bytes that will lie on root on the way. */
export const survey = ({ seen: is }: ShrinkFacts, node: Node, extra: number): Ground | { reasons: readonly Report[] } => {
  const { partition } = node;
  if (partition === null) throw new Error(`${node.name} has no partition in the file`);
  const faults = rootFaults(is);
  if (faults.length > 0 || is.table === null || is.ext === null) return { reasons: faults };
  const { root, disk, table, ext } = is;
  const planned = planLayout(table, root.number, ext, { rootSize: partition.rootSize, label: partition.label, type: typeOf(node) }, extra);
  if (planned.layout === undefined) return { reasons: planned.reasons };
  const place: Place = { partuuid: root.partuuid, uuid: root.uuid, length: disk.length, disk: disk.path, serial: disk.serial };
  return { table, ext, layout: planned.layout, place, root: table.partitions.find((p) => p.number === root.number) as TablePartition };
};

export const planShrink = (is: ShrinkFacts, { node, image, bootOptions, console }: ShrinkOptions): ShrinkPlanned => {
  const size = image?.size ?? 0;
  const ground = survey(is, node, size);
  if ('reasons' in ground) return { plan: null, reasons: ground.reasons };
  const { table, ext, layout, place, root: was } = ground;
  const { root, disk } = is.seen;
  const live = needsLive(layout);
  const reasons = live ? liveFaults(is.seen, size, { console, ownIp: /(^|\s)ip=/.test(bootOptions) }) : [];
  const path = imagePath(image?.name ?? 'grml.iso');
  const used = (ext.blocks - ext.freeBlocks) * ext.blockSize;

  const legs = legsOf({
    layout,
    place,
    changes: deeds(layout, place, { rootSize: was.size, blocks: ext.blocks, partitions: table.partitions }),
    growers: growers(is, is.seen.cloudInit),
    live: [...preparePackage(), ...prepareLive(path, image?.sha256 ?? '', is.seen, node.name, bootOptions)],
    image: { path, size },
    used,
    leftovers: is.seen.leftovers,
  });

  const { fresh } = layout;
  const others = table.partitions.filter((p) => p.number !== root.number && p.number !== fresh.number);
  return {
    plan: {
      node: node.name,
      place,
      layout,
      sectors: (disk.length * 512) / layout.sector,
      before: table.partitions,
      after: [
        ...others,
        { ...was, size: layout.root.size },
        { number: fresh.number, start: fresh.start, size: fresh.size, type: fresh.type, uuid: null, name: fresh.name },
      ].sort((a, b) => a.number - b.number),
      rootNumber: root.number,
      used,
      image: live ? { path, part: partPath(path), name: image?.name ?? 'grml.iso', sha256: image?.sha256 ?? '' } : null,
      legs,
      warnings: [
        ...warnings(is.seen),
        ...(ext.state === 'clean' || ext.state === 'not clean' ? [] : [`the root filesystem is "${ext.state}": e2fsck will mend it first`]),
        ...(live ? [`Have a backup of ${node.name}. Before this, think of a second disk: it needs no reboot and has no risk`] : []),
      ],
      backups: backups(disk.path, root.device),
    },
    reasons,
  };
};

import { writeFile } from '../change.ts';
import type { Report } from '../errors.ts';
import { fileState } from '../facts/file.ts';
import type { Change } from '../model/change.ts';
import type { Node } from '../model/cluster.ts';
import type { Answers } from '../model/fact.ts';
import { sh } from '../sh.ts';
import { deeds, locate, type Place } from './deeds.ts';
import { seen } from './facts.ts';
import { cleanUp, DEAD_MAN, imagePath, partPath, prepareLive, preparePackage } from './grml.ts';
import { liveFaults, rootFaults, warnings } from './judge.ts';
import { isDone, type Layout, needsLive, planLayout } from './layout.ts';
import { MIB, sizeText } from './size.ts';
import type { TablePartition } from './table.ts';

const NO_GROW = '/etc/cloud/cloud.cfg.d/99-glusterctl-nogrow.cfg';
const NO_GROWROOT = '/etc/growroot-disabled';
/** cloud-init's cc_growpart and cc_resizefs run at every boot; a bare `off` would be YAML's false. */
const NO_GROW_TEXT = `# Written by glusterctl: the room behind root belongs to another partition.\ngrowpart:\n  mode: "off"\nresize_rootfs: false\n`;

export const shrinkFacts = (disk: string) => ({ seen: seen(disk), noGrow: fileState(NO_GROW), noGrowroot: fileState(NO_GROWROOT) });
export type ShrinkFacts = Answers<ReturnType<typeof shrinkFacts>>;

/** The live system's image on the operator's side. null: the file names none. */
export interface Image {
  name: string;
  /** Bytes; 0 while it is not known. */
  size: number;
  sha256: string | null;
}

export interface Leg {
  id: 'prepare' | 'boot' | 'live' | 'online' | 'after';
  title: string;
  /** Where its commands run. */
  system: 'normal' | 'live' | 'operator';
  changes: readonly Change[];
  /** What becomes of the node when its power fails in the middle. */
  powerCut: string;
  seconds: number;
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
  image: { path: string; part: string; name: string } | null;
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

const BOOTS_OLD = 'The node boots its normal system as it is.';

const growers = (is: ShrinkFacts): Change[] => [
  ...(is.seen.cloudInit && is.noGrow.text !== NO_GROW_TEXT ? [writeFile(NO_GROW, NO_GROW_TEXT, is.noGrow)] : []),
  ...(is.seen.cloudInit && is.noGrowroot.text === null ? [writeFile(NO_GROWROOT, '', is.noGrowroot)] : []),
];

const settled = (place: Place): Change => ({
  id: 'settled',
  title: 'look whether the normal system is up, on its root',
  risk: 'safe',
  do: sh`
    timeout 180 systemctl is-system-running --wait || systemctl --failed --no-legend --plain >&2`,
  undo: 'nothing',
  verify: sh`
    set -eu
    ${locate(place)}
    [ "$(readlink -f "$(findmnt -n -o SOURCE /)")" = "$root" ]`,
});

const typeOf = ({ disks, partition }: Node): 'linux' | 'lvm' => {
  const own = disks.find(({ select }) => select.by === 'device' && partition !== null && select.value.endsWith(`/${partition.label}`));
  return own?.use === 'xfs' ? 'linux' : 'lvm';
};

/** Resizing moves what lies behind the new end: 600 MiB in 26 s were measured on a slow machine. */
const shrinkSeconds = (used: number, room: number): number => Math.ceil(10 + (Math.max(used - room / 2, used / 8) / (23 * MIB)) * 1);

export const planShrink = (is: ShrinkFacts, { node, image, bootOptions, console }: ShrinkOptions): ShrinkPlanned => {
  const { partition } = node;
  if (partition === null) throw new Error(`${node.name} has no partition in the file`);
  const { root, disk, table, ext } = is.seen;
  const faults = rootFaults(is.seen);
  if (faults.length > 0 || table === null || ext === null) return { plan: null, reasons: faults };
  const size = image?.size ?? 0;
  const wish = { rootSize: partition.rootSize, label: partition.label, type: typeOf(node) };
  const planned = planLayout(table, root.number, ext, wish, size);
  if (planned.layout === undefined) return { plan: null, reasons: planned.reasons };
  const { layout } = planned;
  const place: Place = { partuuid: root.partuuid, uuid: root.uuid, length: disk.length, disk: disk.path, serial: disk.serial };
  const was = table.partitions.find((p) => p.number === root.number) as TablePartition;
  const changes = deeds(layout, place, { rootSize: was.size, blocks: ext.blocks });
  const live = needsLive(layout);
  const reasons = live ? liveFaults(is.seen, size, { console, ownIp: /(^|\s)ip=/.test(bootOptions) }) : [];
  const path = imagePath(image?.name ?? 'grml.iso');
  const used = (ext.blocks - ext.freeBlocks) * ext.blockSize;

  const legs: Leg[] = isDone(layout)
    ? []
    : live
      ? [
          {
            id: 'prepare',
            title: 'Prepare the live system',
            system: 'normal',
            changes: [...growers(is), ...preparePackage(), ...prepareLive(path, image?.sha256 ?? '', is.seen, node.name, bootOptions)],
            powerCut: BOOTS_OLD,
            seconds: 45 + Math.ceil(size / (10 * MIB)),
          },
          {
            id: 'boot',
            title: 'Boot the live system once, into memory',
            system: 'normal',
            changes: [],
            powerCut: `${BOOTS_OLD} The boot loader was told to boot the live system once; after that it boots what it always did. A live system that fails to start reboots after 10 s, one in which nobody is at work after ${DEAD_MAN / 60} minutes.`,
            seconds: 70,
          },
          {
            id: 'live',
            title: 'Cut the partition',
            system: 'live',
            changes,
            powerCut:
              'The node boots its normal system, on a root filesystem as large as before or smaller. While the filesystem itself is being shrunk its blocks are moved: fsck repairs what a power cut leaves of that; it survived each of many cuts that were tried, but nothing proves that it always does: have a backup. Running this again finishes it.',
            seconds: 20 + shrinkSeconds(used, layout.root.size * layout.sector),
          },
          {
            id: 'after',
            title: 'Boot back and clean up',
            system: 'normal',
            changes: [settled(place), cleanUp(path)],
            powerCut: 'The node boots its normal system; the partition is there.',
            seconds: 75,
          },
        ]
      : [
          {
            id: 'online',
            title: 'Make the partition while the node runs',
            system: 'normal',
            changes: [...growers(is), ...changes, settled(place)],
            powerCut: 'The node boots its normal system, with the new partition or without. Running this again finishes it.',
            seconds: 15,
          },
        ];

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
      image: live ? { path, part: partPath(path), name: image?.name ?? 'grml.iso' } : null,
      legs,
      warnings: [
        ...warnings(is.seen),
        ...(ext.state === 'clean' || ext.state === 'not clean' ? [] : [`the root filesystem is "${ext.state}": e2fsck will mend it first`]),
        ...(live ? [`Have a backup of ${node.name}. Before this, think of a second disk: it needs no reboot and has no risk`] : []),
      ],
      backups: [
        `the partition table of ${disk.path} (sfdisk --dump), its first MiB and its last 33 sectors`,
        `the superblock of ${root.device} (its first 4 KiB, and dumpe2fs)`,
        '/boot/grub/grub.cfg, /boot/grub/grubenv, /etc/default/grub*, /etc/fstab',
      ],
    },
    reasons,
  };
};

export const backupScript = (place: Place) => sh`
  set -eu
  ${locate(place)}
  d=$(mktemp -d)
  trap 'rm -rf "$d"' EXIT
  cd "$d"
  sfdisk --dump "$disk" >table.sfdisk
  n=$(($(cat "/sys/class/block/\${disk##*/}/size") - 33))
  dd if="$disk" of=first-mib.bin bs=1M count=1 status=none
  dd if="$disk" of=last-33-sectors.bin bs=512 skip="$n" status=none
  dd if="$root" of=superblock.bin bs=4096 count=1 status=none
  dumpe2fs "$root" >dumpe2fs.txt 2>/dev/null
  for f in /boot/grub/grub.cfg /boot/grub/grubenv /etc/default/grub /etc/fstab; do [ ! -e "$f" ] || cp "$f" "$(basename "$f")"; done
  tar -czf - . | base64`;

export const summaryOf = ({ layout, node }: ShrinkPlan): string =>
  `${node}: root keeps ${sizeText(layout.root.size * layout.sector)}, partition ${layout.fresh.number} (${layout.fresh.name}) gets ${sizeText(layout.fresh.size * layout.sector)}`;

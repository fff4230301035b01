import type { Report } from '../errors.ts';
import type { Node } from '../model/cluster.ts';
import { backups } from './backup.ts';
import { reverse } from './deeds.ts';
import { growersBack } from './growers.ts';
import { settled } from './legs.ts';
import { type ShrinkFacts, type ShrinkPlanned, survey } from './plan.ts';
import type { TablePartition } from './table.ts';

const refuse = (...reasons: Report[]): ShrinkPlanned => ({ plan: null, reasons });

/** Where root would end when it got all that is free behind it; sectors. */
const roomEnd = (partitions: readonly TablePartition[], root: TablePartition, without: number, end: number): number =>
  Math.min(end, ...partitions.filter((p) => p.start > root.start && p.number !== without).map((p) => p.start));

/**
 * The way back, from what the node says alone: the new partition is removed while it is empty, and root gets all the room behind
 * it. Where root did not reach that far before, `glusterctl rollback` of the run that cut it knows how far it did.
 */
export const planUndo = (is: ShrinkFacts, node: Node): ShrinkPlanned => {
  const ground = survey(is, node, 0);
  if ('reasons' in ground) return refuse(...ground.reasons);
  const { table, ext, layout, place, root } = ground;
  const { fresh, pending, sector } = layout;
  const { disk, carried } = is.seen;
  const on = pending.create ? undefined : carried.get(fresh.number);
  if (on !== undefined)
    return refuse({
      what: `partition ${fresh.number} (${fresh.name}) is not empty: ${on}`,
      why: 'what is on it would be lost',
      next: 'undo what uses it first (glusterctl runs, glusterctl rollback), or move its data away and wipe it',
    });
  const size = roomEnd(table.partitions, root, pending.create ? 0 : fresh.number, table.end) - root.start;
  const blocks = Math.floor((size * sector) / ext.blockSize);
  const done = pending.create && (pending.shrinkFilesystem || (!pending.shrinkPartition && size <= root.size));
  const changes = done ? [] : [...reverse(layout, place, { rootSize: size, blocks }), ...growersBack(is), settled(place)];
  return {
    plan: {
      node: node.name,
      place,
      layout,
      sectors: (disk.length * 512) / sector,
      before: table.partitions,
      after: [
        ...table.partitions.filter((p) => p.number !== root.number && (pending.create || p.number !== fresh.number)),
        { ...root, size },
      ].sort((a, b) => a.number - b.number),
      rootNumber: root.number,
      used: (ext.blocks - ext.freeBlocks) * ext.blockSize,
      image: null,
      legs:
        changes.length === 0
          ? []
          : [
              {
                id: 'undo',
                title: 'Give the room back to root, while the node runs',
                system: 'normal',
                changes,
                rebootsTo: null,
                powerCut: 'The node boots its normal system, with the partition or without. Running this again finishes it.',
                seconds: 15,
              },
            ],
      warnings: [],
      backups: backups(disk.path, is.seen.root.device),
    },
    reasons: [],
  };
};

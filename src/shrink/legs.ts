import type { Change } from '../model/change.ts';
import { sh } from '../sh.ts';
import { locate, onDisk, type Place } from './deeds.ts';
import { arm, cleanUp, DEAD_MAN } from './grml.ts';
import { isDone, type Layout, needsLive } from './layout.ts';
import { MIB } from './size.ts';

export type System = 'normal' | 'live';

/** One part of the way. Its changes are done in order, in one boot of the node. */
export interface Leg {
  id: 'prepare' | 'boot' | 'live' | 'online' | 'after' | 'undo';
  title: string;
  /** Where its commands run. */
  system: System;
  changes: readonly Change[];
  /** Into which system the node is rebooted then; null: not at all. */
  rebootsTo: System | null;
  /** What becomes of the node when its power fails in the middle. */
  powerCut: string;
  seconds: number;
}

export interface Road {
  layout: Layout;
  place: Place;
  /** On the disk. */
  changes: readonly Change[];
  growers: readonly Change[];
  /** Everything that lets the node boot into the live system. */
  live: readonly Change[];
  /** Bytes. */
  image: { path: string; size: number };
  /** Bytes of root. */
  used: number;
  /** Something of an earlier run's live system is still there. */
  leftovers: boolean;
}

const BOOTS_OLD = 'The node boots its normal system as it is.';

/** Resizing moves what lies behind the new end: 600 MiB in 26 s were measured on a slow machine. */
const shrinkSeconds = (used: number, room: number): number => Math.ceil(10 + Math.max(used - room / 2, used / 8) / (23 * MIB));

export const settled = (place: Place): Change => ({
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

const there = ({ fresh, label, sector }: Layout, place: Place): Change => ({
  id: 'there',
  title: `look whether partition ${fresh.number} is there${label === 'gpt' ? ` as /dev/disk/by-partlabel/${fresh.name}` : ''}`,
  risk: 'safe',
  do: sh`! command -v udevadm >/dev/null || udevadm settle --timeout=60`,
  undo: 'nothing',
  verify: onDisk(
    place,
    locate,
    sh`
      p=$(part "$(at ${fresh.start})")
      [ "$(blockdev --getsize64 "$p")" = ${fresh.size * sector} ]
      ${label === 'gpt' ? sh`[ "$(readlink -e ${`/dev/disk/by-partlabel/${fresh.name}`})" = "$p" ]` : sh`:`}`,
  ),
});

/** The way from what is there to the layout; [] where it is there already. */
export const legsOf = ({ layout, place, changes, growers, live, image, used, leftovers }: Road): Leg[] => {
  const done = isDone(layout);
  const looks = [settled(place), there(layout, place)];
  const last: Leg = {
    id: 'after',
    title: 'Look, and clean up',
    system: 'normal',
    changes: [...looks, cleanUp()],
    rebootsTo: null,
    powerCut: 'The node boots its normal system; the partition is there.',
    seconds: 20,
  };
  if (done) return leftovers ? [last] : [];
  if (!needsLive(layout))
    return [
      {
        id: 'online',
        title: 'Make the partition while the node runs',
        system: 'normal',
        changes: [...growers, ...changes, ...looks, ...(leftovers ? [cleanUp()] : [])],
        rebootsTo: null,
        powerCut: 'The node boots its normal system, with the new partition or without. Running this again finishes it.',
        seconds: 15,
      },
    ];
  return [
    {
      id: 'prepare',
      title: 'Prepare the live system',
      system: 'normal',
      changes: [...growers, ...live],
      rebootsTo: null,
      powerCut: BOOTS_OLD,
      seconds: 45 + Math.ceil(image.size / (10 * MIB)),
    },
    {
      id: 'boot',
      title: 'Boot the live system once, into memory',
      system: 'normal',
      changes: [arm(image.path)],
      rebootsTo: 'live',
      powerCut: `${BOOTS_OLD} The boot loader was told to boot the live system once; after that it boots what it always did. A live system that fails to start reboots after 10 s, one in which nobody is at work after ${DEAD_MAN / 60} minutes.`,
      seconds: 70,
    },
    {
      id: 'live',
      title: 'Cut the partition, and boot back',
      system: 'live',
      changes,
      rebootsTo: 'normal',
      powerCut:
        'The node boots its normal system, on a root filesystem as large as before or smaller. While the filesystem itself is being shrunk its blocks are moved: fsck repairs what a power cut leaves of that; it survived each of many cuts that were tried, but nothing proves that it always does: have a backup. Running this again finishes it.',
      seconds: 55 + 20 + shrinkSeconds(used, layout.root.size * layout.sector),
    },
    last,
  ];
};

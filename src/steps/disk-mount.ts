import type { Report } from '../errors.ts';
import type { Disk } from '../facts/disks.ts';
import { disks } from '../facts/disks.ts';
import { type LvmTree, lvmTree } from '../facts/lvm.ts';
import { selinux } from '../facts/security.ts';
import { CannotPlan, type Change, defineStep } from '../model/step.ts';

import { BRICK, thinNames } from './disk/group.ts';
import { BRICK_TYPE, isLabelled, label, unlabel } from './disk/label.ts';
import {
  type BrickPlace,
  isBrickMounted,
  isMountPointMade,
  makeMountPoint,
  mountBrick,
  unmakeMountPoint,
  unmountBrick,
} from './disk/mount-scripts.ts';
import { type BrickMount, brickMounts } from './disk/mount-state.ts';
import { whatOf } from './disk/mount-unit.ts';
import { type DiskRecord, diskRecords } from './disk/record.ts';
import { diskJobs, isMounted, WantDisks } from './disk/wish.ts';

const folder = (mount: string, at: BrickMount): Change => ({
  id: `folder:${mount}`,
  title: `${at.kind === 'none' ? 'make' : 'keep'} the mount point ${mount}, immutable while nothing is mounted there`,
  risk: 'safe',
  do: makeMountPoint(mount),
  undo: unmakeMountPoint(mount, at),
  verify: isMountPointMade(mount, at),
});

const mounting = (place: BrickPlace, at: BrickMount): Change => ({
  id: `mount:${place.mount}`,
  title: `mount it at ${place.mount}, now and at every boot`,
  risk: 'safe',
  do: mountBrick(place),
  undo: at.unit !== null && at.enabled && at.device !== null ? 'nothing' : unmountBrick(place, at),
  verify: isBrickMounted(place),
});

const faults = (mount: string, at: BrickMount, right: boolean): Report[] => {
  if (!at.systemd)
    return [
      { check: 'no-systemd', what: `${mount} cannot be mounted at every boot: systemd does not run here`, next: 'mount it by other means' },
    ];
  if (at.fstab) {
    const next = `umount ${mount}, take the line out, and apply again`;
    return [{ check: 'mount-point', what: `/etc/fstab has a line for ${mount}`, why: 'two that mount at one place hide each other', next }];
  }
  if (at.kind === 'mounted' && !right)
    return [
      {
        check: 'mount-point',
        what: `something else is mounted at ${mount}`,
        next: `see: findmnt ${mount}; umount it, or choose another path`,
      },
    ];
  if (at.kind === 'other') return [{ check: 'mount-point', what: `${mount} is there and is not a directory`, next: 'choose another path' }];
  if (at.kind === 'full') {
    const why = 'what is in it would be hidden by the mount';
    return [
      {
        check: 'mount-point',
        what: `${mount} is not empty`,
        why,
        next: `move it away (chattr -i ${mount} first, where that is set), or choose another path`,
      },
    ];
  }
  return [];
};

interface Is {
  disks: readonly Disk[];
  records: ReadonlyMap<string, DiskRecord | null>;
  lvm: LvmTree | null;
}

/** What the unit has to name, and whether it is mounted there; null while there is no filesystem yet. */
const known = (place: BrickPlace, { disks: all, records, lvm }: Is, group: string): { what: string; mounted: boolean } | null => {
  const { mount, device } = place;
  if (device !== null) {
    const vg = lvm?.vgs.find(({ name }) => name === group);
    const lv = lvm?.lvs.find((one) => one.group === group && one.name === BRICK);
    if (!vg || !lv) return null;
    const what = `/dev/disk/by-id/dm-uuid-LVM-${`${vg.uuid}${lv.uuid}`.replaceAll('-', '')}`;
    return { what, mounted: all.some((d) => d.path === device && d.mounts.includes(mount)) };
  }
  const uuid = records.get(mount)?.uuid;
  if (!uuid) return null;
  const is = (d: Disk) => d.signatures?.some((s) => s.type === 'xfs' && s.uuid === uuid) === true;
  return { what: `/dev/disk/by-uuid/${uuid}`, mounted: all.some((d) => is(d) && d.mounts.includes(mount)) };
};

export const diskMount = defineStep({
  id: 'disk-mount',
  title: 'Mount the disks',
  about:
    'Mounts each disk by a UUID that nothing else has, at a mount point that is immutable below it, so that a missing disk stops no boot and an unmounted brick fills no root filesystem.',
  want: WantDisks,
  jobs: diskJobs(({ mount }) => mount !== null),

  facts: ({ disks: wanted }: WantDisks) => {
    const mounts = wanted.flatMap(({ mount }) => mount ?? []);
    return { disks, lvm: lvmTree, records: diskRecords(mounts), at: brickMounts(mounts), selinux };
  },

  plan(want, is) {
    const reasons: Report[] = [];
    const changes: Change[] = [];
    for (const disk of want.disks.filter(isMounted)) {
      const { mount, use } = disk;
      const at = is.at.get(mount);
      if (at === undefined) continue;
      const names = thinNames(want.cluster, want.node, disk);
      const place: BrickPlace = { mount, device: use === 'thin' ? names.device : null };
      const here = known(place, is, names.group);
      const right = here?.mounted === true;
      reasons.push(...faults(mount, at, right));
      if (at.kind === 'none' || (at.kind === 'empty' && at.immutable === false)) changes.push(folder(mount, at));
      const whole = right && at.enabled && at.unit !== null && whatOf(mount, at.unit) === here?.what;
      if (!whole) changes.push(mounting(place, at));
      if (is.selinux.mode !== 'absent' && at.label !== BRICK_TYPE) {
        changes.push({
          id: `label:${mount}`,
          title: `label ${mount} for Gluster (${BRICK_TYPE})`,
          risk: 'safe',
          do: label(mount),
          undo: unlabel(mount),
          verify: isLabelled(mount),
        });
      }
    }
    if (reasons.length > 0) throw new CannotPlan(...reasons);
    return changes;
  },
});

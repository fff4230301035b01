import { writeFile } from '../change.ts';
import type { Disk } from '../facts/disks.ts';
import { fileState } from '../facts/file.ts';
import { type LvmTree, lvmTree } from '../facts/lvm.ts';
import { CannotPlan, type Change, defineStep } from '../model/step.ts';
import { sh } from '../sh.ts';
import { type Choice, choose } from './disk/choose.ts';
import { diskFacts } from './disk/facts.ts';
import { formatFunctions, isFormatted, stripeOptions } from './disk/format.ts';
import { BRICK, isTooLong, POOL, type ThinNames, thinNames } from './disk/group.ts';
import { guard } from './disk/guard.ts';
import { spoken } from './disk/identity.ts';
import { judge } from './disk/judge.ts';
import { humanSize, type ThinLayout, thinLayout } from './disk/layout.ts';
import { recordFunctions } from './disk/record.ts';
import {
  groupMade,
  makeGroup,
  makePool,
  PROFILE_FILE,
  PROFILE_TEXT,
  poolMade,
  type ThinDisk,
  unmakeGroup,
  unmakePool,
} from './disk/thin.ts';
import { wipeChange } from './disk/wipe.ts';
import { diskJobs, WantDisks } from './disk/wish.ts';

const filesystem = (disk: ThinDisk, { stripe }: ThinLayout): Change => {
  const before = sh`
    set -eu
    ${guard}
    ${recordFunctions(disk.mount)}
    ${formatFunctions}
    lv=${disk.names.device}`;
  return {
    id: `filesystem:${disk.mount}`,
    title: `make an XFS filesystem for ${disk.mount}`,
    risk: 'safe',
    do: sh`
      ${before}
      [ -b "$lv" ] || fail "there is no $lv"
      format "$lv" ${stripeOptions(stripe)}`,
    undo: sh`
      ${before}
      if [ ! -b "$lv" ]; then exit 0; fi
      unformat "$lv"`,
    verify: sh`
      ${recordFunctions(disk.mount)}
      ${isFormatted(sh`${disk.names.device}`)}`,
  };
};

const group = (disk: ThinDisk, device: Disk, layout: ThinLayout): Change => ({
  id: `group:${disk.mount}`,
  title: `make the LVM group ${disk.names.group} on ${spoken(device)}`,
  risk: 'safe',
  do: makeGroup(disk, layout),
  undo: unmakeGroup(disk),
  verify: groupMade(disk),
});

const pool = (disk: ThinDisk, layout: ThinLayout): Change => ({
  id: `pool:${disk.mount}`,
  title: `make a thin pool and a thin volume of ${humanSize(layout.pool)} for ${disk.mount}, with ${humanSize(layout.metadata)} of metadata`,
  risk: 'safe',
  do: makePool(disk, layout),
  undo: unmakePool(disk),
  verify: poolMade(disk),
});

/** What of it is there; a record that is lost with the system disk does not make a filesystem disappear. */
const done = ({ group: vg, device }: ThinNames, { claim, record }: Choice, lvm: LvmTree | null, all: readonly Disk[]) => {
  const lv = (name: string) => lvm?.lvs.some((one) => one.group === vg && one.name === name) === true;
  const xfs = all.some((d) => d.path === device && d.signatures?.some(({ type }) => type === 'xfs'));
  return {
    group: claim === 'group',
    pool: claim === 'group' && lv(POOL) && lv(BRICK),
    filesystem: record === null ? xfs : record.formatted,
  };
};

export const diskThin = defineStep({
  id: 'disk-thin',
  title: 'Make thin bricks',
  about:
    'Lays an LVM thin pool, a thin volume and XFS on a blank disk, aligned to the array behind it; a disk with anything on it needs `wipe: true` and its serial.',
  want: WantDisks,
  jobs: diskJobs(({ use }) => use === 'thin'),

  facts: (want: WantDisks) => ({ ...diskFacts(want), lvm: lvmTree, profile: fileState(PROFILE_FILE) }),

  plan(want, is) {
    const { chosen, faults } = choose(want, is);
    const reasons = want.disks.flatMap((disk, at) => (disk.use === 'thin' ? (faults.get(at) ?? []) : []));
    const changes: Change[] = [];
    for (const choice of chosen) {
      const { disk, device, identity } = choice;
      if (disk.use !== 'thin' || disk.mount === null) continue;
      const verdict = judge(choice, is.disks);
      const names = thinNames(want.cluster, want.node, { mount: disk.mount });
      const size = device.size ?? 0;
      const layout = thinLayout(size, disk.raid);
      if (verdict.may === 'no') reasons.push(verdict.fault);
      else if (layout === null)
        reasons.push({ what: `${spoken(device)} is too small for a thin pool: ${humanSize(size)}`, next: 'use: xfs' });
      else if (isTooLong(names))
        reasons.push({ what: `${disk.mount} is too long for the name of an LVM group`, next: 'use a shorter path' });
      else {
        const thin: ThinDisk = { mount: disk.mount, names, identity, size };
        const has = done(names, choice, is.lvm, is.disks);
        if (verdict.may === 'confirm') changes.push(wipeChange(choice, verdict.loses, is.disks));
        if (!has.group) changes.push(group(thin, device, layout));
        if (!has.pool) changes.push(pool(thin, layout));
        if (!has.filesystem) changes.push(filesystem(thin, layout));
      }
    }
    if (reasons.length > 0) throw new CannotPlan(...reasons);
    return is.profile.text === PROFILE_TEXT ? changes : [writeFile(PROFILE_FILE, PROFILE_TEXT, is.profile), ...changes];
  },
});

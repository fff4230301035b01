import { CannotPlan, type Change, defineStep } from '../model/step.ts';
import { sh } from '../sh.ts';
import { type Choice, choose } from './disk/choose.ts';
import { diskFacts } from './disk/facts.ts';
import { formatFunctions, isFormatted, stripeOptions } from './disk/format.ts';
import { guard } from './disk/guard.ts';
import { findWords, identityText, spoken } from './disk/identity.ts';
import { judge } from './disk/judge.ts';
import { stripeOf } from './disk/layout.ts';
import { recordFunctions } from './disk/record.ts';
import { wipeChange } from './disk/wipe.ts';
import { diskJobs, WantDisks } from './disk/wish.ts';

/** The record comes first: a filesystem that was cut off is then known as ours by its UUID. */
const filesystem = ({ disk, device, identity }: Choice, mount: string): Change => {
  const find = sh`find_disk ${findWords(identity, device.size)}`;
  const before = sh`
    ${guard}
    ${recordFunctions(mount)}`;
  return {
    id: `filesystem:${mount}`,
    title: `make an XFS filesystem on ${spoken(device)} for ${mount}`,
    risk: 'safe',
    do: sh`
      set -eu
      ${before}
      ${formatFunctions}
      ${find}
      was=$(noted disk)
      [ -z "$was" ] || [ "$was" = ${identityText(identity)} ] || fail "another disk was taken for this mount point before: $was"
      idle
      if [ -z "$was" ] || [ "$(fs_of "$d" UUID)" != "$(noted uuid)" ]; then blank; fi
      [ -n "$was" ] || note ${`disk ${identityText(identity)}`}
      format "$d" ${stripeOptions(stripeOf(disk.raid))}
      ! command -v udevadm >/dev/null || udevadm settle --timeout=30`,
    undo: sh`
      set -eu
      ${before}
      ${formatFunctions}
      if [ -z "$(noted disk)" ]; then exit 0; fi
      ${find}
      unformat "$d"
      forget`,
    verify: sh`
      ${before}
      ${find}
      ${isFormatted(sh`"$d"`)}`,
  };
};

export const diskXfs = defineStep({
  id: 'disk-xfs',
  title: 'Make bricks without LVM',
  about:
    'Makes an XFS filesystem on a blank disk, aligned to the array behind it; a disk with anything on it needs `wipe: true` and its serial. Without LVM a volume has no snapshots.',
  want: WantDisks,
  jobs: diskJobs(({ use }) => use === 'xfs'),
  facts: diskFacts,

  plan(want, is) {
    const { chosen, faults } = choose(want, is);
    const reasons = want.disks.flatMap((disk, at) => (disk.use === 'xfs' ? (faults.get(at) ?? []) : []));
    const changes: Change[] = [];
    for (const choice of chosen) {
      const { disk, record } = choice;
      if (disk.use !== 'xfs' || disk.mount === null) continue;
      const verdict = judge(choice, is.disks);
      if (verdict.may === 'no') reasons.push(verdict.fault);
      if (verdict.may === 'confirm') changes.push(wipeChange(choice, verdict.loses, is.disks));
      if (verdict.may !== 'no' && !record?.formatted) changes.push(filesystem(choice, disk.mount));
    }
    if (reasons.length > 0) throw new CannotPlan(...reasons);
    return changes;
  },
});

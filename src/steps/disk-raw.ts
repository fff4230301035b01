import { CannotPlan, type Change, defineStep } from '../model/step.ts';
import { choose } from './disk/choose.ts';
import { diskFacts } from './disk/facts.ts';
import { judge } from './disk/judge.ts';
import { wipeChange } from './disk/wipe.ts';
import { diskJobs, WantDisks } from './disk/wish.ts';

export const diskRaw = defineStep({
  id: 'disk-raw',
  title: 'Leave disks raw for Heketi',
  about:
    'Looks that the disks which are left to Heketi are blank, or Heketi’s own by now; one with anything on it needs `wipe: true` and its serial.',
  want: WantDisks,
  jobs: diskJobs(({ use }) => use === 'heketi'),
  facts: diskFacts,

  plan(want, is) {
    const { chosen, faults } = choose(want, is);
    const reasons = want.disks.flatMap((disk, at) => (disk.use === 'heketi' ? (faults.get(at) ?? []) : []));
    const changes: Change[] = [];
    for (const choice of chosen.filter(({ disk }) => disk.use === 'heketi')) {
      const verdict = judge(choice, is.disks);
      if (verdict.may === 'no') reasons.push(verdict.fault);
      // Nothing will be written to a blank partition of the system disk here: it needs no serial.
      if (verdict.may === 'confirm' && choice.device.reasons.some(({ code }) => code !== 'type'))
        changes.push(wipeChange(choice, verdict.loses, is.disks));
    }
    if (reasons.length > 0) throw new CannotPlan(...reasons);
    return changes;
  },
});

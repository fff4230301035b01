import { Refused, type Report } from '../errors.ts';
import type { InitAnswers, Looks, WizardState } from './answers.ts';
import { type FileDraft, fileDraft, withoutAddress } from './draft.ts';
import { strayNames } from './flags.ts';
import { judgeLayout, layoutText } from './layouts.ts';
import { nameHosts } from './names.ts';
import { diskFor, serversFor } from './places.ts';

/** Disks that were named, and that a host does not have or must not give. */
const diskFaults = (answers: InitAnswers, looks: Looks): Report[] =>
  nameHosts(answers, looks)
    .filter(({ server, seen }) => server && seen !== null)
    .flatMap((one) =>
      (answers.bricks ?? []).flatMap((answer): Report[] => {
        if (answer.kind !== 'disk' || (answer.node !== null && answer.node !== one.name)) return [];
        const disk = diskFor(one, answer.disk);
        const all = one.seen?.disks.map(({ path }) => path).join(', ') || 'none';
        if (disk === null) return [{ node: one.name, what: `has no disk ${answer.disk}`, next: `its disks are: ${all}` }];
        if (disk.reasons.length === 0) return [];
        return [
          {
            node: one.name,
            what: `${disk.path} cannot be used`,
            why: disk.reasons.join('\n'),
            next: 'name another disk, or look at it with glusterctl facts',
          },
        ];
      }),
    );

/** The file that all answers make. Throws Refused (exit 7) with everything that stands against it. */
export const finish = ({ answers, looks }: WizardState): FileDraft => {
  const { gluster, layout } = answers;
  if (gluster === undefined || layout === undefined) throw new Error('not all is answered');
  const names = nameHosts(answers, looks).map(({ name }) => name);
  const faults = [...strayNames(answers, names), ...diskFaults(answers, looks), ...withoutAddress(answers, looks)];
  const servers = serversFor(nameHosts(answers, looks), answers);
  const offer = judgeLayout(servers, { ...layout, allow: [...layout.allow, ...(answers.allow ?? [])] });
  if (offer === null) {
    const usable = servers.filter(({ places }) => places.length > 0).length;
    faults.push({
      what: `${layoutText(layout)} does not fit these hosts`,
      why: `a set of ${layout.setSize} bricks needs ${layout.setSize} servers with a disk or folder, and there are ${usable}`,
      next: 'give another --type and --replica, more --node, or --disk and --brick-path',
    });
  }
  if (offer === null || faults.length > 0) throw new Refused(faults);
  return fileDraft(answers, looks, gluster, offer);
};

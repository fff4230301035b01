import { writeFile } from '../change.ts';
import type { Report } from '../errors.ts';
import { type FileState, fileState } from '../facts/file.ts';
import type { Fact } from '../model/fact.ts';
import { CannotPlan, type Change, defineStep } from '../model/step.ts';
import { type Sh, sh } from '../sh.ts';
import { type Choice, choose } from './disk/choose.ts';
import { diskFacts } from './disk/facts.ts';
import { guard } from './disk/guard.ts';
import { findWords, type Identity, spoken } from './disk/identity.ts';
import { linkPath, ruleFile, ruleText } from './disk/rule.ts';
import { diskJobs, WantDisks } from './disk/wish.ts';

const udev: Fact<boolean> = { id: 'udev', read: sh`[ -e /run/udev/control ]`, parse: ({ code }) => code === 0 };

/** Rule files by link; one fact each would have no fixed names. */
const rules = (names: readonly string[]): Fact<ReadonlyMap<string, FileState>> => {
  const files = names.map((link) => [link, fileState(ruleFile(link))] as const);
  return {
    id: `disk-rules:${names.join(' ')}`,
    read: sh`${files.map(([, file]) => sh`(${file.read}); printf '\n=\n';`)}`,
    parse: ({ stdout }) => {
      const parts = stdout.split('\n=\n');
      return new Map(files.map(([link, file], i) => [link, file.parse({ stdout: parts[i] ?? '', code: 0 })]));
    },
  };
};

const linksOf = ({ disks }: WantDisks): string[] => disks.flatMap(({ link }) => link ?? []);

/** udev reads its rules again, and looks at that disk again. */
const again = ({ property, value }: Identity): Sh => sh`
  udevadm control --reload
  udevadm trigger --action=change --subsystem-match=block ${property === 'NAME' ? sh`--sysname-match=${value}` : sh`--property-match=${`${property}=${value}`}`}
  udevadm settle --timeout=60`;

/** Not joined by &&: that would switch `set -e` off in the first. */
const inOrder = (first: Sh, second: Sh): Sh => sh`
  set -eu
  ${first}
  ${second}`;

const make = (link: string, { device, identity }: Choice, was: FileState): Change => {
  const { id, risk, diff, ...file } = writeFile(ruleFile(link), ruleText(link, identity), was);
  return {
    id: `link:${link}`,
    title: `lead ${linkPath(link)} to ${spoken(device)}`,
    risk,
    ...(diff && { diff }),
    do: inOrder(file.do, again(identity)),
    undo: file.undo === 'nothing' ? 'nothing' : inOrder(file.undo, again(identity)),
    verify: inOrder(
      file.verify,
      sh`
        ${guard}
        find_disk ${findWords(identity, null)}
        [ "$(readlink -f ${linkPath(link)})" = "$(readlink -f -- "$d")" ]`,
    ),
  };
};

/** Why no link can be made that is right after the next boot, too. */
const fault = (link: string, { device, identity }: Choice, to: string, own: boolean, running: boolean): Report | null => {
  if (!running) {
    const next = 'in a container links are made on the machine that carries it; take `link` out of the file';
    return { what: `${linkPath(link)} cannot be made: udev does not run here`, next };
  }
  if (identity.property === 'NAME') {
    return {
      what: `${linkPath(link)} cannot be made for ${spoken(device)}`,
      why: 'nothing but its name tells it from others: it has no serial and no fixed place',
      next: 'after the next boot the name may mean another disk; give the disk a serial, or take `link` out of the file',
    };
  }
  if (own || to === '' || to === device.name) return null;
  return {
    what: `${linkPath(link)} is there already, and leads to /dev/${to}`,
    why: 'a udev rule that is not glusterctl’s makes it',
    next: `find it with: grep -r ${link} /etc/udev/rules.d /lib/udev/rules.d; or choose another name`,
  };
};

export const diskLink = defineStep({
  id: 'disk-link',
  title: 'Give disks a lasting name',
  about:
    'Writes a udev rule that leads /dev/disk/NAME to a disk by its serial, to a partition by its UUID, or, where there is no serial, to what is plugged in at that place.',
  want: WantDisks,
  jobs: diskJobs(({ link }) => link !== null),

  facts: (want: WantDisks) => ({ ...diskFacts(want), rules: rules(linksOf(want)), udev }),

  plan(want, is) {
    const { chosen, faults } = choose(want, is);
    const reasons = want.disks.flatMap((disk, at) => (disk.use === 'none' ? (faults.get(at) ?? []) : []));
    const changes: Change[] = [];
    for (const choice of chosen) {
      const { link } = choice.disk;
      const was = link === null ? undefined : is.rules.get(link);
      if (link === null || was === undefined) continue;
      const to = is.links.get(link)?.to ?? '';
      if (was.text === ruleText(link, choice.identity) && to === choice.device.name) continue;
      const wrong = fault(link, choice, to, was.text !== null, is.udev);
      if (wrong) reasons.push(wrong);
      else changes.push(make(link, choice, was));
    }
    if (reasons.length > 0) throw new CannotPlan(...reasons);
    return changes;
  },

  notes: (want, is) => [
    ...choose(want, is).notes,
    ...choose(want, is).chosen.flatMap(({ disk, device, identity }) =>
      disk.link !== null && identity.property === 'ID_PATH'
        ? [`${device.path} has no serial: ${linkPath(disk.link)} leads to whatever disk is plugged in at ${identity.value}`]
        : [],
    ),
  ],
});

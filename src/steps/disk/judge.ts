import type { Report } from '../../errors.ts';
import { isWipeable, type Reason } from '../../facts/disk-reasons.ts';
import type { Disk } from '../../facts/disks.ts';
import { type Choice, isHeketi } from './choose.ts';
import { spoken } from './identity.ts';
import { recordOf } from './record.ts';

export type Verdict =
  /** Nothing is on it, or what is on it is ours. */
  | { may: 'write' }
  /** Its serial has to be typed: `loses` says what goes. */
  | { may: 'confirm'; loses: string }
  | { may: 'no'; fault: Report };

const listed = (reasons: readonly Reason[]): string => [...new Set(reasons.map((r) => r.text))].join(', ');

/** A partition that is named by its own name is taken as a disk would be; a filter or a serial never means one. */
const against = ({ disk, device }: Choice): readonly Reason[] =>
  device.type === 'part' && (disk.select.by === 'device' || disk.select.by === 'path') && device.ownUuid !== undefined
    ? device.reasons.filter(({ code }) => code !== 'type')
    : device.reasons;

/** What it is made of, down to the disks. A graph that no kernel would make has an end as well. */
const ancestors = (device: Disk, all: readonly Disk[], seen = new Set<Disk>()): Disk[] => {
  for (const d of all.filter((one) => device.parents.includes(one.name) && !seen.has(one))) {
    seen.add(d);
    ancestors(d, all, seen);
  }
  return [...seen];
};

/** What a partition is cut from must be a plain disk: with a table, and with nothing that uses it as a whole. */
const wholeInUse = (device: Disk, all: readonly Disk[]): Reason[] => {
  if (device.type !== 'part') return [];
  return ancestors(device, all).flatMap((disk): Reason[] => {
    const used = disk.mounts.length > 0 || disk.usedBy.length > 0 || disk.swap || disk.brick !== undefined;
    const parent = device.parents.includes(disk.name);
    const held = all.some((d) => d.type !== 'part' && d.parents.includes(disk.name));
    const plain = disk.signatures?.every(({ type }) => /^(gpt|dos|PMBR)$/.test(type)) === true && (disk.group ?? '') === '';
    if (!used && (!parent || (plain && !held && !disk.multipath && disk.readOnly === false))) return [];
    return [{ code: 'in-use', text: `${disk.path}, of which it is a part, is used as a whole or carries more than a partition table` }];
  });
};

const carriesSystem = (device: Disk, all: readonly Disk[]): boolean =>
  ancestors(device, all).some((d) => d.reasons.some(({ code }) => code === 'system-disk'));

/** What is on it was written by glusterctl for this entry, or it is blank and was about to be. */
const isOurs = ({ disk, device, claim, record }: Choice): boolean => {
  if (claim === 'group') return true;
  if (claim !== 'record' || record === null || device.signatures === null) return false;
  // Between pvcreate and vgcreate a run may have been cut off.
  if (disk.use === 'thin') return !record.formatted && device.reasons.every(({ code }) => code === 'lvm');
  return (
    disk.use === 'xfs' &&
    record.uuid !== null &&
    device.signatures.length > 0 &&
    device.signatures.every(({ type, uuid }) => type === 'xfs' && uuid === record.uuid) &&
    device.children.length === 0 &&
    device.usedBy.length === 0 &&
    device.mounts.every((at) => at === disk.mount)
  );
};

/** May it be written to? Design: what is in use never; what carries anything, or belongs to the system disk, by its serial only. */
export const judge = (choice: Choice, all: readonly Disk[]): Verdict => {
  const { disk, device, record } = choice;
  const purpose = disk.mount ?? `use: ${disk.use}`;
  if (disk.use === 'heketi' && isHeketi(device)) return { may: 'write' };
  if (isOurs(choice)) return { may: 'write' };
  const reasons = [...against(choice), ...wholeInUse(device, all)];
  if (record?.formatted) {
    const fault: Report = {
      check: 'disk-changed',
      what: `${spoken(device)} does not carry the filesystem of ${purpose} any more`,
      why: `a filesystem was made for it before; now: ${listed(reasons) || 'blank'}`,
      next: `if that was on purpose, and nothing of it is needed: rm ${recordOf(purpose)} on the node`,
    };
    return { may: 'no', fault };
  }
  if (reasons.length === 0) {
    const system = device.type === 'part' && carriesSystem(device, all);
    return system ? { may: 'confirm', loses: 'nothing: it is blank, but belongs to the system disk' } : { may: 'write' };
  }
  const refused = (next: string): Verdict => ({
    may: 'no',
    fault: { check: 'disk-in-use', what: `${spoken(device)} is not taken for ${purpose}`, why: listed(reasons), next },
  });
  if (!isWipeable(reasons)) return refused('choose another disk; this one is refused whatever is said');
  if (!disk.wipe) return refused('choose another disk. To lose what is on it: wipe: true, and its serial when the plan asks for it');
  return { may: 'confirm', loses: listed(reasons) };
};

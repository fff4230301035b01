import type { Report } from '../../errors.ts';
import type { Disk } from '../../facts/disks.ts';
import { thinNames } from './group.ts';
import { has, type Identity, identityOf, identityText, spoken } from './identity.ts';
import type { DiskRecord } from './record.ts';
import type { Link } from './rule.ts';
import type { WantDisk, WantDisks } from './wish.ts';

export interface Seen {
  disks: readonly Disk[];
  records: ReadonlyMap<string, DiskRecord | null>;
  links: ReadonlyMap<string, Link>;
  names: ReadonlyMap<string, string>;
}

/** A disk for an entry of the file. */
export interface Choice {
  disk: WantDisk;
  device: Disk;
  identity: Identity;
  /** What shows that it was taken for this entry before: an LVM group, a record or a udev rule of ours. */
  claim: Claim | null;
  /** Of the entry's mount point. */
  record: DiskRecord | null;
}

type Claim = 'group' | 'record' | 'link';

export interface Choices {
  chosen: readonly Choice[];
  /** Why an entry has no disk, by its place in the file. */
  faults: ReadonlyMap<number, Report>;
  notes: readonly string[];
}

type Pick = { device: Disk; claim: Claim | null; identity?: Identity } | { fault: Report } | null;

const forWhat = ({ mount, link, use }: WantDisk): string => mount ?? (link === null ? `use: ${use}` : `/dev/disk/${link}`);

const selected = ({ select }: WantDisk): string => (select.by === 'match' ? 'match' : `${select.by} ${select.value}`);

/** Natural order: sdb before sdaa, nvme2n1 before nvme10n1. */
const byName = (a: Disk, b: Disk): number => a.name.length - b.name.length || (a.name < b.name ? -1 : 1);

const wwn = (text: string): string => text.toLowerCase().replace(/^0x/, '');

/** Devices that an explicit selector means. A multipath device or an array stands for what it is made of. */
const meant = ({ select }: WantDisk, { disks, names }: Seen): Disk[] => {
  if (select.by === 'match') return [];
  const { by, value } = select;
  const fits = (d: Disk): boolean => {
    if (by === 'device') return d.path === value || `/dev/${d.name.replaceAll('!', '/')}` === value || names.get(value) === d.name;
    if (by === 'path')
      return d.byPath.includes(value) || (d.type !== 'part' && d.idPath !== '' && value === `/dev/disk/by-path/${d.idPath}`);
    if (d.type === 'part' || d.type === 'lvm' || d.type === 'crypt') return false;
    return by === 'serial' ? d.serial === value || d.idSerial === value : d.wwn !== '' && wwn(d.wwn) === wwn(value);
  };
  const found = disks.filter(fits);
  const whole = found.filter((d) => found.some((member) => d.parents.includes(member.name)));
  return whole.length > 0 ? whole : found;
};

const fits = (d: Disk, select: Extract<WantDisk['select'], { by: 'match' }>): boolean =>
  d.usable &&
  d.size !== null &&
  d.size >= (select.minSize ?? 0) &&
  d.size <= (select.maxSize ?? Number.POSITIVE_INFINITY) &&
  (select.model === null || d.model === select.model) &&
  (select.rotational === null || d.rotational === select.rotational);

/** What this entry took before. An identity without a device: its disk is not plugged in. */
const claimed = (
  disk: WantDisk,
  want: WantDisks,
  { disks, records, links }: Seen,
): { by: Claim; device: Disk | undefined; identity: Identity | null } | null => {
  if (disk.use === 'thin' && disk.mount !== null) {
    const { group, tags } = thinNames(want.cluster, want.node, { mount: disk.mount });
    const device = disks.find((d) => d.group === group && tags.every((tag) => d.groupTags?.includes(tag)));
    if (device) return { by: 'group', device, identity: null };
  }
  const find = (identity: Identity) => disks.find((d) => has(d, identity));
  const record = disk.mount === null ? undefined : records.get(disk.mount)?.identity;
  if (record) return { by: 'record', identity: record, device: find(record) };
  const link = disk.link === null ? null : (links.get(disk.link)?.identity ?? null);
  return link && { by: 'link', identity: link, device: find(link) };
};

const pickClaimed = (disk: WantDisk, want: WantDisks, seen: Seen): Pick => {
  const was = claimed(disk, want, seen);
  if (was === null) return null;
  const { by, device, identity } = was;
  const named = meant(disk, seen);
  // A link may be led to another disk: nothing was written on the one before.
  const free = by === 'link' && disk.select.by !== 'match';
  if (device === undefined) {
    if (free && named.length === 1) return null;
    return {
      fault: {
        check: 'disk-missing',
        what: `the disk of ${forWhat(disk)} is not there`,
        why: `it was taken for it before: ${identity === null ? 'by its LVM group' : identityText(identity)}`,
        next: 'plug it in again. If it is lost for good, replace its brick; no other disk is taken in its place by itself',
      },
    };
  }
  const moved = disk.select.by !== 'match' && disk.select.by !== 'device' && !named.some((d) => d.name === device.name);
  if (!moved) return { device, claim: by, ...(identity && { identity }) };
  if (free) return null;
  return {
    fault: {
      check: 'disk-changed',
      what: `${forWhat(disk)} is on ${spoken(device)}, the file says ${selected(disk)}`,
      next: 'correct the file; to move a brick to another disk, give that a mount point of its own and replace the brick',
    },
  };
};

const pickNamed = (disk: WantDisk, seen: Seen): Pick => {
  const found = meant(disk, seen);
  const [device] = found;
  if (device === undefined) {
    const next = 'see what there is: glusterctl facts';
    return { fault: { check: 'disk-missing', what: `there is no disk with ${selected(disk)}, which ${forWhat(disk)} needs`, next } };
  }
  if (found.length === 1) return { device, claim: null };
  return {
    fault: {
      check: 'disk-ambiguous',
      what: `${found.length} disks have ${selected(disk)}: ${found.map((d) => d.path).join(', ')}`,
      next: 'name the one that is meant by path: (the place it is plugged in)',
    },
  };
};

const notes = (choices: readonly Choice[]): string[] =>
  choices.flatMap(({ disk, device, claim }) => {
    const { select } = disk;
    const renamed = claim !== null && select.by === 'device' && /^\/dev\/[^/]+$/.test(select.value) && select.value !== device.path;
    return renamed ? [`${forWhat(disk)}: its disk, ${select.value} in the file, is ${spoken(device)} now`] : [];
  });

const none = (disk: WantDisk): Report => ({
  check: 'disk-missing',
  what: `no free disk fits what ${forWhat(disk)} wants`,
  why: 'a disk that carries anything, or is used, is never taken by match',
  next: 'see each disk and the reasons against it: glusterctl facts',
});

/**
 * Gives each entry its disk, and each disk to one entry at most: first what was taken before, then what the file names,
 * then filters, in the file's order, which take free disks in the order of their names. Pure: the same facts give the same choice.
 */
export const choose = (want: WantDisks, seen: Seen): Choices => {
  const chosen: (Choice & { at: number })[] = [];
  const faults = new Map<number, Report>();
  const take = (at: number, disk: WantDisk, pick: Pick): void => {
    if (pick === null) return;
    if ('fault' in pick) {
      faults.set(at, pick.fault);
      return;
    }
    const other = chosen.find((c) => c.device.name === pick.device.name);
    if (other)
      faults.set(at, {
        check: 'disk-ambiguous',
        what: `${spoken(pick.device)} is wanted for ${forWhat(other.disk)} and for ${forWhat(disk)}`,
        next: 'a disk can serve one entry only',
      });
    else {
      const { device, claim, identity = identityOf(device, seen.disks) } = pick;
      chosen.push({ at, disk, device, claim, identity, record: (disk.mount !== null && seen.records.get(disk.mount)) || null });
    }
  };
  const open = (at: number) => !faults.has(at) && !chosen.some((c) => c.at === at);
  const entries = [...want.disks.entries()];

  for (const [at, disk] of entries) take(at, disk, pickClaimed(disk, want, seen));
  for (const [at, disk] of entries) if (disk.select.by !== 'match' && open(at)) take(at, disk, pickNamed(disk, seen));
  for (const [at, disk] of entries) {
    const { select } = disk;
    if (select.by !== 'match' || !open(at)) continue;
    const free = seen.disks.filter((d) => fits(d, select) && !chosen.some((c) => c.device.name === d.name)).sort(byName);
    const heketi = disk.use === 'heketi' ? seen.disks.filter((d) => isHeketi(d) && fits({ ...d, usable: true }, select)) : [];
    const room = (select.limit ?? free.length + heketi.length) - heketi.length;
    if (free.length === 0 && heketi.length === 0) faults.set(at, none(disk));
    for (const device of free.slice(0, Math.max(0, room))) take(at, disk, { device, claim: null });
  }
  const order = chosen.sort((a, b) => a.at - b.at || byName(a.device, b.device));
  return { chosen: order, faults, notes: notes(order) };
};

/** Heketi names its groups vg_ and 32 hexadecimal digits (heketi 10.4, pkg/paths). */
export const isHeketi = (device: Disk): boolean => /^vg_[0-9a-f]{32}$/.test(device.group ?? '');

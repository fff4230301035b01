import type { BlockDevice, BlockGraph, Signature } from './block-graph.ts';

/** Why a device is not to be written on. */
export interface Reason {
  code: ReasonCode;
  /** For people: what is there, with names. */
  text: string;
}

/** Nothing lifts these, neither `wipe: true` nor a serial: the device is in use, is part of the system, or is not known well enough. */
const NEVER_CODES = [
  'type',
  'unknown',
  'read-only',
  'removable',
  'too-small',
  'system-disk',
  'mounted',
  'swap',
  'lvm-group',
  'holder',
  'multipath',
  'in-use',
  'gluster-brick',
  'duplicate-wwn',
] as const;

/** Something is written on the device that nothing uses now. It may go once its loss was agreed to, by serial. */
const WIPE_CODES = [
  'partitions',
  'partition-table',
  'filesystem',
  'swap-signature',
  'lvm',
  'md',
  'luks',
  'zfs',
  'ceph',
  'btrfs',
  'bcache',
  'drbd',
] as const;

export type ReasonCode = (typeof NEVER_CODES)[number] | (typeof WIPE_CODES)[number];

export const NEVER: ReadonlySet<ReasonCode> = new Set<ReasonCode>(NEVER_CODES);

/** All that stands against the device is content that consent can give up. */
export const isWipeable = (reasons: readonly Reason[]): boolean => reasons.every((r) => !NEVER.has(r.code));

/** Bytes. mkfs.xfs(8) refuses less than 300 MB; LVM and the pool's metadata need room beside it. */
export const SMALLEST = 512 * 2 ** 20;

/** Whole disks by the kernel's name for them. What is not in here (loop, ram, zram, sr, nbd, zd, drbd, mmcblk0boot0...) is none. */
const WHOLE = /^((sd|hd|vd|xvd|ubd)[a-z]+|nvme\d+n\d+|mmcblk\d+|dasd[a-z]+|pmem\d+|(cciss|ida|rd)!c\d+d\d+)$/;

const TABLES = new Set([
  'gpt',
  'dos',
  'PMBR',
  'mac',
  'bsd',
  'sun',
  'sgi',
  'dasd',
  'atari',
  'aix',
  'ultrix',
  'unixware',
  'solaris_x86',
  'openbsd',
  'hybrid',
]);

const SYSTEM = /^\/(boot(\/.*)?|usr|var|etc|home)?$/;

/** VGs that Gluster tools make: Heketi's vg_ID, GlusterD2's gluster-dev-sdb, and what carries glusterctl's tag. */
const isGlusterGroup = (group: string, tags: readonly string[]): boolean =>
  /^vg_[0-9a-f]{32}$/.test(group) || /^gluster-dev-/.test(group) || tags.some((tag) => tag.startsWith('glusterctl'));

const ofSignature = ({ type, label }: Signature): Reason => {
  const named = label === '' ? '' : ` "${label}"`;
  if (TABLES.has(type)) return { code: 'partition-table', text: `partition table (${type})` };
  if (type === 'swap' || type === 'swsuspend') return { code: 'swap-signature', text: `swap space${named}` };
  if (/^LVM[12]_member$/.test(type)) return { code: 'lvm', text: 'LVM physical volume' };
  if (type === 'mpath_member') return { code: 'multipath', text: 'path of a multipath device' };
  if (/_raid_member$/.test(type)) return { code: 'md', text: `RAID member (${type})` };
  if (type === 'crypto_LUKS') return { code: 'luks', text: 'LUKS' };
  if (type === 'zfs_member') return { code: 'zfs', text: `ZFS pool member${named}` };
  if (/^ceph/.test(type)) return { code: 'ceph', text: `Ceph (${type})` };
  if (type === 'btrfs') return { code: 'btrfs', text: `btrfs filesystem${named}` };
  if (type === 'bcache') return { code: 'bcache', text: 'bcache' };
  if (type === 'drbd') return { code: 'drbd', text: 'DRBD' };
  return { code: 'filesystem', text: `${type} filesystem${named}` };
};

type Lookup = (name: string) => BlockDevice | undefined;

/** Every device that stands below (made of it) or above (it is made of), the device itself left out. Cycles end. */
const reach = (from: BlockDevice, next: (d: BlockDevice) => readonly string[], find: Lookup): BlockDevice[] => {
  const seen = new Map<string, BlockDevice>();
  const open = [...next(from)];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const device = find(name);
    if (device === undefined || seen.has(name) || name === from.name) continue;
    seen.set(name, device);
    open.push(...next(device));
  }
  return [...seen.values()];
};

/** A multipath device or an array is a whole disk for our purposes, made of others that are its own. */
const isCompound = (device: BlockDevice): boolean => device.type === 'mpath' || /^raid\d+$/.test(device.type ?? '');

const typeReason = (device: BlockDevice): Reason[] => {
  const { type, name } = device;
  if (type === null) return [{ code: 'unknown', text: 'unknown: what kind of device it is' }];
  if (type === 'part') return [{ code: 'type', text: 'a partition, not a whole disk' }];
  if (isCompound(device) || (type === 'disk' && WHOLE.test(name))) return [];
  return [{ code: 'type', text: `not a disk (${type === 'disk' ? name : type})` }];
};

const propertyReasons = (device: BlockDevice): Reason[] => {
  const out: Reason[] = [];
  const unknown = (what: string) => out.push({ code: 'unknown', text: `unknown: ${what}` });
  if (device.readOnly === null) unknown('whether it is read-only');
  else if (device.readOnly) out.push({ code: 'read-only', text: 'read-only' });
  if (device.removable === null) unknown('whether it is removable');
  else if (device.removable || device.transport === 'usb')
    out.push({ code: 'removable', text: device.transport === 'usb' ? 'removable (USB)' : 'removable' });
  if (device.size === null) unknown('its size');
  else if (device.size < SMALLEST)
    out.push({
      code: 'too-small',
      text: `too small (${Math.floor(device.size / 2 ** 20)} MiB, at least ${SMALLEST / 2 ** 20} are needed)`,
    });
  return out;
};

/** Reasons that a device gives by itself, whoever looks at it from above or below. `at` names it in the text. */
const useReasons = (device: BlockDevice, at: string): Reason[] => {
  const out: Reason[] = [];
  const mounts = device.mounts;
  if (mounts.some((m) => SYSTEM.test(m)) || device.swap)
    out.push({
      code: 'system-disk',
      text: `system disk (${[...mounts.filter((m) => SYSTEM.test(m)), ...(device.swap ? ['swap'] : [])].join(', ')}${at})`,
    });
  for (const m of mounts) out.push({ code: 'mounted', text: `mounted on ${m}${at}` });
  if (device.swap) out.push({ code: 'swap', text: `swap is on${at}` });
  for (const user of device.usedBy) out.push({ code: 'in-use', text: `used by ${user}${at}` });
  if (device.brick !== undefined) out.push({ code: 'gluster-brick', text: `Gluster brick at ${device.brick}${at}` });
  if (device.group !== undefined && device.group !== '') {
    out.push({ code: 'lvm-group', text: `LVM physical volume of group ${device.group}${at}` });
    if (isGlusterGroup(device.group, device.groupTags ?? []))
      out.push({ code: 'gluster-brick', text: `Gluster bricks in group ${device.group}${at}` });
  }
  if (device.multipath) out.push({ code: 'multipath', text: `path of a multipath device${at}` });
  return out;
};

const contentReasons = (device: BlockDevice): Reason[] => {
  if (device.signatures === null) return [{ code: 'unknown', text: 'unknown: what is written on it' }];
  return device.signatures.map((signature) =>
    signature.type.startsWith('LVM') && device.group === ''
      ? { code: 'lvm', text: 'LVM physical volume of no group' }
      : ofSignature(signature),
  );
};

const unique = (reasons: readonly Reason[]): Reason[] => [...new Map(reasons.map((r) => [`${r.code} ${r.text}`, r])).values()];

/** Everything that speaks against writing on this device. [] only for one that is proven to be blank and unused. */
export const reasonsAgainst = (device: BlockDevice, graph: BlockGraph): Reason[] => {
  const byName = new Map(graph.devices.map((d) => [d.name, d]));
  const find: Lookup = (name) => byName.get(name);
  const below = reach(device, (d) => d.children, find);
  const above = reach(device, (d) => d.parents, find);
  const partitions = device.children.filter((name) => find(name)?.type === 'part');
  const lost = [...device.children, ...device.parents].filter((name) => find(name) === undefined);
  const twins =
    device.wwn === ''
      ? []
      : graph.devices.filter((d) => d !== device && d.wwn === device.wwn && d.type === 'disk' && device.type === 'disk');
  // What is made of the same parents, besides this device and what it is made into: a partition of a member, a second array.
  const kin = new Set([device, ...below, ...above]);
  const strangers = isCompound(device) ? above.flatMap((a) => a.children).filter((name) => !kin.has(find(name) as BlockDevice)) : [];

  return unique([
    ...graph.unknown.map((what): Reason => ({ code: 'unknown', text: `unknown: ${what}` })),
    ...typeReason(device),
    ...propertyReasons(device),
    ...useReasons(device, ''),
    ...below.flatMap((d) => useReasons(d, `, by ${d.name}`)),
    ...(isCompound(device)
      ? above.flatMap((d) => useReasons({ ...d, multipath: false, group: undefined }, `, by its member ${d.name}`))
      : []),
    ...(partitions.length > 0 ? [{ code: 'partitions' as const, text: `partitions (${partitions.join(', ')})` }] : []),
    ...[device, ...below].flatMap((d) =>
      d.children.filter((name) => find(name)?.type !== 'part').map((name) => holderReason(name, find(name))),
    ),
    ...strangers.map((name): Reason => ({ code: 'holder', text: `a member also holds ${name}` })),
    ...lost.map((name): Reason => ({ code: 'unknown', text: `unknown: what ${name} is, which belongs to it` })),
    ...twins.map(
      (d): Reason => ({ code: 'duplicate-wwn', text: `the same disk as ${d.name} (WWN ${device.wwn}): two paths without multipath` }),
    ),
    ...contentReasons(device),
    ...below.filter((d) => d.type === 'part').flatMap((d) => contentReasons(d).map((r) => ({ ...r, text: `${r.text} on ${d.name}` }))),
  ]);
};

const holderReason = (name: string, holder: BlockDevice | undefined): Reason => {
  if (holder?.type === 'mpath') return { code: 'multipath', text: `path of the multipath device ${holder.path}` };
  return {
    code: 'holder',
    text: `held by ${holder === undefined || holder.path.endsWith(`/${name}`) ? name : `${name} (${holder.path})`}`,
  };
};

/** Remarks that stop nothing but should be known before such a disk is named in a file. */
export const remarksOn = (device: BlockDevice): Reason['text'][] =>
  device.serial === '' && device.wwn === '' && device.byId.length === 0
    ? ['unstable name: no serial number and no WWN, so only the place it is plugged in tells it from others']
    : [];

/** Devices by node that two or more nodes see under one WWN: shared storage, which two nodes must not both format. */
export const sharedBetweenNodes = (
  nodes: Readonly<Record<string, readonly { path: string; wwn: string }[]>>,
): { node: string; path: string; reason: Reason }[] => {
  const seen = new Map<string, Set<string>>();
  for (const [node, disks] of Object.entries(nodes)) {
    for (const { wwn } of disks) if (wwn !== '') seen.set(wwn, (seen.get(wwn) ?? new Set()).add(node));
  }
  return Object.entries(nodes).flatMap(([node, disks]) =>
    disks.flatMap(({ path, wwn }) => {
      const others = [...(seen.get(wwn) ?? [])].filter((n) => n !== node);
      return others.length === 0
        ? []
        : [
            {
              node,
              path,
              reason: { code: 'duplicate-wwn' as const, text: `the same WWN ${wwn} is on ${others.join(', ')}: a shared disk` },
            },
          ];
    }),
  );
};

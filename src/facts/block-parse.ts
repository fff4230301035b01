import type { FactOutput } from '../model/fact.ts';
import type { BlockDevice, BlockGraph, Signature } from './block-graph.ts';
import {
  blkid,
  flag,
  json,
  kernelName,
  lsblkRows,
  number,
  properties,
  type Row,
  rows,
  type Section,
  sections,
  sysfs,
  typeOf,
  wipefs,
  word,
  wwnOf,
} from './block-tools.ts';
import { parseMounts } from './mounts.ts';

/** All signatures any tool has seen. A tool that is there must have been able to read; the hidden ones of udev count on top. */
const signatures = (
  name: string,
  all: ReadonlyMap<string, Section>,
  row: Row | undefined,
  udev: ReadonlyMap<string, string>,
): Signature[] | null => {
  const missing = (s: Section | undefined) => s === undefined || s.code === 127;
  const tools = [all.get(`wipefs:${name}`), all.get(`blkid:${name}`)];
  const seen = [wipefs(tools[0]), blkid(tools[1])];
  // Of a partition lsblk and udev say the type of the table that it stands in: that is not on it.
  const table = word(row?.type) === 'part' ? [] : [word(row?.pttype), udev.get('ID_PART_TABLE_TYPE') ?? ''];
  const hearsay = [word(row?.fstype), udev.get('ID_FS_TYPE') ?? '', ...table];
  const known = [...seen.flatMap((s) => s ?? []), ...hearsay.filter(Boolean).map((type) => ({ type, label: '', uuid: '' }))];
  const unread = tools.every(missing) || seen.some((s, i) => s === null && !missing(tools[i]));
  if (unread && known.length === 0) return null;
  const named = new Map<string, Signature>();
  for (const s of known.filter((k) => k.type !== '')) {
    const was = named.get(s.type);
    if (was === undefined || (was.label === '' && (s.label !== '' || s.uuid !== ''))) named.set(s.type, s);
  }
  return [...named.values()];
};

const add = (map: Map<string, Set<string>>, key: string, value: string): void => {
  map.set(key, (map.get(key) ?? new Set()).add(value));
};

/** Puts together what the fragment of `disks` collected. */
export const parseBlockGraph = ({ stdout }: FactOutput): BlockGraph => {
  const all = sections(stdout);
  const unknown: string[] = [];
  if (!all.has('end')) unknown.push('the devices were not all looked at');
  const text = (name: string) => all.get(name)?.text ?? '';
  const sys = sysfs(text('sys'));
  const lsblk = lsblkRows(text('lsblk'));
  const byRow = new Map(lsblk.map((row) => [kernelName(row), row]));
  const names = [...new Set([...sys.keys(), ...byRow.keys()])].filter((n) => n !== '');

  const numbers = new Map<string, string>();
  for (const n of names) numbers.set(sys.get(n)?.get('dev') ?? word(byRow.get(n)?.['maj:min']), n);
  const mapper = new Map(names.map((n) => [sys.get(n)?.get('dm/name') ?? '', n]));
  const links = new Map<string, string>();
  const byLink = new Map<string, Set<string>>();
  for (const [, link = '', to = ''] of text('names').matchAll(/^(\S+) (?:\S*\/)?([^/\s]+)$/gm)) {
    links.set(link, to);
    add(byLink, to, link);
  }
  /** The kernel's name for a path, however it is written. */
  const resolve = (path: string): string | undefined => {
    if (!path.startsWith('/dev/')) return undefined;
    const short = path.slice(5).replaceAll('/', '!');
    if (names.includes(short)) return short;
    if (links.has(path)) return links.get(path);
    if (path.startsWith('/dev/mapper/')) return mapper.get(path.slice(12));
    const lv = /^\/dev\/([^/]+)\/([^/]+)$/.exec(path);
    return lv ? mapper.get(`${lv[1]?.replaceAll('-', '--')}-${lv[2]?.replaceAll('-', '--')}`) : undefined;
  };

  const parents = new Map<string, Set<string>>();
  const children = new Map<string, Set<string>>();
  const join = (parent: string, child: string): void => {
    if (parent === '' || child === '' || parent === child) return;
    add(children, parent, child);
    add(parents, child, parent);
  };
  for (const [name, attributes] of sys) if (attributes.has('parent')) join(attributes.get('parent') ?? '', name);
  for (const row of lsblk) join(resolve(`/dev/${word(row.pkname)}`) ?? word(row.pkname), kernelName(row));
  const tree = (list: Row[], parent: string): void => {
    for (const row of list) {
      join(parent, kernelName(row));
      tree(rows(row.children), kernelName(row));
    }
  };
  tree(rows(json(text('lsblk'))?.blockdevices), '');
  for (const line of text('links').split('\n')) {
    const holder = /^\/sys\/block\/(?:[^/]+\/)?([^/]+)\/holders\/([^/]+)$/.exec(line);
    const slave = /^\/sys\/block\/([^/]+)\/slaves\/([^/]+)$/.exec(line);
    if (holder && holder[2] !== '*') join(holder[1] ?? '', holder[2] ?? '');
    if (slave && slave[2] !== '*') join(slave[2] ?? '', slave[1] ?? '');
  }
  for (const [, array = '', members = ''] of text('mdstat').matchAll(/^(md\S*) : (.*)$/gm)) {
    for (const [, member = ''] of members.matchAll(/(\S+)\[\d+\]/g)) join(member, array);
  }

  const mounts = new Map<string, Set<string>>();
  const usedBy = new Map<string, Set<string>>();
  const mounted = mountList(text('mounts'), unknown);
  for (const m of mounted) {
    for (const name of [resolve(m.source), numbers.get(m.device)]) if (name !== undefined) add(mounts, name, m.target);
    for (const option of m.options) {
      const [key = '', path = ''] = option.split('=');
      const name = /^(logdev|rtdev|journal_path|device)$/.test(key) ? resolve(path) : undefined;
      if (name !== undefined) add(usedBy, name, `the filesystem on ${m.target}`);
    }
  }
  for (const row of lsblk) {
    const at = [row.mountpoint, ...(Array.isArray(row.mountpoints) ? row.mountpoints : [])].map(word).filter((m) => m.startsWith('/'));
    for (const m of at) add(mounts, kernelName(row), m);
  }
  // A btrfs filesystem shows as mounted from one of its devices only.
  const btrfs = new Map<string, string[]>();
  for (const [, id = '', name = ''] of text('links').matchAll(/^\/sys\/fs\/btrfs\/([^/]+)\/devices\/([^/\s*]+)$/gm))
    btrfs.set(id, [...(btrfs.get(id) ?? []), name]);
  for (const members of btrfs.values()) for (const name of members) if (!mounts.has(name)) add(usedBy, name, 'a mounted btrfs filesystem');

  const swaps = new Set<string>();
  if (all.get('swaps')?.code !== 0) unknown.push('which swap space is on');
  for (const [, path = ''] of text('swaps').matchAll(/^(\/\S+)\s+partition\b/gm)) {
    const name = resolve(path);
    if (name === undefined) unknown.push(`which device the swap space ${path} is`);
    else swaps.add(name);
  }
  for (const row of lsblk)
    if ([row.mountpoint, ...(Array.isArray(row.mountpoints) ? row.mountpoints : [])].includes('[SWAP]')) swaps.add(kernelName(row));
  for (const [name, attributes] of sys) {
    const backing = resolve(attributes.get('loop/backing_file') ?? '');
    if (backing !== undefined) add(usedBy, backing, name);
  }

  const groups = new Map<string, { group: string; tags: string[] }>();
  const pvs = all.get('pvs');
  for (const report of rows(json(pvs?.text ?? '')?.report)) {
    for (const pv of rows(report.pv)) {
      const name = resolve(word(pv.pv_name));
      if (name !== undefined) groups.set(name, { group: word(pv.vg_name), tags: word(pv.vg_tags).split(',').filter(Boolean) });
    }
  }
  const bricks = text('bricks')
    .split('\n')
    .filter((line) => line.endsWith('/.glusterfs'))
    .map((line) => line.slice(0, -'/.glusterfs'.length));
  const brickOn = (at: ReadonlySet<string> | undefined) =>
    bricks.find((brick) => [...(at ?? [])].some((m) => m !== '/' && (brick === m || brick.startsWith(`${m}/`))));

  const devices = names.map((name): BlockDevice => {
    const row = byRow.get(name);
    const attributes = sys.get(name) ?? new Map<string, string>();
    const udev = properties(all.get(`udev:${name}`));
    const found = signatures(name, all, row, udev);
    const pv = groups.get(name);
    const isPv = found?.some((s) => /^LVM[12]_member$/.test(s.type)) === true;
    const linked = [...(byLink.get(name) ?? [])].sort();
    const dmName = attributes.get('dm/name');
    const sectors = number(attributes.get('size'));
    return {
      name,
      path: dmName === undefined ? word(row?.path) || `/dev/${name.replaceAll('!', '/')}` : `/dev/mapper/${dmName}`,
      type: word(row?.type) || typeOf(name, attributes),
      size: number(row?.size) ?? (sectors === null ? null : sectors * 512),
      model: (word(row?.model) || (udev.get('ID_MODEL') ?? '')).replaceAll('_', ' ').trim(),
      serial: udev.get('ID_SERIAL_SHORT') || word(row?.serial) || (attributes.get('serial') ?? attributes.get('device/serial') ?? ''),
      idSerial: udev.get('ID_SERIAL') ?? '',
      idPath: udev.get('ID_PATH') ?? '',
      ownUuid: ownUuid(row, attributes, udev),
      wwn: wwnOf(udev.get('ID_WWN_WITH_EXTENSION') || word(row?.wwn)),
      transport: word(row?.tran) || (udev.get('ID_BUS') === 'usb' ? 'usb' : ''),
      readOnly: flag(row?.ro) ?? flag(attributes.get('ro')),
      removable: flag(row?.rm) ?? flag(attributes.get('removable')),
      rotational: flag(row?.rota) ?? flag(attributes.get('queue/rotational')),
      logicalSector: number(row?.['log-sec']) ?? number(attributes.get('queue/logical_block_size')),
      physicalSector: number(row?.['phy-sec']) ?? number(attributes.get('queue/physical_block_size')),
      byId: linked.filter((l) => l.startsWith('/dev/disk/by-id/')),
      byPath: linked.filter((l) => l.startsWith('/dev/disk/by-path/')),
      parents: [...(parents.get(name) ?? [])].sort(),
      children: [...(children.get(name) ?? [])].sort(),
      mounts: [...(mounts.get(name) ?? [])].sort(),
      swap: swaps.has(name),
      usedBy: [...(usedBy.get(name) ?? [])].sort(),
      signatures: found,
      multipath: udev.get('DM_MULTIPATH_DEVICE_PATH') === '1',
      // What pvs does not show (a filter, no LVM on the node) belongs to somebody until the contrary is known.
      group: pv?.group ?? (isPv ? '(which LVM does not show here)' : undefined),
      groupTags: pv?.tags,
      brick: brickOn(mounts.get(name)),
    };
  });
  // Dozens of loop and network devices wait unused on every node.
  const idle = (d: BlockDevice) => d.size === 0 && d.children.length === 0 && /^(loop|ram|zram|nbd|fd)\d+$/.test(d.name);
  return { devices: devices.filter((d) => !idle(d)), unknown };
};

const mountList = (text: string, unknown: string[]) => {
  try {
    return parseMounts(text);
  } catch {
    unknown.push('what is mounted');
    return [];
  }
};

const ownUuid = (
  row: Row | undefined,
  attributes: ReadonlyMap<string, string>,
  udev: ReadonlyMap<string, string>,
): BlockDevice['ownUuid'] => {
  const part = attributes.has('partition') ? udev.get('ID_PART_ENTRY_UUID') || word(row?.partuuid) : '';
  if (part) return { property: 'ID_PART_ENTRY_UUID', value: part };
  const array = attributes.has('md/level') ? udev.get('MD_UUID') : '';
  if (array) return { property: 'MD_UUID', value: array };
  const mapped = attributes.get('dm/uuid');
  return mapped ? { property: 'DM_UUID', value: mapped } : undefined;
};

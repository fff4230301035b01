import type { Signature } from './block-graph.ts';
import { frames } from './frames.ts';

export type Section = { text: string; code: number };
export type Row = Readonly<Record<string, unknown>>;

/** What each command said, by the name it was given, with its exit code. The first line is the mark of the frames. */
export const sections = (stdout: string): Map<string, Section> => {
  const [mark = ''] = stdout.split('\n', 1);
  if (!/^[0-9a-f-]{36}$/.test(mark)) return new Map();
  return new Map([...frames(stdout, mark)].map(({ name, text, code }) => [name, { text: text.replace(/\n+$/, ''), code }]));
};

export const json = (text: string): Row | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Row) : null;
  } catch {
    return null;
  }
};

export const rows = (value: unknown): Row[] =>
  Array.isArray(value) ? value.filter((v): v is Row => typeof v === 'object' && v !== null) : [];
export const word = (value: unknown): string => (typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '');
/** true, "1" and 1 in JSON of different ages. */
export const flag = (value: unknown): boolean | null => {
  if (typeof value === 'boolean') return value;
  return value === '1' || value === 1 ? true : value === '0' || value === 0 ? false : null;
};
export const number = (value: unknown): number | null => {
  const text = word(value);
  return /^\d+$/.test(text) ? Number(text) : null;
};

/** lsblk's rows without their tree: `--json` of any age, or KEY="value" pairs where values hold \xHH. */
export const lsblkRows = (text: string): Row[] => {
  const document = json(text);
  if (document !== null) {
    const flat = (list: Row[]): Row[] => list.flatMap((row) => [row, ...flat(rows(row.children))]);
    return flat(rows(document.blockdevices));
  }
  const plain = (value: string) => value.replace(/\\x([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return text
    .split('\n')
    .map((line) =>
      Object.fromEntries([...line.matchAll(/([A-Z:-]+)="((?:[^"\\]|\\.)*)"/g)].map(([, k = '', v = '']) => [k.toLowerCase(), plain(v)])),
    )
    .filter((row) => Object.keys(row).length > 0);
};

/** `path:value` lines of grep, by device and attribute; a folder with a `partition` file is a device of its own. */
export const sysfs = (text: string): Map<string, Map<string, string>> => {
  const found = new Map<string, Map<string, string>>();
  const lines = [...text.matchAll(/^\/sys\/block\/([^/:]+)\/([^:]+):(.*)$/gm)].map(([, disk = '', path = '', value = '']) => ({
    disk,
    path,
    value,
  }));
  const partitions = new Set(lines.filter((l) => l.path.endsWith('/partition')).map((l) => `${l.disk}/${l.path.split('/', 1)[0]}`));
  for (const { disk, path, value } of lines) {
    const [first = '', second = ''] = path.split('/');
    const own = partitions.has(`${disk}/${first}`);
    const name = own ? first : disk;
    const at = found.get(name) ?? new Map<string, string>();
    found.set(name, at.set(own ? second : path, value.trim()));
    if (own) at.set('parent', disk);
  }
  return found;
};

export const typeOf = (name: string, attributes: ReadonlyMap<string, string>): string | null => {
  if (attributes.has('partition')) return 'part';
  const dm = attributes.get('dm/uuid')?.split('-', 1)[0];
  if (name.startsWith('dm-'))
    return dm === 'LVM' ? 'lvm' : dm === 'CRYPT' ? 'crypt' : dm === 'mpath' ? 'mpath' : /^part\d+$/.test(dm ?? '') ? 'part' : 'dm';
  if (name.startsWith('md')) return attributes.get('md/level') || 'md';
  if (/^loop/.test(name)) return 'loop';
  return /^sr/.test(name) ? 'rom' : attributes.size > 0 ? 'disk' : null;
};

export const wipefs = (section: Section | undefined): Signature[] | null => {
  if (section === undefined || section.code !== 0) return null;
  const document = json(section.text);
  if (document !== null) return rows(document.signatures).map((s) => ({ type: word(s.type), label: word(s.label), uuid: word(s.uuid) }));
  // "offset,uuid,label,type", under a header line or not: that differs between releases. A label may hold commas.
  const lines = section.text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const values = line.split(',');
    return { type: values.at(-1) || 'unknown', uuid: values[1] ?? '', label: values.slice(2, -1).join(',') };
  });
};

/** Exit 2 is "nothing found", 8 "more than one, and no saying which"; blkid(8). */
export const blkid = (section: Section | undefined): Signature[] | null => {
  if (section === undefined) return null;
  if (section.code === 2) return [];
  if (section.code === 8) return [{ type: 'ambivalent', label: '', uuid: '' }];
  if (section.code !== 0) return null;
  const values = new Map([...section.text.matchAll(/^([A-Z_]+)=(.*)$/gm)].map((m) => [m[1] ?? '', m[2] ?? '']));
  const one = (type: string): Signature => ({ type, label: values.get('LABEL') ?? '', uuid: values.get('UUID') ?? '' });
  // A partition is described by its entry alone (PART_ENTRY_...): that is no content.
  return [values.get('TYPE'), values.get('PTTYPE')].filter((t) => t !== undefined && t !== '').map((t) => one(t as string));
};

export const properties = (section: Section | undefined): Map<string, string> =>
  new Map([...(section?.text ?? '').matchAll(/^([A-Z0-9_]+)=(.*)$/gm)].map((m) => [m[1] ?? '', m[2] ?? '']));

export const kernelName = (row: Row): string => (word(row.kname) || word(row.name)).replace(/^\/dev\//, '').replaceAll('/', '!');

/** Disks that were never given one report zeros. */
export const wwnOf = (wwn: string): string => (/^(eui\.|naa\.|0x)?0*$/.test(wwn) ? '' : wwn);

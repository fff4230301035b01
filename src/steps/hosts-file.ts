/** One line of hosts(5). */
export interface HostsLine {
  address: string;
  names: readonly string[];
}

/** A line outside the block that leads a name elsewhere. `line` counts from 1. */
export interface Conflict {
  line: number;
  name: string;
  address: string;
  wanted: string;
}

export interface Edited {
  text: string;
  conflicts: readonly Conflict[];
  /** Line of a block's begin that has no end; null where there is none. */
  open: number | null;
}

export const begin = (cluster: string): string => `# BEGIN glusterctl ${cluster}`;
export const end = (cluster: string): string => `# END glusterctl ${cluster}`;

const isLoopback = (address: string): boolean => /^(127\.|::1$)/.test(address);
const isV6 = (address: string): boolean => address.includes(':');
const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const parse = (line: string): HostsLine => {
  const [address = '', ...names] = line
    .replace(/#.*/s, '')
    .split(/\s+/)
    .filter((word) => word !== '');
  return { address, names };
};

const linesOf = (text: string): string[] => text.split(/(?<=\n)/).filter((line) => line !== '');

/** A name of the node itself: its name, and that name with or without a domain. */
const isOwn = (own: string, name: string): boolean =>
  same(own, name) || name.toLowerCase().startsWith(`${own.toLowerCase()}.`) || own.toLowerCase().startsWith(`${name.toLowerCase()}.`);

/** The line without the names; '' when none is left. All other bytes stay. */
const without = (line: string, drop: (name: string) => boolean): string => {
  const names = parse(line).names.filter((name) => !drop(name));
  if (names.length === 0) return '';
  const [entry = '', comment = ''] = line.split(/(?=#)(.*)/s);
  return entry.replace(/\s+(\S+)/g, (all, name: string, at: number) => (at > 0 && drop(name) ? '' : all)) + comment;
};

interface Part {
  line: string;
  /** From 1. */
  number: number;
  inside: boolean;
}

const parts = (text: string, cluster: string): { list: Part[]; open: number | null } => {
  const lines = linesOf(text);
  const list: Part[] = [];
  let open: number | null = null;
  for (const [i, line] of lines.entries()) {
    if (open === null && line.trim() === begin(cluster) && !lines.slice(i).some((l) => l.trim() === end(cluster))) {
      return { list: [], open: i + 1 };
    }
    if (line.trim() === begin(cluster)) open ??= i + 1;
    list.push({ line, number: i + 1, inside: open !== null });
    if (line.trim() === end(cluster)) open = null;
  }
  return { list, open };
};

/**
 * All names of the node itself that lead to a loopback address, or that stand in the block's own line, in the file's
 * order. They move to the storage address together, so that `hostname -f` gives what it gave before.
 */
export const ownNames = (text: string, cluster: string, own: string): string[] => {
  const found = parts(text, cluster).list.flatMap(({ line, inside }) => {
    const { address, names } = parse(line);
    return inside || isLoopback(address) ? names.filter((name) => isOwn(own, name)) : [];
  });
  const all = found.some((name) => same(name, own)) ? found : [own];
  return all.filter((name, i) => all.findIndex((other) => same(other, name)) === i);
};

/**
 * The text with the cluster's block in it, in the place where it was, else at the end. `own`: the node's own name, which
 * loopback lines lose; a line that has no name left goes. Every other byte stays.
 */
export const withBlock = (text: string, cluster: string, own: string, entries: readonly HostsLine[]): Edited => {
  const { list, open } = parts(text, cluster);
  if (open !== null) return { text, conflicts: [], open };
  const wanted = new Map(entries.flatMap(({ address, names }) => names.map((name) => [name.toLowerCase(), address] as const)));
  const block = [begin(cluster), ...entries.map(({ address, names }) => `${address} ${names.join(' ')}`), end(cluster)]
    .map((line) => `${line}\n`)
    .join('');

  const conflicts: Conflict[] = [];
  const out: string[] = [];
  let placed = false;
  for (const { line, number, inside } of list) {
    if (inside) {
      if (!placed) out.push(block);
      placed = true;
      continue;
    }
    const { address, names } = parse(line);
    const drop = (name: string): boolean => isLoopback(address) && isOwn(own, name);
    const ours = names.some((name) => isLoopback(address) && same(name, own));
    for (const name of ours ? names.filter((n) => !drop(n)) : names) {
      const other = wanted.get(name.toLowerCase());
      if (other !== undefined && other !== address && (isLoopback(address) || isV6(other) === isV6(address))) {
        conflicts.push({ line: number, name, address, wanted: other });
      }
    }
    out.push(ours ? without(line, drop) : line);
  }
  const kept = out.join('');
  if (placed) return { text: kept, conflicts, open: null };
  return { text: kept === '' || kept.endsWith('\n') ? kept + block : `${kept}\n${block}`, conflicts, open: null };
};

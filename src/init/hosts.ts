/** A host as it was typed: no name yet where only an address was. */
export interface HostWish {
  name: string | null;
  address: string;
  user: string | null;
  port: number | null;
}

export type ParsedHosts = { ok: true; hosts: HostWish[] } | { ok: false; why: string };

const LIMIT = 1000;

/** What one pair of brackets stands for: `1-3`, `01-12`, `1,3,7-9`. Leading zeros set the width, as in pdsh and clush. */
const expandSet = (text: string): string[] | null => {
  const out: string[] = [];
  for (const part of text.split(',')) {
    const [, from, to] = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part) ?? [];
    if (from === undefined) return null;
    const [first, last] = [Number(from), Number(to ?? from)];
    if (last < first || last - first >= LIMIT) return null;
    for (let n = first; n <= last; n += 1) out.push(String(n).padStart(from.length, '0'));
  }
  return out;
};

/** `node[1-3]` -> node1, node2, node3; several brackets multiply. null: a bracket that is no range, or more than 1000. */
export const expandRange = (text: string): string[] | null => {
  const open = text.indexOf('[');
  if (open === -1) return text.includes(']') ? null : [text];
  const close = text.indexOf(']', open);
  const set = close === -1 ? null : expandSet(text.slice(open + 1, close));
  const rest = close === -1 ? null : expandRange(text.slice(close + 1));
  if (!set || !rest || set.length * rest.length > LIMIT) return null;
  return set.flatMap((middle) => rest.map((end) => `${text.slice(0, open)}${middle}${end}`));
};

const isIpv4 = (text: string): boolean => /^(\d{1,3})(\.\d{1,3}){3}$/.test(text) && text.split('.').every((n) => Number(n) <= 255);
/** Two colons at least: one alone is a port. */
const isIpv6 = (text: string): boolean => /^[0-9a-f:.]*:[0-9a-f:.]*:[0-9a-f:.]*(%\w+)?$/i.test(text);
export const isIp = (text: string): boolean => isIpv4(text) || isIpv6(text);

interface Place {
  user: string | null;
  host: string;
  port: number | null;
}

/** `user@host:port`; an IPv6 address with a port is in brackets. */
const placeOf = (text: string): Place | null => {
  const at = text.lastIndexOf('@');
  const user = at > 0 ? text.slice(0, at) : null;
  const rest = text.slice(at + 1);
  const bracketed = /^\[([0-9a-f:.]*:[0-9a-f:.]*)\](?::(\d{1,5}))?$/i.exec(rest);
  const plain = isIpv6(rest) ? null : /^([^:[\]]+)(?::(\d{1,5}))?$/.exec(rest);
  const host = isIpv6(rest) ? rest : (bracketed?.[1] ?? plain?.[1]);
  const port = bracketed?.[2] ?? plain?.[2];
  if (at === 0 || host === undefined || (port !== undefined && (Number(port) < 1 || Number(port) > 65535))) return null;
  return { user, host, port: port === undefined ? null : Number(port) };
};

const wish = (name: string | null, { user, host, port }: Place): HostWish => ({
  name: name ?? (isIp(host) ? null : host),
  address: host,
  user,
  port,
});

/** A bracket that holds an IPv6 address is no range. */
const spread = (text: string): string[] | null => (/\[[0-9a-f]*:/i.test(text) ? [text] : expandRange(text));

const no = (word: string, why: string): ParsedHosts => ({ ok: false, why: `${word}: ${why}` });

/** One word: NAME, ADDRESS, NAME=ADDRESS, each with ranges, USER@ before and :PORT after the address. */
const parseWord = (word: string): ParsedHosts => {
  const [left = '', right, more] = word.split('=');
  if (more !== undefined || left === '' || right === '') return no(word, 'a host is NAME, ADDRESS or NAME=ADDRESS');
  const names = right === undefined ? null : expandRange(left);
  const places = spread(right ?? left);
  if (!places || (right !== undefined && !names)) return no(word, 'a range is such as node[1-3] or node[1,3,5-7], at most 1000 hosts');
  if (names && names.length !== places.length)
    return no(word, `${names.length} name${names.length === 1 ? '' : 's'} for ${places.length} addresses`);
  const hosts: HostWish[] = [];
  for (const [i, text] of places.entries()) {
    const place = placeOf(text);
    if (!place) return no(text, 'an address is HOST, USER@HOST, HOST:PORT or [IPv6]:PORT');
    hosts.push(wish(names?.[i] ?? null, place));
  }
  return { ok: true, hosts };
};

/** A line of /etc/hosts (address, then names), or a name and its address beside it, as tables have them. */
const parsePair = (words: readonly string[]): HostWish | null => {
  const [first = '', second = ''] = words;
  if (words.length < 2 || words.some((w) => /[=[\]@,]/.test(w))) return null;
  if (isIp(first) && words.slice(1).every((w) => !isIp(w))) return wish(second, { user: null, host: first, port: null });
  if (words.length === 2 && !isIp(first) && isIp(second)) return wish(first, { user: null, host: second, port: null });
  return null;
};

/** Commas separate hosts, but not inside of brackets. */
const wordsOf = (line: string): string[] => line.split(/[\s;]+|,(?![^[\]]*\])/).filter(Boolean);

/** Names that would stand twice; the address of each tells them apart in the text. */
const twice = (hosts: readonly HostWish[]): string | null => {
  const seen = new Set<string>();
  for (const { name, address, port } of hosts) {
    const place = `${address} port ${port ?? 'default'}`;
    for (const key of [name === null ? null : `the name ${name.toLowerCase()}`, `the host ${place}`]) {
      if (key !== null && seen.has(key)) return `${key} is there twice`;
      if (key !== null) seen.add(key);
    }
  }
  return null;
};

/**
 * Hosts out of what a person types or pastes: words separated by blanks or commas, ranges, lines of /etc/hosts,
 * a list with bullets. `#` begins a comment.
 */
export const parseHosts = (text: string): ParsedHosts => {
  const hosts: HostWish[] = [];
  for (const raw of text.split(/\r?\n/)) {
    const line = raw
      .replace(/(^|\s)#.*$/, '')
      .replace(/^\s*[-*]\s+/, '')
      .trim();
    const words = wordsOf(line);
    const pair = parsePair(words);
    if (pair) {
      hosts.push(pair);
      continue;
    }
    for (const word of words) {
      const parsed = parseWord(word);
      if (!parsed.ok) return parsed;
      hosts.push(...parsed.hosts);
    }
  }
  if (hosts.length === 0) return { ok: false, why: 'at least one host' };
  if (hosts.length > LIMIT) return { ok: false, why: `at most ${LIMIT} hosts` };
  const same = twice(hosts);
  return same === null ? { ok: true, hosts } : { ok: false, why: same };
};

/** As one word that parseHosts reads back to the same. */
export const hostWord = ({ name, address, user, port }: HostWish): string => {
  const host = port !== null && address.includes(':') ? `[${address}]` : address;
  const place = `${user === null ? '' : `${user}@`}${host}${port === null ? '' : `:${port}`}`;
  return name === null || name === address ? place : `${name}=${place}`;
};

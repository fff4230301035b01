import { createHash, createHmac } from 'node:crypto';

/** A line of a known_hosts file, as sshd(8) describes it. */
export interface KnownHost {
  marker: 'revoked' | 'cert-authority' | null;
  hosts: string;
  /** As the key itself says, not as the line does. */
  type: string;
  key: Buffer;
  file: string;
  /** From 1. */
  line: number;
}

export interface Place {
  name: string;
  port: number;
}

/** The type that stands at the head of a public key; '' when it is none. */
export const keyType = (key: Buffer): string => {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  return length > 0 && length <= key.length - 4 && length < 100 ? key.toString('latin1', 4, 4 + length) : '';
};

/** As ssh-keygen -l prints it. */
export const fingerprint = (key: Buffer): string => `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** Lines that hold no key that can be read are passed over, as ssh does. */
export const parseKnownHosts = (text: string, file: string): KnownHost[] =>
  text.split('\n').flatMap((raw, i): KnownHost[] => {
    const words = raw.trim().split(/[ \t]+/);
    if (words[0] === undefined || words[0] === '' || words[0].startsWith('#')) return [];
    const marker = words[0] === '@revoked' ? 'revoked' : words[0] === '@cert-authority' ? 'cert-authority' : null;
    if (words[0].startsWith('@') && marker === null) return [];
    const [hosts, , base64] = marker ? words.slice(1) : words;
    if (hosts === undefined || base64 === undefined) return [];
    const key = Buffer.from(base64, 'base64');
    const type = keyType(key);
    return type === '' ? [] : [{ marker, hosts, type, key, file, line: i + 1 }];
  });

/** As it stands in a file: the port only when it is not 22. */
export const written = ({ name, port }: Place): string => (port === 22 ? name : `[${name}]:${port}`);

const wildcard = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern
      .toLowerCase()
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*+/g, '.*')
      .replaceAll('?', '.')}$`,
    's',
  );

/** Whether the first field of a line means this name: hashed, or patterns of which a `!` one vetoes. */
export const meansHost = (hosts: string, name: string): boolean => {
  const hashed = /^\|1\|([^|]+)\|([^|]+)$/.exec(hosts);
  if (hashed) {
    const [, salt = '', hash = ''] = hashed;
    return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest().equals(Buffer.from(hash, 'base64'));
  }
  let found = false;
  for (const item of hosts.split(',')) {
    const veto = item.startsWith('!');
    const pattern = veto ? item.slice(1) : item;
    if (pattern === '' || !wildcard(pattern).test(name.toLowerCase())) continue;
    if (veto) return false;
    found = true;
  }
  return found;
};

export type Verdict =
  | { is: 'known' }
  | { is: 'revoked'; by: KnownHost }
  /** Known by other keys: `by` holds them all. */
  | { is: 'changed'; by: readonly KnownHost[] }
  | { is: 'unknown'; authorities: readonly KnownHost[] };

/** What the lines say of a place: those for its port, and, as ssh does, those for its bare name when the port is another. */
export const linesFor = (lines: readonly KnownHost[], place: Place): { exact: KnownHost[]; bare: KnownHost[] } => {
  const exact = lines.filter((l) => meansHost(l.hosts, written(place)));
  return { exact, bare: place.port === 22 ? [] : lines.filter((l) => meansHost(l.hosts, place.name)) };
};

export const judge = (lines: readonly KnownHost[], place: Place, key: Buffer): Verdict => {
  const { exact, bare } = linesFor(lines, place);
  const revoked = [...exact, ...bare].find((l) => l.marker === 'revoked' && l.key.equals(key));
  if (revoked) return { is: 'revoked', by: revoked };
  const trusted = exact.filter((l) => l.marker === null);
  if (trusted.some((l) => l.key.equals(key))) return { is: 'known' };
  if (trusted.length > 0) return { is: 'changed', by: trusted };
  if (bare.some((l) => l.marker === null && l.key.equals(key))) return { is: 'known' };
  return { is: 'unknown', authorities: exact.filter((l) => l.marker === 'cert-authority') };
};

/** Key types by which a place is known, for the order in which they are asked for. */
export const knownTypes = (lines: readonly KnownHost[], place: Place): string[] => {
  const { exact, bare } = linesFor(lines, place);
  const trusted = exact.filter((l) => l.marker === null);
  return [...new Set((trusted.length > 0 ? trusted : bare.filter((l) => l.marker === null)).map((l) => l.type))];
};

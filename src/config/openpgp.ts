import { createHash } from 'node:crypto';

/** A file that holds OpenPGP keys cannot be used; the message says why. */
export class BadKey extends Error {}

const ARMOR = /-----BEGIN PGP PUBLIC KEY BLOCK-----[^\S\n]*\r?\n([\s\S]*?)-----END PGP PUBLIC KEY BLOCK-----/g;

/** Armor headers end at an empty line; a CRC line ("=" and four characters) may follow the data and is not needed (RFC 9580, 6.1). */
const dearmor = (block: string): Buffer => {
  const lines = block.split(/\r?\n/).map((line) => line.trim());
  const start = lines.findIndex((line) => !/^[A-Za-z]+:/.test(line));
  const body = lines
    .slice(start)
    .filter((line) => line !== '' && !/^=[A-Za-z0-9+/]{4}$/.test(line))
    .join('');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(body)) throw new BadKey('the armored block is not base64');
  return Buffer.from(body, 'base64');
};

const binary = (file: Buffer): Buffer => {
  // A packet has its highest bit set, which no ASCII text has; EF is what a byte order mark begins with.
  if (((file[0] ?? 0) & 0x80) !== 0 && file[0] !== 0xef) return file;
  const text = file.toString('latin1');
  if (text.includes('-----BEGIN PGP PRIVATE KEY BLOCK-----')) throw new BadKey('it holds a private key; export the public one');
  const blocks = [...text.matchAll(ARMOR)].map(([, block]) => dearmor(block ?? ''));
  if (blocks.length === 0) throw new BadKey('it holds no OpenPGP public key');
  return Buffer.concat(blocks);
};

interface Packet {
  tag: number;
  body: Buffer;
}

/** RFC 9580, 4.2. Partial and indeterminate lengths are for data, never for keys. */
const packets = (bytes: Buffer): Packet[] => {
  const found: Packet[] = [];
  let at = 0;
  const number = (size: number): number => {
    if (at + size > bytes.length) throw new BadKey('it is cut off');
    at += size;
    return bytes.readUIntBE(at - size, size);
  };
  while (at < bytes.length) {
    const head = number(1);
    if ((head & 0x80) === 0) throw new BadKey('it is not made of OpenPGP packets');
    let length: number;
    if (head & 0x40) {
      const one = number(1);
      if (one >= 224 && one < 255) throw new BadKey('it has a packet of partial length');
      length = one < 192 ? one : one < 224 ? ((one - 192) << 8) + number(1) + 192 : number(4);
    } else {
      if ((head & 3) === 3) throw new BadKey('it has a packet of indeterminate length');
      length = number(1 << (head & 3));
    }
    if (at + length > bytes.length) throw new BadKey('it is cut off');
    found.push({ tag: head & 0x40 ? head & 0x3f : (head >> 2) & 0x0f, body: bytes.subarray(at, at + length) });
    at += length;
  }
  return found;
};

/** RFC 9580, 5.5.4: v4 is SHA-1 over 0x99, two bytes of length and the packet; v6 SHA-256 over 0x9b and four bytes of length. */
const fingerprintOf = (body: Buffer): string => {
  const version = body[0];
  const head = Buffer.alloc(version === 6 ? 5 : 3);
  if (version === 4) {
    head.writeUInt8(0x99);
    head.writeUInt16BE(body.length, 1);
  } else if (version === 6) {
    head.writeUInt8(0x9b);
    head.writeUInt32BE(body.length, 1);
  } else {
    throw new BadKey(`it is a key of OpenPGP version ${version ?? 'none'}; 4 and 6 can be used`);
  }
  return createHash(version === 4 ? 'sha1' : 'sha256')
    .update(head)
    .update(body)
    .digest('hex')
    .toUpperCase();
};

/** RFC 9580, 6.1.1. Optional there, but the parser in rpm before 4.19 wants it. */
const crc24 = (bytes: Buffer): Buffer => {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x800000 ? ((crc << 1) ^ 0x864cfb) & 0xffffff : crc << 1;
  }
  return Buffer.from([crc >> 16, (crc >> 8) & 0xff, crc & 0xff]);
};

const armor = (bytes: Buffer): string =>
  [
    '-----BEGIN PGP PUBLIC KEY BLOCK-----',
    '',
    ...(bytes.toString('base64').match(/.{1,64}/g) ?? []),
    `=${crc24(bytes).toString('base64')}`,
    '-----END PGP PUBLIC KEY BLOCK-----',
    '',
  ].join('\n');

export interface PublicKeys {
  /** Armored anew, so that the same key always is the same text. */
  text: string;
  /** Of the primary keys, upper-case hexadecimal. */
  fingerprints: readonly string[];
}

/** Reads an armored or binary file of OpenPGP public keys. Throws BadKey. */
export const readPublicKeys = (file: Buffer): PublicKeys => {
  const bytes = binary(file);
  const all = packets(bytes);
  if (all.some(({ tag }) => tag === 5 || tag === 7)) throw new BadKey('it holds a private key; export the public one');
  if (all[0]?.tag !== 6) throw new BadKey('it does not begin with a public key');
  return { text: armor(bytes), fingerprints: all.filter(({ tag }) => tag === 6).map(({ body }) => fingerprintOf(body)) };
};

import { readFile } from 'node:fs/promises';
import type { ParsedKey } from 'ssh2';
import type { Ssh2 } from './ssh2.ts';

/** A private key file, as far as it can be read without its passphrase. */
export interface KeyFile {
  path: string;
  encrypted: boolean;
  /** null: an old format, encrypted, and no .pub beside it. */
  publicKey: ParsedKey | null;
  /** null: encrypted, or only a public key. */
  privateKey: ParsedKey | null;
  /** The private key; an Error when the passphrase is wrong. */
  unlock(passphrase: string): ParsedKey | Error;
}

/** ssh2 gives a list for OpenSSH's own format, which may hold several keys but never does. */
const parse = (ssh2: Ssh2, data: Buffer | string, passphrase?: string): ParsedKey | Error => {
  const parsed: ParsedKey | ParsedKey[] | Error = ssh2.utils.parseKey(data, passphrase);
  return Array.isArray(parsed) ? (parsed[0] ?? new Error('no key in it')) : parsed;
};

/** The public key of an encrypted file in OpenSSH's format stands in it in the clear (PROTOCOL.key of OpenSSH). */
export const clearPublicKey = (pem: string): Buffer | null => {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(pem)?.[1];
  if (body === undefined) return null;
  const data = Buffer.from(body, 'base64');
  let at = 'openssh-key-v1\0'.length;
  const field = (): Buffer => {
    const length = data.readUInt32BE(at);
    at += 4 + length;
    return data.subarray(at - length, at);
  };
  try {
    field(); // cipher
    field(); // key derivation
    field(); // its options
    at += 4; // number of keys
    return field();
  } catch {
    return null;
  }
};

const text = async (path: string): Promise<string | null> => {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw error;
  }
};

/** null: there is no such file. Throws with a reason when it holds no key that can be used. */
export const readKeyFile = async (ssh2: Ssh2, path: string): Promise<KeyFile | null> => {
  const pem = await text(path);
  if (pem === null) return null;
  const unlock = (passphrase: string) => parse(ssh2, pem, passphrase);
  const key = parse(ssh2, pem);
  if (!(key instanceof Error)) return { path, encrypted: false, publicKey: key, privateKey: key.isPrivateKey() ? key : null, unlock };
  if (!/no passphrase given/.test(key.message)) {
    if (/BEGIN (ENCRYPTED )?PRIVATE KEY/.test(pem))
      throw new Error(`PKCS#8 is not read; write it anew in OpenSSH's format: ssh-keygen -p -f ${path}`);
    throw new Error(key.message);
  }
  const beside = clearPublicKey(pem) ?? (await text(`${path}.pub`));
  const publicKey = beside === null ? key : parse(ssh2, beside);
  return { path, encrypted: true, publicKey: publicKey instanceof Error ? null : publicKey, privateKey: null, unlock };
};

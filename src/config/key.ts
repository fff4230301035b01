import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, ConnectError, GlusterctlError, Refused } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import { knownKey, seriesOf } from './known-keys.ts';
import { BadKey, readPublicKeys } from './openpgp.ts';

export interface SigningKey {
  /** Armored. */
  text: string;
  /** Upper-case hexadecimal, 40 digits (OpenPGP v4) or 64 (v6). */
  fingerprint: string;
}

export interface KeyOptions {
  /** Keys out of the network are kept here by fingerprint, so that a plan that changes nothing needs no network. */
  stateDir: string;
  fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds for one download; default 20 s. */
  timeout?: number | undefined;
}

const LIMIT = 1024 * 1024;
const isUrl = (source: string): boolean => source.startsWith('https://');
const causeOf = (error: unknown): string =>
  error instanceof Error
    ? [error.message, error.cause instanceof Error ? error.cause.message : ''].filter(Boolean).join(': ')
    : String(error);

/** The body of an https URL, at most 1 MiB; null when the server says that there is none. */
const download = async (url: string, { fetch = globalThis.fetch, timeout = 20_000 }: KeyOptions): Promise<Buffer | null> => {
  const failed = (why: string) =>
    new ConnectError({ what: `cannot download the signing key ${url}`, why, next: 'download it by hand and name the file in gluster.key' });
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeout), headers: { accept: '*/*' } });
    if (response.status === 404 || response.status === 410) return null;
    if (!response.ok) throw failed(`the server answers ${response.status} ${response.statusText}`.trim());
    if (response.url !== '' && !isUrl(response.url)) throw failed(`it leads to ${response.url}, which is not https`);
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of response.body ?? []) {
      length += part.length;
      if (length > LIMIT) throw failed('it is larger than 1 MiB, so it is no key');
      parts.push(part);
    }
    return Buffer.concat(parts);
  } catch (error) {
    throw error instanceof GlusterctlError ? error : failed(causeOf(error));
  }
};

const readLocal = async (path: string): Promise<Buffer> => {
  try {
    const file = await readFile(path);
    if (file.length <= LIMIT) return file;
  } catch (error) {
    throw new ConfigError({
      what: `cannot read the signing key ${path}`,
      why: causeOf(error),
      next: 'mend gluster.key in the cluster file',
    });
  }
  throw new ConfigError({ what: `${path} is larger than 1 MiB, so it is no key`, next: 'mend gluster.key in the cluster file' });
};

/** The key in `file` when it is the one key with this fingerprint. `source` is for the error only. */
export const checkKey = (file: Buffer, fingerprint: string, source: string): SigningKey => {
  try {
    const { text, fingerprints } = readPublicKeys(file);
    if (fingerprints.length > 1) {
      throw new Refused({
        what: `${source} holds ${fingerprints.length} keys`,
        why: `a repository would trust all of them: ${fingerprints.join(', ')}`,
        next: `export the one that is wanted: gpg --armor --export ${fingerprint}`,
      });
    }
    if (fingerprints[0] !== fingerprint) {
      throw new Refused({
        what: `the key ${source} is not the one that is trusted`,
        why: `its fingerprint is ${fingerprints[0]}\nand should be      ${fingerprint}`,
        next: 'find out from the publisher of the repository, by another way than this download, which of the two is right',
      });
    }
    return { text, fingerprint };
  } catch (error) {
    if (!(error instanceof BadKey)) throw error;
    throw new ConfigError({
      what: `${source} cannot be used as a signing key`,
      why: error.message,
      next: 'give the public key of the repository, armored or binary',
    });
  }
};

const cachePath = (stateDir: string, fingerprint: string): string => join(stateDir, 'keys', `${fingerprint}.asc`);

/** What is cached was checked before, and is checked again: a damaged file is fetched anew. */
const cached = async (stateDir: string, fingerprint: string): Promise<SigningKey | null> => {
  try {
    const path = cachePath(stateDir, fingerprint);
    return checkKey(await readFile(path), fingerprint, path);
  } catch {
    return null;
  }
};

const cache = async (stateDir: string, key: SigningKey): Promise<void> => {
  const path = cachePath(stateDir, key.fingerprint);
  await mkdir(join(stateDir, 'keys'), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.${process.pid}`, key.text, { mode: 0o600 });
  await rename(`${path}.${process.pid}`, path);
};

/** Keeps a key that a node trusts already, so that a file with its fingerprint needs no download. null: it is no single key. */
export const keepSigningKey = async (file: Buffer, stateDir: string): Promise<string | null> => {
  try {
    const { text, fingerprints } = readPublicKeys(file);
    const [fingerprint, ...more] = fingerprints;
    if (fingerprint === undefined || more.length > 0) return null;
    await cache(stateDir, { text, fingerprint });
    return fingerprint;
  } catch (error) {
    if (!(error instanceof BadKey)) throw error;
    return null;
  }
};

/**
 * The key with this fingerprint from the first source that has one: a file, or https URLs.
 * Throws ConfigError (no usable key), ConnectError (download), Refused (another key, or several).
 */
export const readSigningKey = async (sources: readonly string[], fingerprint: string, options: KeyOptions): Promise<SigningKey> => {
  const [first] = sources;
  if (first !== undefined && !isUrl(first)) return checkKey(await readLocal(first), fingerprint, first);
  const kept = await cached(options.stateDir, fingerprint);
  if (kept !== null) return kept;
  for (const url of sources) {
    const file = await download(url, options);
    if (file === null) continue;
    const key = checkKey(file, fingerprint, url);
    await cache(options.stateDir, key);
    return key;
  }
  throw new ConnectError({
    what: 'the signing key is at none of its known places',
    why: sources.join('\n'),
    next: 'get the key by another way and name the file in gluster.key, its fingerprint in gluster.fingerprint',
  });
};

/** The key that signs the cluster's repository for a package format; null where the source brings none for it. */
export const signingKey = async (
  cluster: Pick<Cluster, 'gluster'>,
  format: 'deb' | 'rpm',
  options: KeyOptions,
): Promise<SigningKey | null> => {
  const { gluster } = cluster;
  const own = gluster.key?.[format] ?? null;
  const known = knownKey(gluster, format);
  if (own === null && known === null) return null;
  const fingerprint = gluster.fingerprint?.[format] ?? known?.fingerprint ?? null;
  if (fingerprint === null) {
    throw new ConfigError({
      what: `the key of the ${gluster.source} packages of GlusterFS ${seriesOf(gluster.version)} is not known to glusterctl`,
      next: 'give gluster.fingerprint, and gluster.key where the key is not at its usual place',
    });
  }
  return readSigningKey(own === null ? (known?.urls ?? []) : [own], fingerprint, options);
};

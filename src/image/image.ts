import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { ConfigError, Refused } from '../errors.ts';
import type { Grml } from '../model/cluster.ts';
import { download, downloadPath } from './download.ts';
import { checkSignature } from './signature.ts';

/** The live system's image on this machine; it is what the cluster file says it is. */
export interface CheckedImage {
  path: string;
  /** File name, without folders. */
  name: string;
  /** Bytes. */
  size: number;
  /** Lower-case hexadecimal. */
  sha256: string;
}

export interface ImageOptions {
  cacheDir: string;
  signal?: AbortSignal | undefined;
  /** Told what takes its time. */
  say: (text: string) => void;
  fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds without a byte after which a download is given up; default 60 s. */
  idle?: number | undefined;
}

export const isUrl = (iso: string): boolean => /^https?:\/\//.test(iso);

/** File name of the image, wherever it comes from. */
export const imageName = (iso: string): string => basename(isUrl(iso) ? new URL(iso).pathname : iso) || 'grml.iso';

/** Where the image is on this machine; of a URL: where it is once it has been downloaded. */
export const imageFile = ({ iso }: Pick<Grml, 'iso'>, cacheDir: string): string => (isUrl(iso) ? downloadPath(iso, cacheDir) : iso);

const sha256Of = async (path: string, signal?: AbortSignal): Promise<string> => {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, signal ? { signal } : {})) hash.update(piece as Buffer);
  return hash.digest('hex');
};

const NEITHER: Refused['reasons'] = [
  {
    what: 'the image has neither a checksum nor a signature',
    why: 'what it holds will be root on the node',
    next: 'write grml.sha256 as its publisher gives it, or grml.signature with key and fingerprint',
  },
];

/** Fetches the image when it is a URL, and checks it. Throws Refused when it is not what it should be, ConfigError, ConnectError. */
export const obtainImage = async (grml: Grml, options: ImageOptions): Promise<CheckedImage> => {
  const { iso, sha256, signature, key, fingerprint } = grml;
  const { signal, say } = options;
  const signed = signature !== null && key !== null && fingerprint !== null ? { signature, key, fingerprint } : null;
  if (sha256 === null && signed === null) throw new Refused(NEITHER);
  const path = isUrl(iso) ? await download(iso, options) : iso;
  const file = await stat(path).catch((error: Error) => {
    throw new ConfigError({ what: `cannot read the image ${path}`, why: error.message, next: 'mend grml.iso in the cluster file' });
  });
  say(`checking ${path}`);
  const found = await sha256Of(path, signal);
  if (sha256 !== null && found !== sha256)
    throw new Refused({
      what: `${path} is not the image that is wanted`,
      why: `its SHA-256 is ${found}\nand should be   ${sha256}`,
      next: isUrl(iso)
        ? `compare grml.sha256 with what the publisher says; if that is right, remove ${path} and run this again`
        : 'compare grml.sha256 with what the publisher says, and get the image anew',
    });
  if (signed !== null) await checkSignature(path, signed);
  return { path, name: imageName(iso), size: file.size, sha256: found };
};

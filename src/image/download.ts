import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ConnectError, GlusterctlError } from '../errors.ts';
import type { ImageOptions } from './image.ts';

const IDLE = 60_000;

/** One file for each URL, so that another release never passes for this one. */
export const downloadPath = (url: string, cacheDir: string): string => {
  const of = createHash('sha256').update(url).digest('hex').slice(0, 12);
  return join(cacheDir, 'images', `${of}-${basename(new URL(url).pathname) || 'grml.iso'}`);
};

const causeOf = (error: unknown): string =>
  error instanceof Error ? [error.message, error.cause instanceof Error ? error.cause.message : ''].filter(Boolean).join(': ') : `${error}`;

/** Into the cache folder, once; whether it is the right file is for the caller to check. Throws ConnectError. */
export const download = async (url: string, options: ImageOptions): Promise<string> => {
  const { cacheDir, say, fetch = globalThis.fetch, idle = IDLE, signal } = options;
  const path = downloadPath(url, cacheDir);
  if (await stat(path).catch(() => null)) return path;
  const failed = (why: string) =>
    new ConnectError({ what: `cannot download ${url}`, why, next: 'download it by hand, and name the file in grml.iso' });
  say(`downloading ${url}`);
  await mkdir(join(cacheDir, 'images'), { recursive: true, mode: 0o700 });
  const part = `${path}.${process.pid}.part`;
  const late = new AbortController();
  const overdue = (): void => late.abort(new Error(`no answer for ${idle / 1000} s`));
  let timer = setTimeout(overdue, idle);
  const stop = signal ? AbortSignal.any([signal, late.signal]) : late.signal;
  try {
    const response = await fetch(url, { signal: stop, headers: { accept: '*/*' } });
    if (!response.ok || response.body === null) throw failed(`the server answers ${response.status} ${response.statusText}`.trim());
    const file = await open(part, 'w', 0o600);
    try {
      for await (const piece of response.body) {
        clearTimeout(timer);
        timer = setTimeout(overdue, idle);
        await file.write(piece);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(part, path);
    return path;
  } catch (error) {
    await rm(part, { force: true });
    if (signal?.aborted || error instanceof GlusterctlError) throw error;
    throw failed(late.signal.aborted ? (late.signal.reason as Error).message : causeOf(error));
  } finally {
    clearTimeout(timer);
  }
};

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { text as readStream } from 'node:stream/consumers';
import { ConfigError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Env } from './env.ts';
import { loadCluster } from './load.ts';

export interface Found {
  cluster: Cluster;
  /** The file's own text. */
  text: string;
}

const reasonOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : String(error));

const readUtf8 = async (path: string, given: boolean): Promise<string> => {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const missing = reasonOf(error) === 'ENOENT';
    throw new ConfigError({
      what: missing ? `there is no cluster file ${path}` : `cannot read the cluster file ${path}`,
      why: missing ? undefined : reasonOf(error) === 'EISDIR' ? 'it is a folder' : error instanceof Error ? error.message : undefined,
      next:
        missing && !given
          ? '`glusterctl init` writes one; or name another with --config FILE'
          : missing
            ? 'mend the path, or let `glusterctl init` write one'
            : undefined,
    });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ConfigError({ what: `the cluster file ${path} is not UTF-8 text`, next: 'save it as UTF-8' });
  }
};

/** A cluster from text that was read before, such as the file that a run keeps. */
export const readClusterText = (text: string, where: { file: string; baseDir: string; home?: string }): Cluster =>
  loadCluster({ text, ...where });

/**
 * Reads the cluster file: what --config names ('-' is stdin), else GLUSTERCTL_CONFIG, else ./cluster.yaml; folders
 * above are not searched. Throws ConfigError (exit 3), with every problem in the file where it can be read.
 */
export const findCluster = async (
  config: string | null,
  env: Pick<Env, 'config' | 'home'>,
  io: { cwd: string; stdin: NodeJS.ReadableStream } = { cwd: process.cwd(), stdin: process.stdin },
): Promise<Found> => {
  const wanted = config ?? env.config;
  if (wanted === '-') {
    const text = await readStream(io.stdin);
    return { text, cluster: loadCluster({ text, file: '-', baseDir: io.cwd, home: env.home }) };
  }
  const file = resolve(io.cwd, wanted ?? 'cluster.yaml');
  const text = await readUtf8(file, wanted !== null);
  return { text, cluster: loadCluster({ text, file, baseDir: dirname(file), home: env.home }) };
};

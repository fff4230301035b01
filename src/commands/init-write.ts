import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { jsonSchema } from '../config/json-schema.ts';
import { loadCluster } from '../config/load.ts';
import { ClusterFileError, formatProblems } from '../config/problem.ts';
import { ConfigError, UsageError } from '../errors.ts';
import { SCHEMA_FILE } from '../init/write.ts';
import type { Cluster } from '../model/cluster.ts';

/** What was made is judged like any cluster file, before it is written. */
export const checkText = (text: string, file: string, home: string): Cluster => {
  try {
    return loadCluster({ text, file, baseDir: dirname(file), home });
  } catch (error) {
    if (!(error instanceof ClusterFileError)) throw error;
    throw new ConfigError({ what: 'these answers make no valid cluster file; nothing was written', why: formatProblems(error.problems) });
  }
};

/** In one rename, so that a reader never sees half of it. */
const put = (path: string, text: string): void => {
  const part = `${path}.${process.pid}`;
  try {
    writeFileSync(part, text, { flag: 'wx' });
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    throw new UsageError({ what: `${path} cannot be written`, why: (error as Error).message, next: 'name another file with -o FILE' });
  }
};

/** Writes the file, and the schema that its first line names where there is none. Gives the paths that were written. */
export const writeCluster = (file: string, text: string): string[] => {
  put(file, text);
  const schema = join(dirname(file), SCHEMA_FILE);
  if (existsSync(schema)) return [file];
  put(schema, `${JSON.stringify(jsonSchema(), null, 2)}\n`);
  return [file, schema];
};

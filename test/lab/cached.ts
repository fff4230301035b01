import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { labsUp } from './labs-up.ts';
import { withLock } from './lock.ts';
import { cache, scripts } from './paths.ts';
import { must } from './run.ts';

export type Say = (line: string) => void;

/** A folder that a script makes once: SCRIPT FOLDER ARGUMENTS... */
export interface Recipe {
  kind: string;
  script: string;
  args: readonly string[];
  /** Scripts that this one reads. */
  parts?: readonly string[];
  /** What the result depends on, besides the scripts. */
  depends: readonly string[];
  env?: NodeJS.ProcessEnv;
  announce: string;
}

/** The folder of a recipe, made first if need be. Whoever comes second waits for whoever came first. */
export const cached = async ({ kind, script, parts = [], args, depends, env, announce }: Recipe, say: Say): Promise<string> => {
  const hash = createHash('sha256');
  for (const name of [script, ...parts]) hash.update(readFileSync(join(scripts, name)));
  for (const part of depends) hash.update('\0').update(part);
  const folder = join(cache, `${kind}-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(folder)) return folder;

  return withLock(join(cache, `${kind}.lock`), async () => {
    if (existsSync(folder)) return folder;
    say(announce);
    const building = `${folder}.building`;
    rmSync(building, { recursive: true, force: true });
    mkdirSync(building, { recursive: true });
    await must('sh', [join(scripts, script), building, ...args], { env: { ...process.env, LC_ALL: 'C', ...env } });
    renameSync(building, folder);
    // What an older recipe has made is of no use any more, unless a lab stands on it.
    if (labsUp().length === 0) {
      const old = readdirSync(cache).filter((name) => /^(.+)-[0-9a-f]{12}$/.exec(name)?.[1] === kind && join(cache, name) !== folder);
      for (const name of old) rmSync(join(cache, name), { recursive: true, force: true });
    }
    return folder;
  });
};

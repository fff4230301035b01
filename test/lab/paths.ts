import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The nearest folder above this file that holds package.json: true for the source and for build/. */
const projectRoot = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const up = dirname(folder);
    if (up === folder) throw new Error(`no package.json above ${fileURLToPath(import.meta.url)}`);
    folder = up;
  }
  return folder;
};

export const project = projectRoot();

/** Shell scripts are not compiled, so they are always taken from the source. */
export const scripts = join(project, 'test/lab/scripts');

/** As one name for one folder, when checkouts share it by a link: it is part of what a recipe depends on. */
const cacheFolder = (): string => {
  const folder = process.env.GLUSTERCTL_LAB_CACHE ?? join(project, '.cache/lab');
  mkdirSync(folder, { recursive: true });
  return realpathSync(folder);
};

/** Image, packages and the state of running labs. Set GLUSTERCTL_LAB_CACHE to share it between checkouts. */
export const cache = cacheFolder();

export const labDir = (name: string): string => join(cache, 'run', name);

import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout, wherever this file runs from: test/lab/vm, or build/test/lab/vm once compiled. */
const findRepo = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder) throw new Error('package.json was not found above the VM lab');
    folder = above;
  }
  return folder;
};

export const REPO = findRepo();
/** As one name for one folder: several checkouts may share it by a link, and a machine is found by its path. */
const cacheFolder = (): string => {
  const folder = join(REPO, '.cache', 'vm');
  mkdirSync(folder, { recursive: true });
  return realpathSync(folder);
};

/** Built images and running labs. Ignored by git; everything in it can be deleted while no lab is up. */
export const CACHE = cacheFolder();
export const LABS = join(CACHE, 'labs');
export const script = (name: string): string => join(REPO, 'test', 'lab', 'vm', 'scripts', name);

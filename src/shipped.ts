import { existsSync } from 'node:fs';

/** Of the package: the nearest folder above this code that holds package.json, be it src/ or the built dist/. */
const root = (() => {
  let folder = new URL('./', import.meta.url);
  while (!existsSync(new URL('package.json', folder))) {
    const above = new URL('../', folder);
    if (above.href === folder.href) throw new Error(`no package.json above ${import.meta.url}`);
    folder = above;
  }
  return folder;
})();

/** Where a file is that comes with glusterctl. `path` is below the package's folder: `playbooks/apply.yaml`. */
export const shipped = (path: string): URL => new URL(path, root);

import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { manifestText, WRITTEN } from '../config/manifest-text.ts';
import { Refused } from '../errors.ts';
import { shorten } from '../k8s/names.ts';
import type { K8sObject, Made } from '../k8s/object.ts';

interface File {
  path: string;
  text: string;
  secret: boolean;
}

const fileOf = (folder: string, object: K8sObject, n: number): File => ({
  path: join(folder, `${String(n + 1).padStart(2, '0')}-${object.kind.toLowerCase()}-${shorten(object.metadata.name, 200)}.yaml`),
  text: manifestText([object]),
  secret: object.kind === 'Secret',
});

const isOurs = (path: string): boolean => statSync(path).isFile() && readFileSync(path, 'utf8').startsWith(WRITTEN);

const filesIn = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []);

/**
 * A file for each object, numbered in the order in which Kubernetes wants them. The example is in a folder of its own, which
 * `kubectl apply -f DIR` leaves out. What glusterctl wrote there before and is no longer wanted goes; files of others stay.
 */
export const writeManifests = (dir: string, { objects, example, files }: Made): string[] => {
  const wanted = [
    ...objects.map((object, n) => fileOf(dir, object, n)),
    ...example.map((object, n) => fileOf(join(dir, 'example'), object, n)),
    ...files.map(({ name, text }): File => ({ path: join(dir, name), text, secret: false })),
  ];
  const foreign = wanted.filter(({ path }) => existsSync(path) && !isOurs(path));
  if (foreign.length > 0)
    throw new Refused(
      foreign.map(({ path }) => ({ what: `${path} was not written by glusterctl`, next: 'move it away, or name another folder' })),
    );

  const paths = new Set(wanted.map(({ path }) => path));
  for (const path of [dir, join(dir, 'example')].flatMap(filesIn)) if (!paths.has(path) && isOurs(path)) rmSync(path);
  mkdirSync(dir, { recursive: true });
  if (example.length > 0) mkdirSync(join(dir, 'example'), { recursive: true });
  for (const { path, text, secret } of wanted) {
    const fresh = `${path}.new`;
    rmSync(fresh, { force: true });
    writeFileSync(fresh, text, { mode: secret ? 0o600 : 0o644, flag: 'wx' });
    renameSync(fresh, path);
  }
  return [...paths];
};

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached, type Say } from './cached.ts';
import { debianSources, sourcesList } from './debian-sources.ts';
import { cache } from './paths.ts';

/** The password by which `pat` logs in and answers sudo, on every node of every lab. */
export const password = 'correct horse';

/** What a node pretends to be: Debian 12 (which it is), or Rocky Linux 9. */
export type Family = 'debian' | 'el9';

export interface Built {
  /** Certificates and OpenPGP keys. */
  keys: string;
  /** By family the root filesystem below which every node writes its own. */
  roots: Readonly<Partial<Record<Family, string>> & { debian: string }>;
  /** What the package server serves. */
  www: readonly string[];
}

/** Everything that is made once and kept: about a minute the first time, nothing afterwards. */
export const build = async (families: ReadonlySet<Family>, images: boolean, say: Say): Promise<Built> => {
  mkdirSync(cache, { recursive: true });
  const keys = await cached({ kind: 'keys', script: 'keys.sh', args: [], depends: [], announce: 'making the lab keys' }, say);
  const list = join(cache, 'sources.list');
  const text = sourcesList(await debianSources());
  if (!existsSync(list) || readFileSync(list, 'utf8') !== text) writeFileSync(list, text);
  const keysId = readFileSync(join(keys, 'archive.fingerprint'), 'utf8') + readFileSync(join(keys, 'ca.crt'), 'utf8');
  const image = await cached(
    {
      kind: 'image',
      script: 'image.sh',
      parts: ['image-parts.sh'],
      args: [keys, list],
      depends: [keysId, password],
      env: { PAT_PASSWORD: password },
      announce: 'building the image of a Debian 12 server (once, about 30 s)',
    },
    say,
  );
  const packages = await cached(
    {
      kind: 'packages',
      script: 'packages.sh',
      args: [keys, image, list],
      depends: [keysId, image],
      announce: 'fetching and repacking the packages for the lab (once, about 10 s)',
    },
    say,
  );
  const debian = join(image, 'root');
  const debs = join(packages, 'www');
  const www = [debs];
  if (images) {
    const registry = await cached(
      {
        kind: 'registry',
        script: 'registry.sh',
        args: [image, packages],
        depends: [image, packages],
        announce: 'building container images of GlusterFS for the lab (once, about 30 s)',
      },
      say,
    );
    www.push(join(registry, 'www'));
  }
  if (!families.has('el9')) return { keys, roots: { debian }, www };
  const imageEl9 = await cached(
    {
      kind: 'image-el9',
      script: 'image-el9.sh',
      parts: ['image-parts.sh', 'rpm-parts.sh'],
      args: [keys, list],
      depends: [keysId, password],
      env: { PAT_PASSWORD: password },
      announce: 'building the image of a stand-in for Rocky Linux 9 (once, about 40 s)',
    },
    say,
  );
  const rpms = await cached(
    {
      kind: 'packages-el9',
      script: 'packages-el9.sh',
      parts: ['rpm-parts.sh'],
      args: [keys, packages, imageEl9],
      depends: [keysId, packages, imageEl9],
      announce: 'building the RPMs for the lab (once, about 15 s)',
    },
    say,
  );
  return { keys, roots: { debian, el9: join(imageEl9, 'root') }, www: [...www, join(rpms, 'www')] };
};

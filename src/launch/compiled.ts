import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/** Where the code of a chunk stands in the file, and what it has to hash to: V8 runs what it is given, and dies of a bit that has flipped. */
interface Place {
  at: number;
  length: number;
  crc32: number;
}

interface Head {
  chunks: Record<string, Place>;
  /** Whose functions are in it: V8 compiles a function when it is first called. */
  verbs: string[];
}

const MAGIC = 'glusterctl-compiled-1\n';

/** What only this user, or root, can have written. */
const isOurs = (path: string): boolean => {
  const { uid, mode } = statSync(path);
  return (uid === process.getuid?.() || uid === 0) && (mode & 0o022) === 0;
};

const read = (path: string): { head: Head; body: Buffer } | null => {
  try {
    if (!isOurs(path)) return null;
    const bytes = readFileSync(path);
    const end = bytes.indexOf('\n', MAGIC.length);
    if (bytes.toString('latin1', 0, MAGIC.length) !== MAGIC || end === -1) return null;
    return { head: JSON.parse(bytes.toString('utf8', MAGIC.length, end)) as Head, body: bytes.subarray(end + 1) };
  } catch {
    return null;
  }
};

/** One folder, in a home that is there: nobody gets a home by starting glusterctl. Node 20's recursive mkdir never ends in /proc. */
const make = (folder: string): void => {
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
};

/** The code that V8 has made of chunks in runs before, in one file. Whatever is wrong with that file, there is only nothing in it. */
export interface Compiled {
  /** undefined: not known, or not whole. */
  of(chunk: string): Buffer | undefined;
  /** Keeps it for runs to come. `all`: the chunks of this build; those of another are forgotten. */
  keep(scripts: ReadonlyMap<string, Script>, all: readonly string[]): void;
}

/** `verb`: the word on the command line that decides what is run. */
export const compiled = (path: string, verb: string): Compiled => {
  const known = read(path);
  const found = new Set<string>();

  const of = (chunk: string): Buffer | undefined => {
    const place = known?.head.chunks[chunk];
    const bytes = place && known.body.subarray(place.at, place.at + place.length);
    if (!bytes || crc32(bytes) !== place.crc32) return undefined;
    found.add(chunk);
    return bytes;
  };

  const keep = (scripts: ReadonlyMap<string, Script>, all: readonly string[]): void => {
    if (known?.head.verbs.includes(verb) && [...scripts].every(([name, script]) => found.has(name) && !script.cachedDataRejected)) return;
    const head: Head = { chunks: {}, verbs: [...new Set([...(known?.head.verbs ?? []), verb])] };
    const parts: Uint8Array[] = [];
    let at = 0;
    for (const name of all) {
      const bytes = scripts.get(name)?.createCachedData() ?? of(name);
      if (bytes === undefined) continue;
      head.chunks[name] = { at, length: bytes.length, crc32: crc32(bytes) };
      parts.push(bytes);
      at += bytes.length;
    }
    const fresh = `${path}.${process.pid}`;
    try {
      make(dirname(dirname(path)));
      make(dirname(path));
      if (!isOurs(dirname(path))) return;
      try {
        writeFileSync(fresh, Buffer.concat([Buffer.from(`${MAGIC}${JSON.stringify(head)}\n`), ...parts]), { mode: 0o600, flag: 'wx' });
        renameSync(fresh, path);
      } finally {
        rmSync(fresh, { force: true });
      }
    } catch {
      // A home that cannot be written to, a full disk: the next run compiles again.
    }
  };

  return { of, keep };
};

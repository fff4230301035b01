import type { Fact } from '../../model/fact.ts';
import { type Sh, sh } from '../../sh.ts';
import { type Identity, parseIdentity } from './identity.ts';

const FOLDER = '/var/lib/glusterctl/disks';

/** What glusterctl notes before it writes to a disk, so that a run that was cut off can be finished or undone. */
export interface DiskRecord {
  /** Which disk was taken for the mount point. */
  identity: Identity;
  /** UUID of the filesystem; chosen before it is made. */
  uuid: string | null;
  /** The filesystem was made to its end. */
  formatted: boolean;
}

/** A mount point has no comma. */
export const recordOf = (mount: string): string => `${FOLDER}/${mount.slice(1).replaceAll('/', ',')}`;

/**
 * Shell functions about the record `r`, which holds lines of `KEY VALUE`. Each addition is one rename.
 *
 * note LINE     adds a line
 * noted KEY     the value of the first line of that key
 * unnote KEY    takes these lines out
 * forget        takes the record away, and the folders around it when they are empty
 */
export const recordFunctions = (mount: string): Sh => sh`
  r=${recordOf(mount)}
  note() {
    mkdir -p -- ${FOLDER}
    { cat -- "$r" 2>/dev/null || :; printf '%s\n' "$1"; } >"$r.new"
    sync
    mv -f -- "$r.new" "$r"
  }
  noted() { sed -n "s/^$1 //p" "$r" 2>/dev/null | head -n 1; }
  unnote() {
    [ -e "$r" ] || return 0
    sed "/^$1 /d" "$r" >"$r.new"
    mv -f -- "$r.new" "$r"
  }
  forget() {
    rm -f -- "$r" "$r.new"
    for folder in ${FOLDER} /var/lib/glusterctl; do
      [ ! -d "$folder" ] || rmdir --ignore-fail-on-non-empty -- "$folder"
    done
  }`;

export const parseRecord = (text: string): DiskRecord | null => {
  const value = (key: string) => new RegExp(`^${key} (.*)$`, 'm').exec(text)?.[1];
  const identity = parseIdentity(value('disk') ?? '');
  return identity && { identity, uuid: value('uuid') ?? null, formatted: value('formatted') !== undefined };
};

/** Records by mount point; null where there is none. */
export const diskRecords = (mounts: readonly string[]): Fact<ReadonlyMap<string, DiskRecord | null>> => {
  const asked = [...new Set(mounts)].sort();
  return {
    id: `disk-records:${asked.join(' ')}`,
    read: sh`for f in ${asked.map(recordOf)}; do cat -- "$f"; echo =; done`,
    parse: ({ stdout }) => {
      const parts = stdout.split(/^=\n/m);
      return new Map(asked.map((mount, i) => [mount, parseRecord(parts[i] ?? '')]));
    },
  };
};

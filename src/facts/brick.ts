import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

/**
 * A folder that is, or is to become, a brick.
 * Marks are extended attributes; getfattr is not on every node: then they are 'unknown', which is not the same as none.
 */
export interface BrickState {
  kind: 'absent' | 'folder' | 'other';
  /** The folder above is there. */
  parent: boolean;
  /** trusted.glusterfs.volume-id of the folder itself, as a UUID with dashes. */
  volumeId: string | null | 'unknown';
  /** trusted.gfid is set: the folder has served as a brick. */
  gfid: boolean | 'unknown';
  /** An ancestor that carries a mark: glusterd refuses everything below it. */
  markedAncestor: string | null | 'unknown';
  /** .glusterfs is there; and something is in it. A failed create leaves it empty. */
  metadata: 'absent' | 'empty' | 'used';
  /** Names in the folder that are not Gluster's own, at most three: data of somebody. */
  files: readonly string[];
}

/** What glusterfs 10 and 11 put into a brick themselves. `lost+found` belongs to the filesystem. */
const OWN = ['.glusterfs', '.glusterfs-anonymous-inode-*', '.trashcan', 'lost+found'];

const dashed = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

export const brickState = (path: string): Fact<BrickState> => ({
  id: `brick:${path}`,
  read: sh`
    b=${path}
    if [ -d "$b" ]; then echo kind=folder; elif [ -e "$b" ] || [ -L "$b" ]; then echo kind=other; else echo kind=absent; fi
    [ -d "$(dirname -- "$b")" ] && echo parent=yes
    marks() { getfattr --absolute-names -d -m '^trusted\.(gfid|glusterfs\.volume-id)$' -e hex -- "$1"; }
    if command -v getfattr >/dev/null; then
      echo marks=known
      [ -e "$b" ] && marks "$b" | sed -n -e 's/^trusted\.glusterfs\.volume-id=0x/id=/p' -e 's/^trusted\.gfid=.*/gfid=yes/p'
      a=$b
      while [ "$a" != / ] && [ "$a" != . ]; do
        a=$(dirname -- "$a")
        if [ -e "$a" ] && [ -n "$(marks "$a")" ]; then printf 'ancestor=%s\n' "$a"; fi
      done
    fi
    [ -d "$b" ] || exit 0
    if [ -d "$b/.glusterfs" ]; then
      if [ -n "$(ls -A -- "$b/.glusterfs")" ]; then echo metadata=used; else echo metadata=empty; fi
    fi
    ls -A -- "$b" >/dev/null || echo 'file=(not readable)'
    find "$b/" -mindepth 1 -maxdepth 1 ${OWN.map((name) => sh`! -name ${name}`)} | head -n 3 | sed 's:.*/:file=:'`,
  parse: ({ stdout }) => {
    const values = (key: string) => [...stdout.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map((m) => m[1] ?? '');
    const known = values('marks').length > 0;
    const kind = values('kind')[0];
    const metadata = values('metadata')[0];
    return {
      kind: kind === 'folder' || kind === 'other' ? kind : 'absent',
      parent: values('parent').length > 0,
      volumeId: known ? (values('id').map(dashed)[0] ?? null) : 'unknown',
      gfid: known ? values('gfid').length > 0 : 'unknown',
      markedAncestor: known ? (values('ancestor')[0] ?? null) : 'unknown',
      metadata: metadata === 'used' || metadata === 'empty' ? metadata : 'absent',
      files: values('file'),
    };
  },
});

/**
 * True only for what a `volume create` that failed leaves on a brick, proven on glusterfs 10.3: the volume's mark, no
 * gfid, an empty .glusterfs, and nothing else. `pool`: ids of all volumes there are.
 */
export const isLeftover = (brick: BrickState, pool: ReadonlySet<string>): boolean =>
  brick.kind === 'folder' &&
  brick.volumeId !== null &&
  brick.volumeId !== 'unknown' &&
  !pool.has(brick.volumeId) &&
  brick.gfid === false &&
  brick.metadata !== 'used' &&
  brick.files.length === 0;

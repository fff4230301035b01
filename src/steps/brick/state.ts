import type { Fact } from '../../model/fact.ts';
import { sh } from '../../sh.ts';
import { brickFunctions } from './scripts.ts';

/** What Gluster has written on a directory: `volumeId` as a UUID, `gfid` as hex; null where that mark is not there. */
export interface BrickMark {
  path: string;
  volumeId: string | null;
  gfid: string | null;
}

/** A brick's place on its node, whether it is one already, was one, or is yet to be made. */
export interface BrickState {
  kind: 'none' | 'directory' | 'other';
  /** Directories that have to be made, the brick itself first. */
  missing: readonly string[];
  /** Its filesystem, or the one it would be made on, is the root filesystem: by device number, as glusterd judges. */
  onRoot: boolean;
  /** Marks on it and on the directories above it, its own first. null: they cannot be read, getfattr is not there. */
  marks: readonly BrickMark[] | null;
  /** The volume of this node's glusterd that it is marked for. */
  volume: string | null;
  /** The volume of which this node's glusterd takes it for a brick, whatever is there. */
  member: string | null;
  /** null for a brick of a volume that this node knows: its files are none of our business. */
  content: 'empty' | 'metadata' | 'data' | null;
  /** It has a .glusterfs folder. */
  trace: boolean;
  /** Names of up to five things in it that are not Gluster's own. */
  sample: readonly string[];
  /** glusterctl has taken it for a brick, when it was empty. */
  taken: boolean;
}

/** Where glusterctl notes that it has made or taken a directory for a brick. A brick's path has no comma. */
export const recordOf = (path: string): string => `/var/lib/glusterctl/bricks/${path.slice(1).replaceAll('/', ',')}`;

/** The mark that the directory itself carries. */
export const ownMark = (path: string, state: BrickState): BrickMark | null => state.marks?.find((m) => m.path === path) ?? null;

const uuid = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/** The output of getfattr -d -e hex --absolute-names. */
const parseMarks = (lines: readonly string[]): BrickMark[] => {
  const marks: { path: string; volumeId: string | null; gfid: string | null }[] = [];
  for (const line of lines) {
    if (line.startsWith('# file: ')) marks.push({ path: line.slice(8), volumeId: null, gfid: null });
    const [, name, hex = ''] = /^trusted\.(\S+)=0x([0-9a-f]+)$/.exec(line) ?? [];
    const last = marks.at(-1);
    if (last && name === 'gfid') last.gfid = hex;
    if (last && name === 'glusterfs.volume-id') last.volumeId = uuid(hex);
  }
  return marks;
};

const parseState = (text: string): BrickState => {
  const [head = '', marks = ''] = text.split('\n=marks\n');
  const lines = head.split('\n');
  const all = (key: string) => lines.flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1)] : []));
  const has = (key: string) => lines.includes(key);
  const kind = has('directory') ? 'directory' : has('none') ? 'none' : 'other';
  const [volume = null] = all('volume');
  const [member = null] = all('member');
  const sample = all('data');
  const content =
    kind !== 'directory' || (volume !== null && member !== null)
      ? null
      : sample.length > 0
        ? 'data'
        : has('metadata')
          ? 'metadata'
          : 'empty';
  return {
    kind,
    missing: all('missing'),
    onRoot: has('root'),
    marks: has('unreadable') ? null : parseMarks(marks.split('\n')),
    volume,
    member,
    content,
    trace: has('trace'),
    sample,
    taken: has('taken'),
  };
};

/** Nothing is looked up inside of a brick that is in use: what is there changes all the time, and a fact must not. */
export const brickStates = (paths: readonly string[]): Fact<ReadonlyMap<string, BrickState>> => {
  const asked = [...new Set(paths)].sort();
  return {
    id: `bricks:${asked.join(' ')}`,
    read: sh`
      ${brickFunctions}
      look() {
        if [ -d "$1" ]; then echo directory; elif [ -e "$1" ] || [ -L "$1" ]; then echo other; else echo none; fi
        [ ! -e "$2" ] || echo taken
        p=$1 a=$1
        while [ ! -e "$a" ]; do echo "missing $a"; a=\${a%/*}; a=\${a:-/}; done
        set -- "$a"
        while [ "$a" != / ]; do a=\${a%/*}; a=\${a:-/}; set -- "$@" "$a"; done
        a=$1
        command -v getfattr >/dev/null || echo unreadable
        marks=$(getfattr --absolute-names -d -e hex -m '^trusted\.(gfid|glusterfs\.volume-id)$' -- "$@")
        set -- $(stat -L -c %d -- "$a" /)
        [ "$1" != "\${2:-}" ] || echo root
        m=$(member_of "$p")
        [ -z "$m" ] || echo "member $m"
        v=
        # Its own come first; those above it have shorter names.
        case $marks in "# file: $p"*) v=$(volume_of "$(printf '%s\n' "$marks" | sed '/^$/q' | as_uuid)") ;; esac
        [ -z "$v" ] || echo "volume $v"
        if [ -d "$p" ] && { [ -z "$v" ] || [ -z "$m" ]; }; then
          [ ! -e "$p/.glusterfs" ] || echo trace
          data_in "$p" | sed 's/^/data /'
          [ -z "$(ls -A "$p/.glusterfs" 2>/dev/null; ls -d "$p"/.glusterfs-anonymous-inode-* 2>/dev/null)" ] || echo metadata
        fi
        printf '=marks\n%s\n' "$marks"
      }
      ${asked.map((path) => sh`look ${path} ${recordOf(path)}; echo =end;`)}`,
    parse: ({ stdout }) => {
      const parts = stdout.split(/^=end\n/m);
      return new Map(asked.map((path, i) => [path, parseState(parts[i] ?? '')]));
    },
  };
};

/** One brick. */
export const brickState = (path: string): Fact<BrickState> => {
  const { id, read, parse } = brickStates([path]);
  return { id, read, parse: (out) => parse(out).get(path) ?? parseState('') };
};

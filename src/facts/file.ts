import { dirname } from 'node:path/posix';
import type { Batch, Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

/**
 * Bytes of a file as text and back, without loss: a byte that is no UTF-8 becomes a lone surrogate, U+DC80 to U+DCFF,
 * as Python's surrogateescape does (PEP 383).
 */
export const fileText = (bytes: Buffer): string => {
  const text = bytes.toString('utf8');
  if (!text.includes('\ufffd')) return text;
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const part = bytes.subarray(at, at + length);
    const whole = Buffer.from(part.toString('utf8')).equals(part);
    parts.push(whole ? part.toString('utf8') : String.fromCharCode(0xdc00 + first));
    at += whole ? length : 1;
  }
  return parts.join('');
};

/** The bytes that {@link fileText} was given. */
export const fileBytes = (text: string): Buffer =>
  Buffer.concat(
    text
      .split(/(?<![\ud800-\udbff])([\udc80-\udcff])/)
      .map((part, i) => (i % 2 === 0 ? Buffer.from(part) : Buffer.of(part.charCodeAt(0) - 0xdc00))),
  );

/** A file as it stands. `text` is null when there is none; `parent` says whether its folder exists. */
export interface FileState {
  text: string | null;
  /** Octal, as chmod takes it; '' when there is no file. */
  mode: string;
  /** `uid:gid`; '' when there is no file. */
  owner: string;
  parent: boolean;
}

const META = '%a %u:%g';

/** A line on each folder, one from a single stat on each file that is there, and for each of those a line `= PATH` with its text below it. */
const files: Batch = {
  id: 'files',
  read: (paths) => sh`
    set -- ${paths}
    n=$#
    for f; do
      d=\${f%/*}
      if [ -d "\${d:-/}" ]; then printf 'parent %s\n' "$f"; else printf 'no-parent %s\n' "$f"; fi
      [ ! -f "$f" ] || set -- "$@" "$f"
    done
    shift $n
    [ $# -eq 0 ] || stat -L -c ${`${META} %n`} -- "$@"
    for f; do
      printf '= %s\n' "$f"
      base64 -w0 -- "$f"
      echo
    done`,
  answer: ({ stdout }, [path = '']) => {
    const lines = stdout.split('\n');
    const parent = lines.includes(`parent ${path}`) ? 'parent' : 'no-parent';
    const meta = lines.map((line) => /^(\d+ \d+:\d+) (.*)$/.exec(line)).find((said) => said?.[2] === path)?.[1];
    const at = lines.indexOf(`= ${path}`);
    return { stdout: meta === undefined || at === -1 ? `${parent}\n` : `${parent}\n${meta}\n${lines[at + 1] ?? ''}`, code: 0 };
  },
};

/** Content, mode and owner: all that an undo has to put back. Binary-safe: the text travels as base64. */
export const fileState = (path: string): Fact<FileState> => ({
  id: `file:${path}`,
  read: sh`
    [ -d ${dirname(path)} ] && echo parent || echo no-parent
    [ -f ${path} ] || exit 0
    stat -L -c ${META} -- ${path}
    base64 -w0 -- ${path}`,
  batch: { of: files, items: [path] },
  parse: ({ stdout }) => {
    const [parent, meta, body] = stdout.split('\n');
    const [mode = '', owner = ''] = (meta ?? '').split(' ');
    const text = meta === undefined || meta === '' ? null : fileText(Buffer.from(body ?? '', 'base64'));
    return { text, mode, owner, parent: parent === 'parent' };
  },
});

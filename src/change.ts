import { dirname } from 'node:path/posix';
import { type FileState, fileBytes } from './facts/file.ts';
import type { Change } from './model/change.ts';
import { type Sh, sh } from './sh.ts';

/** What a shell word can hold goes as it is, so that a plan shows it; the rest (NUL, bytes that are no UTF-8) as base64. */
const isPlain = (text: string): boolean => !/[\0\ud800-\udfff]/.test(text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ''));

const base64 = (text: string): string => fileBytes(text).toString('base64');

const print = (text: string): Sh => (isPlain(text) ? sh`printf %s ${text}` : sh`printf %s ${base64(text)} | base64 -d`);

/**
 * Puts `text` at `path` in one rename, on disk before the rename (dd's fsync: coreutils of EL7 has no
 * `sync FILE`). A bind-mounted file, as /etc/hosts in a container, cannot be renamed over: it is written in
 * place, and put back when that fails half-way.
 */
const put = (path: string, text: string, mode: string, owner: string): Sh => sh`
  set -eu
  f=$(readlink -f -- ${path} || printf %s ${path})
  (umask 022 && mkdir -p -- "$(dirname -- "$f")")
  umask 077
  trap 'rm -f -- "$f.glusterctl" "$f.glusterctl-old"' EXIT
  ${print(text)} | dd of="$f.glusterctl" conv=fsync status=none
  chown ${owner} "$f.glusterctl"
  chmod ${mode} "$f.glusterctl"
  if ! mv -fT -- "$f.glusterctl" "$f" 2>/dev/null; then
    cat "$f" >"$f.glusterctl-old"
    cat "$f.glusterctl" >"$f" || { cat "$f.glusterctl-old" >"$f"; exit 1; }
    chown ${owner} "$f"
    chmod ${mode} "$f"
  fi
  if command -v restorecon >/dev/null; then restorecon -- "$f"; fi`;

/** Removes a file that was not there before, and its folder when that was not there either and is empty. */
const remove = (path: string, parent: boolean): Sh => {
  const file = sh`
    set -eu
    f=$(readlink -f -- ${path} || printf %s ${path})
    rm -f -- "$f" "$f.glusterctl" "$f.glusterctl-old"`;
  return parent
    ? file
    : sh`
    ${file}
    [ ! -d ${dirname(path)} ] || rmdir --ignore-fail-on-non-empty -- ${dirname(path)}`;
};

/** True when the file holds exactly this text (the dot keeps final newlines through $(...)). */
const holds = (path: string, text: string): Sh =>
  isPlain(text) ? sh`[ "$(cat -- ${path} && echo .)" = ${`${text}.`} ]` : sh`[ "$(base64 -w0 -- ${path})" = ${base64(text)} ]`;

/** A file with this content. An existing file keeps its mode and owner; a new one is root's, with `mode`. */
export const writeFile = (path: string, text: string, was: FileState, mode = '0644'): Change => ({
  id: `file:${path}`,
  title: `${was.text === null ? 'create' : 'update'} ${path}`,
  risk: 'safe',
  diff: { path, before: was.text ?? '', after: text },
  do: was.text === null ? put(path, text, mode, '0:0') : put(path, text, was.mode, was.owner),
  undo: was.text === null ? remove(path, was.parent) : put(path, was.text, was.mode, was.owner),
  verify: holds(path, text),
});

/** A file that must not be there. A link to it stays, and leads to it again after the undo. */
export const removeFile = (path: string, was: FileState & { text: string }): Change => ({
  id: `file:${path}`,
  title: `remove ${path}`,
  risk: 'safe',
  diff: { path, before: was.text, after: '' },
  do: remove(path, true),
  undo: put(path, was.text, was.mode, was.owner),
  verify: sh`[ ! -e ${path} ]`,
});

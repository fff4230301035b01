import { fileText } from '../../facts/file.ts';
import type { RpmPackage } from '../../facts/packages.ts';
import type { Fact } from '../../model/fact.ts';
import type { Change } from '../../model/step.ts';
import { sh } from '../../sh.ts';
import { onlyOnEl, present } from './shell.ts';

/**
 * How a version lock is written down: a line for yum's plugin, one for dnf 4's, some for dnf 5, which has it built in.
 * dnf-plugins-core 4.3 (versionlock.py), yum-utils 1.1.31 (versionlock.py), dnf5 5.1 (dnf5.conf(5), versionlock.toml).
 */
type Kind = 'yum' | 'dnf4' | 'dnf5';

export interface Lock {
  kind: Kind;
  /** The file of locks; null where it is not there yet. */
  path: string;
  text: string | null;
}

const BEGIN = '# GlusterFS, locked by glusterctl: begin';
const END = '# GlusterFS, locked by glusterctl: end';

/** Sets kind and list. */
const where = sh`
  if ! command -v dnf >/dev/null; then
    kind=yum list=/etc/yum/pluginconf.d/versionlock.list conf=/etc/yum/pluginconf.d/versionlock.conf
  elif dnf --version 2>/dev/null | grep -q '^dnf5'; then
    kind=dnf5 list=/etc/dnf/versionlock.toml conf=/dev/null
  else
    kind=dnf4 list=/etc/dnf/plugins/versionlock.list conf=/etc/dnf/plugins/versionlock.conf
  fi
  named=$(sed -n 's/^[[:space:]]*locklist[[:space:]]*=[[:space:]]*//p' "$conf" 2>/dev/null | sed q)
  list=\${named:-$list}`;

export const lock: Fact<Lock | null> = {
  id: 'dnf-lock',
  read: sh`
    ${onlyOnEl}
    ${where}
    echo "$kind $list"
    [ ! -f "$list" ] || base64 -w0 -- "$list"`,
  parse: ({ stdout, code }) => {
    if (code !== 0) return null;
    const [head = '', body] = stdout.split('\n');
    const [kind, path = ''] = head.split(' ');
    return {
      kind: kind as Kind,
      path,
      text: body === undefined || body === '' ? null : fileText(Buffer.from(body, 'base64')),
    };
  },
};

/** The package that brings the plugin; null where it is built in. */
export const PLUGIN: Readonly<Record<Kind, string | null>> = {
  yum: 'yum-plugin-versionlock',
  dnf4: 'python3-dnf-plugin-versionlock',
  dnf5: null,
};

/** What one package's lock looks like. The architecture is left open, as the plugins do it. */
const entry = (kind: Kind, { name, epoch, version, release }: RpmPackage): string => {
  if (kind === 'yum') return `${epoch}:${name}-${version}-${release}.*`;
  if (kind === 'dnf4') return `${name}-${epoch}:${version}-${release}.*`;
  return `[[packages]]\nname = "${name}"\n[[packages.conditions]]\nkey = "evr"\ncomparator = "="\nvalue = "${epoch}:${version}-${release}"`;
};

const blockOf = (text: string | null): string | null => {
  const from = text?.indexOf(`${BEGIN}\n`) ?? -1;
  const to = text?.indexOf(`${END}\n`, from) ?? -1;
  return text === null || from === -1 || to === -1 ? null : text.slice(from, to + END.length + 1);
};

/** Whether glusterctl has locked something. */
export const isLocked = ({ text }: Lock): boolean => blockOf(text) !== null;

/** Whether glusterctl has locked exactly what is there. */
export const isExact = ({ kind, text }: Lock, there: readonly RpmPackage[]): boolean => {
  const wanted = there.map((one) => entry(kind, one)).sort();
  return blockOf(text) === `${BEGIN}\n${wanted.join('\n')}\n${END}\n`;
};

/** The same block on the node, of what is installed there by then. */
const write = sh`
  ${where}
  entries() {
    ${present} | awk -v kind="$kind" '{
      split($2, v, ":")
      if (kind == "yum") print v[1] ":" $1 "-" v[2] ".*"
      else if (kind == "dnf4") print $1 "-" $2 ".*"
      else printf "[[packages]]\nname = \"%s\"\n[[packages.conditions]]\nkey = \"evr\"\ncomparator = \"=\"\nvalue = \"%s\"\n", $1, $2 }'
  }
  sorted() { if [ "$kind" = dnf5 ]; then cat; else sort; fi; }
  block() { echo ${BEGIN}; entries | sorted; echo ${END}; }
  others() { sed ${`/^${BEGIN}$/,/^${END}$/d`} "$list"; }
  # In one rename; the copy has mode and owner of the file.
  put() {
    cp -p -- "$list" "$list.glusterctl"
    dd of="$list.glusterctl" conv=fsync status=none
    mv -fT -- "$list.glusterctl" "$list"
    if command -v restorecon >/dev/null; then restorecon -- "$list"; fi
  }`;

/** Puts an earlier block back, or none. The file goes when nothing else needs it. */
const restore = (block: string | null) => sh`
  set -eu
  ${write}
  if [ ! -e "$list" ]; then
    [ "$kind" = dnf5 ] && [ -n ${block ?? ''} ] || exit 0
    echo 'version = "1.0"' >"$list"
  fi
  { others; printf %s ${block ?? ''}; } | put
  if [ "$(cat "$list")" = 'version = "1.0"' ] && ! rpm -qf "$list" >/dev/null 2>&1; then rm -f -- "$list"; fi`;

const SAME = sh`[ "$(sed -n ${`/^${BEGIN}$/,/^${END}$/p`} "$list")" = "$(block)" ]`;

/**
 * Locks what is installed at the moment, which is why it comes after the packages: a name that is not installed
 * would be locked at all its versions, which pins nothing.
 */
export const hold = (title: string, was: Lock): Change => ({
  id: 'hold',
  title,
  risk: 'safe',
  do: sh`
    set -eu
    ${write}
    if [ "$kind" = dnf5 ] && [ ! -s "$list" ]; then echo 'version = "1.0"' >"$list"; fi
    [ -e "$list" ] || : >"$list"
    { others; block; } | put`,
  undo: restore(blockOf(was.text)),
  verify: sh`
    ${write}
    ${SAME}`,
});

export const release = (was: Lock): Change => ({
  id: 'hold',
  title: 'lock the versions of GlusterFS no more',
  risk: 'safe',
  do: restore(null),
  undo: restore(blockOf(was.text)),
  verify: sh`
    ${write}
    ! grep -qxF ${BEGIN} "$list"`,
});

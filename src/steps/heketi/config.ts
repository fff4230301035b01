import { type HeketiConfig, MASK } from '../../facts/heketi.ts';
import { CONFIG, USER } from '../../heketi/paths.ts';
import type { Change } from '../../model/change.ts';
import { type Sh, sh } from '../../sh.ts';

const BEFORE = `${CONFIG}.before-glusterctl`;

const masked = sh`sed ${`s/\\("key": *"\\)[^"]*"/\\1${MASK}"/g`} ${CONFIG}`;

/** Written by the shell itself (printf is built in), so that no key stands in an argument list. Keys that are there stay. */
const put = (text: string): Sh => {
  const [head = '', middle = '', tail = ''] = text.split(MASK);
  return sh`
    f=${CONFIG}
    umask 077
    key() { sed -n "s/^ *\"$1\": { \"key\": \"\([0-9a-f]\{64\}\)\" },*\$/\1/p" "$f" 2>/dev/null | sed q; }
    fresh() { od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n'; }
    admin=$(key admin)
    [ \${#admin} -eq 64 ] || admin=$(fresh)
    user=$(key user)
    [ \${#user} -eq 64 ] || user=$(fresh)
    [ \${#admin} -eq 64 ] && [ \${#user} -eq 64 ]
    printf '%s%s%s%s%s' ${head} "$admin" ${middle} "$user" ${tail} >"$f.glusterctl"
    chown ${`${USER}:${USER}`} "$f.glusterctl"
    mv -fT -- "$f.glusterctl" "$f"
    ! command -v restorecon >/dev/null || restorecon -- "$f"`;
};

const isOurs = (text: string): boolean => /^\{\n {2}"_comment": "Written by glusterctl/.test(text) && text.split(MASK).length === 3;

/** `text` has masks where the keys go. A file of somebody else's, such as the package's example, is kept beside it. */
export const configChange = (text: string, is: HeketiConfig): Change[] => {
  if (is.text === text && is.mode === '600') return [];
  const foreign = is.text !== null && !isOurs(is.text);
  return [
    {
      id: `file:${CONFIG}`,
      title: `${is.text === null ? 'create' : 'update'} ${CONFIG}, with keys that are made there`,
      risk: 'safe',
      diff: { path: CONFIG, before: is.text ?? '', after: text },
      do: sh`
        set -eu
        ${foreign ? sh`[ -e ${BEFORE} ] || cp -p -- ${CONFIG} ${BEFORE}` : sh`:`}
        ${put(text)}`,
      undo:
        is.text === null
          ? sh`rm -f -- ${CONFIG} ${`${CONFIG}.glusterctl`}`
          : foreign
            ? sh`
        rm -f -- ${`${CONFIG}.glusterctl`}
        [ ! -e ${BEFORE} ] || mv -fT -- ${BEFORE} ${CONFIG}`
            : sh`
        set -eu
        ${put(is.text)}
        chmod ${is.mode} "$f"`,
      verify: sh`[ "$(${masked} && echo .)" = ${`${text}.`} ] && [ "$(stat -c %a ${CONFIG})" = 600 ]`,
    },
  ];
};

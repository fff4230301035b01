import { type Sh, sh } from '../../sh.ts';
import { prelude } from '../dnf/shell.ts';
import { forget } from './records.ts';
import { noteFolders, refuseHolding, removeFolders, type Tools } from './tools.ts';

/** Installs what is missing, whatever version the node's sources offer; refuses to touch any other package. */
export const installRpms = ({ record, names }: Tools): Sh => sh`
  ${prelude}
  record=${record}
  missing=
  for name in ${names}; do rpm -q "$name" >/dev/null || missing="$missing $name"; done
  [ -n "$missing" ] || exit 0
  simulate install $missing || fail "\${pm##*/} cannot install$missing:" "$(because)"
  harmless
  if [ ! -d "$record" ]; then
    rm -rf -- "$record.part"
    mkdir -p -- "$record.part"
    ${noteFolders}
    : >"$record.part/new"
    : >"$record.part/moved"
    mv -T -- "$record.part" "$record"
  fi
  note_table
  manager -y install $missing || fail "\${pm##*/} cannot install$missing:" "$(because)"
  : >"$record/done"`;

/** Removes what it brought; refuses when that would take anything else with it, and LVM not while there are groups. */
export const removeRpms = ({ record }: Tools): Sh => sh`
  record=${record}
  if [ ! -d "$record" ]; then
    ${forget}
    exit 0
  fi
  ${prelude}
  new=
  for name in $(cat "$record/new"); do ! rpm -q "$name" >/dev/null || new="$new $name"; done
  ${refuseHolding}
  for name in $new; do echo "$name"; done >"$tmp/new"
  refuse_holding "$tmp/new"
  if [ -n "$new" ]; then
    simulate remove $new || fail "\${pm##*/} cannot remove$new:" "$(because)"
    table "$tmp/said" | awk '$1 == "removed" { print $2 }' | grep -vxF -f "$record/new" >"$tmp/others" || :
    [ ! -s "$tmp/others" ] || fail 'they stay installed, because these need them by now:' "$(cat "$tmp/others")"
    manager -y remove $new || fail "\${pm##*/} cannot remove$new:" "$(because)"
  fi
  ${removeFolders}
  ${forget}`;

export const rpmsThere = ({ names }: Tools): Sh => sh`rpm -q ${names} >/dev/null`;

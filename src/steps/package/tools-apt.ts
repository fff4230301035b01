import { KEPT } from '../../run/script.ts';
import { type Sh, sh } from '../../sh.ts';
import { prelude } from '../apt-shell.ts';
import { forget } from './records.ts';
import { noteFolders, refuseHolding, removeFolders, type Tools } from './tools.ts';

/** Installs what is missing, whatever version the node's sources offer; refuses to touch any other package. */
export const installDebs = ({ record, names }: Tools): Sh => sh`
  ${prelude}
  record=${record}
  missing=
  for name in ${names}; do
    [ "$(dpkg-query -W -f='\${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || missing="$missing $name"
  done
  [ -n "$missing" ] || exit 0
  simulate() { apt_get -s install $missing >"$tmp/plan" 2>"$tmp/err"; }
  # An install that was cut off leaves packages without what they depend on: apt brings that first, or nothing.
  mend() {
    apt_get -s -f install >"$tmp/plan" 2>"$tmp/err" || return 1
    harmless "$tmp/plan"
    apt_get -f install
  }
  simulate || { refresh; simulate; } || { mend && simulate; } || fail "apt cannot install$missing:" "$(cat "$tmp/plan" "$tmp/err" | tail -n 8)"
  harmless "$tmp/plan"
  if [ ! -d "$record" ]; then
    rm -rf -- "$record.part"
    mkdir -p -- "$record.part"
    ${noteFolders}
    : >"$record.part/new"
    mv -T -- "$record.part" "$record"
  fi
  awk '$1 == "Inst" && $3 !~ /^\[/ { print $2 }' "$tmp/plan" | grep -vxF -f "$record/new" >>"$record/new" || :
  sync
  if ! apt_get install $missing 2>"$tmp/err"; then
    if ! grep -q ' 404 ' "$tmp/err"; then cat "$tmp/err" >&2; exit 1; fi
    refresh
    apt_get install $missing
  fi
  : >"$record/done"`;

/** Purges what it brought, but not what something else needs by now, and LVM not while there are groups. */
export const removeDebs = ({ record }: Tools): Sh => sh`
  record=${record}
  if [ ! -d "$record" ]; then
    ${forget}
    exit 0
  fi
  ${prelude}
  dpkg-query -W -f='\${db:Status-Status} \${Package}\n' | sed -n '/^not-installed /d;s/^[^ ]* //p' | grep -xF -f "$record/new" >"$tmp/new" || :
  ${refuseHolding}
  refuse_holding "$tmp/new"
  beyond() { apt_get -s purge "$@" 2>/dev/null | awk '$1 == "Remv" || $1 == "Purg" { print $2 }' | sort -u | grep -vxF -f "$tmp/new" || :; }
  : >"$tmp/kept"
  if [ -s "$tmp/new" ] && [ -n "$(beyond $(cat "$tmp/new"))" ]; then
    for name in $(cat "$tmp/new"); do [ -z "$(beyond "$name")" ] || echo "$name"; done >"$tmp/kept"
    grep -vxF -f "$tmp/kept" "$tmp/new" >"$tmp/rest" || :
    mv "$tmp/rest" "$tmp/new"
  fi
  [ ! -s "$tmp/new" ] || apt_get purge $(cat "$tmp/new")
  ${removeFolders}
  ${forget}
  if [ -s "$tmp/kept" ]; then
    echo "left installed, because something else needs them by now: $(tr '\n' ' ' <"$tmp/kept")" >&2
    exit ${KEPT}
  fi`;

export const debsThere = ({ names }: Tools): Sh => sh`
  for name in ${names}; do
    [ "$(dpkg-query -W -f='\${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || exit 1
  done`;

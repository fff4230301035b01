import { KEPT } from '../run/script.ts';
import { type Sh, sh } from '../sh.ts';
import { prelude } from './apt-shell.ts';
import { forget } from './package/records.ts';
import { FOLDERS, keepAccount, refuseMember, restoreAccount, setAside, stopDaemon } from './package/system.ts';

/**
 * Puts packages, versions, holds and marks back by the record; where there is none, nothing was changed. What was
 * newly installed is purged, but not what something else needs by now, and not a node that still is in a pool.
 * Folders and the account that were there before are kept out of the purge's way.
 */
export const uninstall = (folder: string): Sh => sh`
  record=${folder}
  if [ ! -d "$record" ]; then
    ${forget}
    exit 0
  fi
  ${prelude}
  : >"$tmp/preferences"
  gone() { apt_get -s purge "$@" 2>/dev/null | awk '$1 == "Remv" || $1 == "Purg" { print $2 }' | sort -u; }
  beyond() { gone "$@" | grep -vxF -f "$tmp/new" || :; }

  dpkg-query -W -f='\${db:Status-Status} \${Package}\n' | sed -n '/^not-installed /d;s/^[^ ]* //p' | grep -xF -f "$record/new" >"$tmp/new" || :
  present | cut -d ' ' -f 1 | grep -xF -f "$tmp/new" >"$tmp/ours" || :

  if grep -qx -e glusterfs-common -e glusterfs-server "$tmp/new"; then
    ${refuseMember}
    ${stopDaemon}
  fi

  held=$(apt-mark showhold | grep -xF -f "$tmp/ours") || :
  [ -z "$held" ] || apt-mark unhold $held

  if [ -s "$tmp/new" ]; then
    if [ -n "$(beyond $(cat "$tmp/new"))" ]; then
      # Something that was installed since needs some of these: find out which of them, and leave those.
      for name in $(grep -vxF -f "$tmp/ours" "$tmp/new"); do
        [ -z "$(beyond "$name")" ] || echo "$name"
      done >"$tmp/kept"
      grep -vxF -f "$tmp/kept" "$tmp/new" >"$tmp/rest" || :
      mv "$tmp/rest" "$tmp/new"
      other=$(beyond $(cat "$tmp/new"))
      [ -z "$other" ] || fail 'GlusterFS stays installed, because these need it by now:' "$other" 'remove them first'
    fi
    ${keepAccount}
    grep -xF -f "$record/configured" "$tmp/new" >"$tmp/configured" || :
    grep -vxF -f "$tmp/configured" "$tmp/new" >"$tmp/purge" || :
    : >"$tmp/conffiles"
    if [ -s "$tmp/purge" ]; then
      if [ -s "$record/folders" ]; then
        dpkg-query -W -f='\${Conffiles}\n' $(cat "$tmp/purge") | awk '{ print $1 }' >"$tmp/conffiles"
        apt_get remove $(cat "$tmp/purge")
        ${setAside}
      fi
      apt_get purge $(cat "$tmp/purge")
    fi
    [ ! -s "$tmp/configured" ] || apt_get remove $(cat "$tmp/configured")
    ${restoreAccount}
  fi
  for path in ${FOLDERS}; do
    if [ -e "$path.glusterctl" ]; then
      rm -rf -- "$path"
      mv -T -- "$path.glusterctl" "$path"
      for file in $(grep -F "$path/" "$tmp/conffiles"); do
        for left in "$file" "$file".dpkg-*; do grep -qxF -e "$left" "$record/files" || rm -f -- "$left"; done
      done
    elif grep -qx -e glusterfs-common -e glusterfs-server "$record/new" && ! grep -qxF "$path" "$record/folders"; then
      rm -rf -- "$path"
    fi
  done

  if [ -s "$record/moved" ]; then
    prefer "$(sed -n '1s/.* //p' "$record/moved")"
    back=$(sed 's/ /=/' "$record/moved")
    again() { apt_get -s install $back >"$tmp/plan" 2>"$tmp/err"; }
    again || { refresh; again; } || fail 'the versions from before cannot be had any more:' "$(cat "$tmp/plan" "$tmp/err" | tail -n 6)"
    harmless "$tmp/plan"
    cut -d ' ' -f 1 "$tmp/present" >"$tmp/names"
    held=$(apt-mark showhold | grep -xF -f "$tmp/names") || :
    [ -z "$held" ] || apt-mark unhold $held
    apt_get install $back
    [ ! -s "$record/auto" ] || apt-mark auto $(cat "$record/auto")
  fi
  for name in $(present | cut -d ' ' -f 1); do
    if grep -qxF "$name" "$record/held"; then apt-mark hold "$name"; else apt-mark unhold "$name"; fi
  done >/dev/null
  ${forget}
  if [ -s "$tmp/kept" ]; then
    echo "left installed, because something else needs them by now: $(tr '\n' ' ' <"$tmp/kept")" >&2
    exit ${KEPT}
  fi`;

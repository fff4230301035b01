import { KEPT } from '../../run/script.ts';
import { type Sh, sh } from '../../sh.ts';
import { forget } from '../package/records.ts';
import { FOLDERS, keepAccount, refuseMember, restoreAccount, setAside, stopDaemon } from '../package/system.ts';
import { prelude } from './shell.ts';

/**
 * Puts packages and versions back by the record; where there is none, nothing was changed. dnf's own history would not
 * do: it knows nothing of files, of what else has been installed since, nor of a transaction that was cut off.
 */
export const uninstall = (folder: string): Sh => sh`
  record=${folder}
  if [ ! -d "$record" ]; then
    ${forget}
    exit 0
  fi
  ${prelude}
  rpm -qa --qf '%{NAME}\n' | grep -xF -f "$record/new" | sort -u >"$tmp/new" || :
  present | cut -d ' ' -f 1 | grep -xF -f "$tmp/new" >"$tmp/ours" || :
  : >"$tmp/kept"

  if grep -qx -e glusterfs -e glusterfs-server "$tmp/new"; then
    ${refuseMember}
    ${stopDaemon}
  fi

  # Something that was installed since may need some of these: those stay.
  while [ -s "$tmp/new" ] && ! rpm -e --test $(cat "$tmp/new") 2>"$tmp/needed"; do
    sed -n 's/^[[:space:]]*\([^ ]*\) .*is needed by (installed) .*/\1/p' "$tmp/needed" | while read -r capability; do
      rpm -q --qf '%{NAME}\n' --whatprovides "$capability" || :
    done | grep -xF -f "$tmp/new" | sort -u >"$tmp/wanted" || :
    if [ ! -s "$tmp/wanted" ]; then cat "$tmp/needed" >&2; exit 1; fi
    if grep -qxF -f "$tmp/ours" "$tmp/wanted"; then
      fail 'GlusterFS stays installed, because these need it by now:' "$(sed -n 's/.*is needed by (installed) //p' "$tmp/needed" | sort -u)" 'remove them first'
    fi
    cat "$tmp/wanted" >>"$tmp/kept"
    grep -vxF -f "$tmp/wanted" "$tmp/new" >"$tmp/rest" || :
    mv "$tmp/rest" "$tmp/new"
  done

  # What a transaction was at when it was cut off is known to its file alone.
  if [ ! -e "$record/done" ]; then
    for file in /var/cache/dnf/*/packages/*.rpm /var/cache/yum/*/*/*/packages/*.rpm; do
      name=$(rpm -qp --qf '%{NAME}' "$file" 2>/dev/null) || continue
      ! grep -qxF -e "$name" "$record/new" || rpm -qlp "$file" 2>/dev/null | sweep
    done
  fi
  if [ -s "$tmp/new" ]; then
    rpm -ql $(cat "$tmp/new") | sort -r >"$tmp/owned"
    [ -e "$record/done" ] || sweep <"$tmp/owned"
    if [ -s "$record/folders" ]; then
      ${keepAccount}
      ${setAside}
    fi
    manager -y remove $(cat "$tmp/new") || { because >&2; exit 1; }
  fi
  if [ -e "$record/account" ] && grep -qx glusterfs "$record/new" && ! rpm -q glusterfs >/dev/null; then
    ${restoreAccount}
    for path in ${FOLDERS}; do
      if [ -e "$path.glusterctl" ]; then
        rm -rf -- "$path"
        mv -T -- "$path.glusterctl" "$path"
        for file in $(grep -F "$path/" "$tmp/owned"); do
          for left in "$file" "$file.rpmnew" "$file.rpmsave"; do
            if grep -qxF -e "$left" "$record/files"; then continue; fi
            if [ -d "$left" ] && [ ! -L "$left" ]; then rmdir --ignore-fail-on-non-empty -- "$left"; else rm -f -- "$left"; fi
          done
        done
      elif ! grep -qxF "$path" "$record/folders"; then
        rm -rf -- "$path"
      fi
    done
  fi

  if [ -s "$record/moved" ]; then
    back=$(awk '{ sub(/^[^:]*:/, "", $2); print $1 "-" $2 "." $3 }' "$record/moved")
    verb=install
    if [ "\${pm##*/}" = yum ]; then
      while read -r name version _; do
        if newer "$(rpm -q --qf '%{VERSION}-%{RELEASE}\n' "$name" | sed q)" "\${version#*:}"; then verb=downgrade; fi
      done <"$record/moved"
    fi
    simulate $verb $back || fail 'the versions from before cannot be had any more:' "$(because)"
    harmless
    manager -y $verb $back || { because >&2; exit 1; }
  fi
  ${forget}
  if [ -s "$tmp/kept" ]; then
    echo "left installed, because something else needs them by now: $(tr '\n' ' ' <"$tmp/kept")" >&2
    exit ${KEPT}
  fi`;

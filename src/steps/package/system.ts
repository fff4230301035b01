import { sh } from '../../sh.ts';

/** What the package makes, and takes away: postrm of Debian's glusterfs-common 10.3-5 removes /var/lib/glusterd whole. */
export const FOLDERS = ['/var/lib/glusterd', '/etc/glusterfs', '/var/log/glusterfs'] as const;

/** Into the record: Gluster's folders with all that is in them, and its account, as they were before its packages came. */
export const noteSystem = sh`
  for path in ${FOLDERS}; do [ ! -e "$path" ] || echo "$path"; done >"$record.part/folders"
  find $(cat "$record.part/folders") /dev/null >"$record.part/files"
  { getent passwd gluster || :; getent group gluster || :; } >"$record.part/account"`;

/** Ends the script when the node is still in a pool. */
export const refuseMember = sh`
  for path in /var/lib/glusterd/vols/* /var/lib/glusterd/peers/*; do
    [ ! -e "$path" ] || grep -qxF /var/lib/glusterd "$record/folders" ||
      fail "the node still knows $path" 'its packages stay, because without them the pool would lose it; take the node out of the pool first'
  done`;

export const stopDaemon = sh`
  for unit in glusterd.service glusterfs-server.service; do
    ! systemctl is-active -q "$unit" 2>/dev/null || systemctl stop "$unit"
  done`;

/** Out of the way of a removal: what was there before keeps its content, whatever the packages think of it. */
export const setAside = sh`
  for path in $(cat "$record/folders"); do
    if [ -e "$path" ] && [ ! -e "$path.glusterctl" ]; then mv -T -- "$path" "$path.glusterctl"; fi
  done`;

/** The account files, to be put back when a removal has taken an account that was there before. */
export const keepAccount = sh`
  if [ -s "$record/account" ]; then
    for file in passwd group shadow gshadow subuid subgid; do [ ! -e "/etc/$file" ] || cp -p -- "/etc/$file" "$tmp/$file"; done
  fi`;

export const restoreAccount = sh`
  if [ -s "$record/account" ]; then
    getent passwd gluster >/dev/null || for file in "$tmp"/*passwd "$tmp"/*group "$tmp"/*shadow "$tmp"/sub?id; do cp -p -- "$file" /etc/; done
  else
    ! getent passwd gluster >/dev/null || userdel gluster
    ! getent group gluster >/dev/null || groupdel gluster
  fi`;

import { sh } from '../../sh.ts';

/** Programs that a step needs on a node, by the names of their packages; any version will do. */
export interface Tools {
  /** Folder of the record that the undo goes by. */
  record: string;
  names: readonly string[];
}

/** Folders that LVM's packages leave behind when they go: noted where `$missing` brings LVM and they are not there yet. */
export const noteFolders = sh`
  case "$missing " in *' lvm2 '*) [ -e /etc/lvm ] || echo /etc/lvm >"$record.part/folders" ;; esac`;

/** Only where LVM came by this record: what else is there by now is somebody's settings. */
export const removeFolders = sh`
  if grep -qx lvm2 "$record/new"; then
    for folder in $(cat "$record/folders" 2>/dev/null || :); do rm -rf -- "$folder"; done
  fi`;

import { type Engine, KEPT_FOLDERS, VOLFILE } from '../../container/paths.ts';
import { KEPT } from '../../run/script.ts';
import { type Sh, sh } from '../../sh.ts';
import { forget } from '../package/records.ts';
import { runOnce } from './run-once.ts';

const COPY = `cp -an /etc/glusterfs/. /run/host/etc/
  for f in groups hooks; do [ ! -d /var/lib/glusterd/$f ] || cp -an /var/lib/glusterd/$f/. /run/host/lib/$f/; done`;

/**
 * The image's own settings, profiles and hooks, for what is not there yet; a file that is there is left alone. Nothing else of
 * the image's /var/lib/glusterd: in an image of a glusterd that once ran there would be that one's identity.
 */
export const seed = (engine: Engine, image: string, record: string): Sh => sh`
  set -eu
  record=${record}
  if [ ! -e "$record/files" ]; then
    rm -rf -- "$record"
    mkdir -p -- "$record"
    find ${KEPT_FOLDERS} >"$record/files.new" 2>/dev/null || :
    sync
    mv -- "$record/files.new" "$record/files"
  fi
  umask 022
  mkdir -p -- ${KEPT_FOLDERS} /var/lib/glusterd/groups /var/lib/glusterd/hooks
  ${runOnce(engine, image, COPY, '--privileged', '--volume=/etc/glusterfs:/run/host/etc', '--volume=/var/lib/glusterd:/run/host/lib')}
  [ -f ${VOLFILE} ] || { echo ${`the image has no ${VOLFILE}`} >&2; exit 1; }
  : >"$record/done"`;

/** Takes away whatever has come since, as long as glusterd is in no pool and has no volume. */
export const unseed = (record: string): Sh => sh`
  set -eu
  record=${record}
  if [ -e "$record/files" ]; then
    for path in /var/lib/glusterd/vols/* /var/lib/glusterd/peers/*; do
      if [ -e "$path" ] && ! grep -qxF -- "$path" "$record/files"; then
        echo "the node still knows $path: what glusterd keeps in /var/lib/glusterd stays" >&2
        exit ${KEPT}
      fi
    done
    find ${KEPT_FOLDERS} -depth 2>/dev/null | grep -vxF -f "$record/files" | while read -r path; do
      if [ -d "$path" ] && [ ! -L "$path" ]; then rmdir -- "$path"; else rm -f -- "$path"; fi
    done
  fi
  ${forget}`;

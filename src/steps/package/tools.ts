import { ONLY_ASK } from '../../facts/lvm.ts';
import { type Sh, sh } from '../../sh.ts';

/** Programs that a step needs on a node, by the names of their packages; any version will do. */
export interface Tools {
  /** Folder of the record that the undo goes by. */
  record: string;
  names: readonly string[];
}

/**
 * Packages with folders that stay when they go, and what lists on stdout whatever of somebody's is in there: as long as there is
 * any, the package stays. `unit`: one that systemd remembers as failed, because it cannot be stopped well when its program goes.
 */
const LEAVING: readonly { package: string; folders: readonly string[]; holds: Sh; called: string; unit?: string }[] = [
  { package: 'lvm2', folders: ['/etc/lvm'], holds: sh`vgs --noheadings --config ${ONLY_ASK} -o vg_name`, called: 'LVM groups' },
  {
    package: 'podman',
    unit: 'podman-restart.service',
    folders: ['/var/lib/containers', '/etc/containers', '/etc/cni', '/var/lib/cni'],
    holds: sh`podman ps -aq && podman images -q`,
    called: 'containers or images',
  },
  ...['docker.io', 'docker-ce'].map((name) => ({
    package: name,
    folders: ['/var/lib/docker', '/var/lib/containerd', '/etc/docker', '/etc/containerd'],
    holds: sh`docker ps -aq && docker images -q`,
    called: 'containers or images',
  })),
];

/** Notes the folders that are not there yet, of each package in `$missing`: package and folder, a line each. */
export const noteFolders = sh`
  for name in $missing; do
    case $name in
      ${LEAVING.map(({ package: name, folders }) => sh`${name}) set -- ${folders} ;;`)}
      *) continue ;;
    esac
    for folder; do [ -e "$folder" ] || echo "$name $folder" >>"$record.part/folders"; done
  done`;

/** Ends the script where a package that is to go (a line each in the file $1) still holds something. */
export const refuseHolding = sh`
  refuse_holding() {
    for name in $(cat "$1"); do
      case $name in
        ${LEAVING.map(({ package: name, holds, called }) => sh`${name}) held=$(${holds}) || held=; what=${called} ;;`)}
        *) continue ;;
      esac
      [ -z "$held" ] || fail "$name stays installed, because there are $what:" "$held"
    done
  }`;

/** Only of packages that are gone now; where one had come by another record, what is there is somebody's settings. */
export const removeFolders = sh`
  gone() { ! rpm -q "$1" >/dev/null 2>&1 && [ "$(dpkg-query -W -f='\${db:Status-Status}' "$1" 2>/dev/null)" != installed ]; }
  [ ! -e "$record/folders" ] || while read -r name folder; do
    gone "$name" || continue
    # Podman keeps it mounted onto itself.
    ! mountpoint -q "$folder/storage/overlay" || umount "$folder/storage/overlay"
    rm -rf --one-file-system -- "$folder"
  done <"$record/folders"
  for name in $(cat "$record/new"); do
    case $name in
      ${LEAVING.flatMap(({ package: name, unit }) => (unit === undefined ? [] : sh`${name}) ! gone "$name" || systemctl reset-failed ${unit} 2>/dev/null || : ;;`))}
    esac
  done`;

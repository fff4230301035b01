import { ONLY_ASK } from '../../facts/lvm.ts';
import { type Sh, sh } from '../../sh.ts';
import { BRICK, POOL, type ThinNames } from './group.ts';
import { guard } from './guard.ts';
import { findWords, type Identity, identityText } from './identity.ts';
import type { ThinLayout } from './layout.ts';
import { recordFunctions } from './record.ts';

export const PROFILE = 'glusterctl-thin';
export const PROFILE_FILE = `/etc/lvm/profile/${PROFILE}.profile`;

/** lvmthin(7). What is used of a pool is watched by dmeventd, which LVM's own packages start. */
export const PROFILE_TEXT = `# Written by glusterctl
activation {
	thin_pool_autoextend_threshold=80
	thin_pool_autoextend_percent=20
}
`;

export interface ThinDisk {
  mount: string;
  names: ThinNames;
  identity: Identity;
  /** Bytes. */
  size: number;
}

const LVM_FOLDERS = ['/etc/lvm/archive', '/etc/lvm/backup'];

/** `ours`: the group is there and carries our tags. A group of that name without them belongs to somebody else. */
const groupFunctions = ({ names: { group, tags } }: ThinDisk): Sh => sh`
  vg=${group}
  ours() {
    have=$(vgs --noheadings --config ${ONLY_ASK} -o vg_tags --select "vg_name=$vg") || fail "LVM does not answer"
    [ -n "$have" ] || return 1
    for tag in ${tags}; do
      case ",$(printf %s "$have" | tr -d ' ')," in *",$tag,"*) ;; *) fail "the LVM group $vg is there and is not glusterctl's: it lacks the tag $tag" ;; esac
    done
  }`;

/** The record comes first: a physical volume without a group is then known as ours. */
export const makeGroup = (disk: ThinDisk, { alignment, extent }: ThinLayout): Sh => sh`
  set -eu
  ${guard}
  ${recordFunctions(disk.mount)}
  ${groupFunctions(disk)}
  if ours; then exit 0; fi
  find_disk ${findWords(disk.identity, disk.size)}
  was=$(noted disk)
  if [ -z "$was" ]; then
    blank
    note ${`disk ${identityText(disk.identity)}`}
    for folder in ${LVM_FOLDERS}; do [ -d "$folder" ] || note "made $folder"; done
  elif [ "$was" != ${identityText(disk.identity)} ]; then
    fail "another disk was taken for this mount point before: $was"
  fi
  if group=$(pvs --noheadings -o vg_name "$d" 2>/dev/null); then
    idle
    [ -z "$(printf %s "$group" | tr -d ' ')" ] || fail "$d belongs to the LVM group$group"
  else
    blank
    pvcreate -qq --dataalignment ${alignment}b "$d"
  fi
  vgcreate -qq --physicalextentsize ${extent}b ${disk.names.tags.map((tag) => sh`--addtag ${tag}`)} "$vg" "$d"`;

/** The group is there, on that disk. */
export const groupMade = (disk: ThinDisk): Sh => sh`
  set -eu
  ${guard}
  ${groupFunctions(disk)}
  ours
  find_disk ${findWords(disk.identity, disk.size)}
  [ "$(pvs --noheadings -o vg_name "$d" | tr -d ' ')" = "$vg" ]`;

/** What is not ours, or still holds a volume, stays. */
export const unmakeGroup = (disk: ThinDisk): Sh => sh`
  set -eu
  ${guard}
  ${recordFunctions(disk.mount)}
  ${groupFunctions(disk)}
  if ! command -v vgs >/dev/null; then forget; exit 0; fi
  if ours; then
    held=$(lvs --noheadings -o lv_name "$vg" | tr -d ' ')
    [ -z "$held" ] || fail "the LVM group $vg holds $(printf '%s ' $held)and stays"
    vgremove -qq "$vg"
  elif [ -z "$(noted disk)" ]; then
    exit 0
  fi
  find_disk ${findWords(disk.identity, disk.size)}
  if group=$(pvs --noheadings -o vg_name "$d" 2>/dev/null) && [ -z "$(printf %s "$group" | tr -d ' ')" ]; then pvremove -qq "$d"; fi
  udevadm settle --timeout=30
  blank
  rm -f -- /etc/lvm/backup/"$vg" /etc/lvm/archive/"$vg"_[0-9]*.vg
  for folder in ${LVM_FOLDERS}; do
    if [ -d "$folder" ] && grep -qxF "made $folder" "$r" 2>/dev/null; then rmdir --ignore-fail-on-non-empty -- "$folder"; fi
  done
  forget`;

/** --yes: signatures that were left inside of the disk by whoever had it before are no data by now. */
export const makePool = (disk: ThinDisk, { chunk, metadata, pool, extent }: ThinLayout): Sh => sh`
  set -eu
  ${guard}
  ${groupFunctions(disk)}
  ours || fail "there is no LVM group $vg"
  has() { [ -n "$(lvs --noheadings -o lv_name --select "lv_name=$1" "$vg")" ]; }
  if ! has ${POOL}; then
    lvcreate -qq --yes --type thin-pool --extents ${pool / extent} --poolmetadatasize ${metadata}b --chunksize ${chunk}b --zero n --metadataprofile ${PROFILE} --name ${POOL} "$vg"
  fi
  if ! has ${BRICK}; then
    lvcreate -qq --yes --type thin --virtualsize ${pool}b --thinpool ${POOL} --name ${BRICK} "$vg"
  fi
  udevadm settle --timeout=30`;

export const poolMade = (disk: ThinDisk): Sh => sh`
  [ "$(lvs --noheadings -o pool_lv ${disk.names.group}/${BRICK} | tr -d ' ')" = ${POOL} ] && [ -b ${disk.names.device} ]`;

/** Only while nothing is on it: the filesystem is taken away by its own undo, which looks inside. */
export const unmakePool = (disk: ThinDisk): Sh => sh`
  set -eu
  ${guard}
  ${groupFunctions(disk)}
  command -v vgs >/dev/null || exit 0
  ours || exit 0
  others=$(lvs --noheadings -o lv_name "$vg" | tr -d ' ' | grep -vx -e ${POOL} -e ${BRICK} || :)
  [ -z "$others" ] || fail "the thin pool $vg/${POOL} also holds $(printf '%s ' $others)and stays" 'a snapshot of a volume is deleted by: gluster snapshot delete' 'a clone leaves its thin volume behind when it is deleted; that goes by: lvremove'
  if [ -n "$(lvs --noheadings -o lv_name --select lv_name=${BRICK} "$vg")" ]; then
    lvchange -qq -ay "$vg"/${BRICK}
    now=$(signs ${disk.names.device}) || exit 1
    [ -z "$now" ] || fail "${disk.names.device} carries something and stays:" "$now"
    lvremove -qq --yes "$vg"/${BRICK}
  fi
  if [ -n "$(lvs --noheadings -o lv_name --select lv_name=${POOL} "$vg")" ]; then lvremove -qq --yes "$vg"/${POOL}; fi`;

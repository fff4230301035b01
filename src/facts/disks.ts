import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';
import type { BlockDevice, BlockGraph } from './block-graph.ts';
import { parseBlockGraph } from './block-parse.ts';
import { type Reason, reasonsAgainst, remarksOn } from './disk-reasons.ts';

export interface Disk extends BlockDevice {
  /** Blank, unused, and known to be: the only kind that is ever taken without asking. */
  usable: boolean;
  /** Why it is not; [] exactly where it is. */
  reasons: readonly Reason[];
  remarks: readonly string[];
}

/**
 * Everything about block devices in one go. Sections are `NAME CODE BASE64`, so that no label, model or file name can
 * fake one. Floppy and optical drives are not probed: without a medium that takes tens of seconds.
 * Each program that is started counts: an emulated or busy machine takes a tenth of a second for it.
 * lsblk fails on a column that it does not know, so it is asked for less each time (PATH: util-linux 2.33,
 * MOUNTPOINTS: 2.37; --json is not there in 2.23 of EL7).
 */
const read = sh`
  read -r mark </proc/sys/kernel/random/uuid
  echo "$mark"
  put() { name=$1; shift; printf '\n%s B %s\n' "$mark" "$name"; "$@"; printf '\n%s E %s %s\n' "$mark" "$name" "$?"; }
  some() {
    c=NAME,KNAME,MAJ:MIN,TYPE,SIZE,RO,RM,ROTA,MODEL,SERIAL,FSTYPE,LABEL,UUID,MOUNTPOINT,PHY-SEC,LOG-SEC
    lsblk --json -b -o $c,PATH,WWN,TRAN,PKNAME,PTTYPE,PARTUUID,MOUNTPOINTS && return
    lsblk --json -b -o $c,PATH,WWN,TRAN,PKNAME,PTTYPE,PARTUUID && return
    lsblk --json -b -o $c,WWN,TRAN,PKNAME,PARTUUID && return
    lsblk -P -b -o $c,WWN,TRAN,PKNAME && return
    lsblk -P -b -o $c
  }
  put lsblk some
  put sys grep -Hs '' /sys/block/*/size /sys/block/*/ro /sys/block/*/removable /sys/block/*/dev /sys/block/*/queue/rotational /sys/block/*/queue/logical_block_size /sys/block/*/queue/physical_block_size /sys/block/*/serial /sys/block/*/device/serial /sys/block/*/dm/name /sys/block/*/dm/uuid /sys/block/*/md/level /sys/block/*/loop/backing_file /sys/block/*/*/partition /sys/block/*/*/size /sys/block/*/*/dev /sys/block/*/*/ro
  put links ls -d /sys/block/*/holders/* /sys/block/*/*/holders/* /sys/block/*/slaves/* /sys/fs/btrfs/*/devices/*
  put names find /dev/disk/by-id /dev/disk/by-path -type l -printf '%p %l\n'
  put mounts cat /proc/self/mountinfo
  put swaps cat /proc/swaps
  put mdstat cat /proc/mdstat
  command -v pvs >/dev/null && put pvs pvs --reportformat json -o pv_name,vg_name,vg_tags
  bricks() {
    sed -n 's:^[^ ]* [^ ]* [^ ]* [^ ]* \([^ ]*\) .* - [^ ]* /dev/.*:\1:p' /proc/self/mountinfo | while read -r m; do
      m=$(printf %b "$m")
      ls -d -- "$m/.glusterfs" "$m"/*/.glusterfs
    done
  }
  put bricks bricks
  probe() { wipefs -n --json "$1" || wipefs -n -p "$1"; }
  for s in /sys/block/*; do
    n=\${s##*/}
    case $n in
      ram* | zram* | fd* | sr* | dm-* ) continue ;;
      loop*) [ -e "$s/loop/backing_file" ] || continue ;;
    esac
    for p in "$s" "$s"/*; do
      [ "$p" = "$s" ] || [ -e "$p/partition" ] || continue
      k=\${p##*/}
      d=/dev/$k
      case $k in *!*) d=$(printf %s "$d" | tr '!' '/') ;; esac
      put "wipefs:$k" probe "$d"
      put "blkid:$k" blkid -p -o export "$d"
      command -v udevadm >/dev/null && put "udev:$k" udevadm info --query=property "--name=$d"
    done
  done
  for s in /sys/block/dm-*/dm/name; do
    [ -e "$s" ] || continue
    k=\${s%/dm/name}
    k=\${k##*/}
    put "wipefs:$k" probe "/dev/$k"
    put "blkid:$k" blkid -p -o export "/dev/$k"
    command -v udevadm >/dev/null && put "udev:$k" udevadm info --query=property "--name=/dev/$k"
  done
  put end :`;

/** All block devices of a node and how they hang together. */
export const blockGraph: Fact<BlockGraph> = { id: 'disks', read, parse: parseBlockGraph };

export const classify = (graph: BlockGraph): Disk[] =>
  graph.devices.map((device) => {
    const reasons = reasonsAgainst(device, graph);
    return { ...device, usable: reasons.length === 0, reasons, remarks: remarksOn(device) };
  });

/** Every block device with the answer to "may it be used, and if not, why". */
export const disks: Fact<readonly Disk[]> = { id: blockGraph.id, read, parse: (out) => classify(parseBlockGraph(out)) };

/** Those that an operator thinks of as disks: no loop, RAM, optical or logical devices, no partitions. */
export const isDisk = (device: BlockDevice): boolean =>
  device.type === 'disk' || device.type === 'mpath' || /^raid/.test(device.type ?? '');

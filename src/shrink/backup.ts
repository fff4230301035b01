import { sh } from '../sh.ts';
import { locate, type Place } from './deeds.ts';

/** For people: what `backupScript` takes. */
export const backups = (disk: string, root: string): string[] => [
  `the partition table of ${disk} (sfdisk --dump), its first MiB and its last 33 sectors`,
  `the superblock of ${root} (its first 4 KiB, and dumpe2fs)`,
  '/boot/grub/grub.cfg, /boot/grub/grubenv, /etc/default/grub*, /etc/fstab',
];

/** Prints a .tar.gz in base64: what is needed to put the table and the boot loader's files back by hand. */
export const backupScript = (place: Place) => sh`
  set -eu
  ${locate(place)}
  d=$(mktemp -d)
  trap 'rm -rf "$d"' EXIT
  cd "$d"
  sfdisk --dump "$disk" >table.sfdisk
  n=$(($(cat "/sys/class/block/\${disk##*/}/size") - 33))
  dd if="$disk" of=first-mib.bin bs=1M count=1 status=none
  dd if="$disk" of=last-33-sectors.bin bs=512 skip="$n" status=none
  dd if="$root" of=superblock.bin bs=4096 count=1 status=none
  dumpe2fs "$root" >dumpe2fs.txt 2>/dev/null
  for f in /boot/grub/grub.cfg /boot/grub/grubenv /etc/default/grub* /etc/fstab; do [ ! -f "$f" ] || cp "$f" "$(basename "$f")"; done
  tar -czf - . | base64`;

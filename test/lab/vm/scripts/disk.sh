#!/bin/sh
# disk.sh ROOT DISK SIZE: a raw disk laid out like a cloud droplet's. The second partition (BIOS boot) stands first on
# the disk, the first (root, ext4) behind it. No loop device and no mount is needed. SIZE is in MiB.
set -eu
root=$1 disk=$2 size=$3
first=6144 # sectors: 1 MiB for the table, 2 MiB for the BIOS boot partition

rm -f "$disk"
truncate -s "${size}M" "$disk"
sgdisk --new=2:2048:6143 --typecode=2:ef02 --new="1:$first:0" --typecode=1:8300 "$disk" >/dev/null
last=$(sgdisk --info=1 "$disk" | sed -n 's/^Last sector: \([0-9]*\).*/\1/p')

uuid=$(cat /proc/sys/kernel/random/uuid)
echo "UUID=$uuid / ext4 errors=remount-ro 0 1" >"$root/etc/fstab"
mke2fs -q -t ext4 -U "$uuid" -L cloudimg-rootfs -d "$root" -E "offset=$((first * 512))" "$disk" "$(((last - first + 1) / 2))k"

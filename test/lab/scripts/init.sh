#!/bin/sh
# init.sh NODE_DIR: the first process of a node's namespaces. It builds the
# node's root, plugs in its network cable, and becomes systemd.
set -eu
dir=$1
. "$dir/../../lab.conf"
. "$dir/node.conf"
. "$dir/loops.conf"
mnt=$dir/mnt root=$dir/mnt/root

# /proc still is the host's, so this is the pid by which the host knows us.
read -r pid _ </proc/self/stat

bridge() { nsenter --net="/proc/$HOLDER/ns/net" "$@"; }
# After a power cut the old cable may hang on for a moment.
bridge ip link del "p$INDEX" 2>/dev/null || :
# The address stays with the node: a new one would be unknown to its neighbours for a minute.
ip link add eth0 address "$MAC" type veth peer name "p$INDEX" netns "/proc/$HOLDER/ns/net"
bridge ip link set "p$INDEX" master br0
[ -e "$dir/unplugged" ] || bridge ip link set "p$INDEX" up
ip -batch - <<BATCH
link set lo up
addr add $ADDRESS/24 dev eth0
link set eth0 up
BATCH

mount -t overlay -o "lowerdir=$(cat "$dir/layers"),upperdir=$mnt/rw/upper,workdir=$mnt/rw/work" lab "$root"

mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$root/sys"
mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$root/sys/fs/cgroup"

mount -t tmpfs -o mode=0755,nosuid,size=64k dev "$root/dev"
for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0 fuse:10:229 autofs:10:235; do
  name=${node%%:*} number=${node#*:}
  mknod -m 0666 "$root/dev/$name" c "${number%:*}" "${number#*:}"
done
mkdir "$root/dev/pts" "$root/dev/shm" "$root/dev/disk" "$root/dev/disk/by-uuid"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777,nosuid,nodev shm "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"
ln -s fd/1 "$root/dev/stdout"
ln -s fd/2 "$root/dev/stderr"

mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
# `over FILE`: what is on stdin stands in its place. The text lives in the node's /dev, where nobody sees it.
over() {
  (umask 222 && cat >"$root/dev/over")
  mount --bind "$root/dev/over" "$root/$1"
  rm "$root/dev/over"
}
over proc/sys/kernel/random/boot_id </proc/sys/kernel/random/uuid
# The kernel is shared: its settings, except the network's, are not the node's to change.
mount --rbind "$root/proc/sys" "$root/proc/sys"
mount --bind "$root/proc/sys/net" "$root/proc/sys/net"
mount -o remount,bind,ro "$root/proc/sys"
[ ! -e "$root/proc/sysrq-trigger" ] || mount --bind /dev/null "$root/proc/sysrq-trigger"

# Only the node's own disks are seen, under a cloud's names.
mount -t tmpfs -o mode=0755,size=64k block "$root/sys/block"
mount -t tmpfs -o mode=0755,size=64k block "$root/sys/class/block"
partitions='major minor  #blocks  name
'
for pair in $LOOPS; do
  disk=${pair%=*} loop=${pair#*=}
  mknod -m 0660 "$root/dev/$disk" b 7 "${loop#loop}"
  ln -s "../devices/virtual/block/$loop" "$root/sys/block/$disk"
  ln -s "../../devices/virtual/block/$loop" "$root/sys/class/block/$disk"
  read -r sectors <"/sys/block/$loop/size"
  partitions="$partitions
$(printf '%4d %8d %10d %s' 7 "${loop#loop}" $((sectors / 2)) "$disk")"
done
echo "$partitions" | over proc/partitions

echo "$pid" >"$dir/init.pid"
exec 9>"$dir/booted"

cd "$root"
pivot_root . .
umount -l .
cd /
# There is no udev: what it would do for filesystems is done here, before systemd looks.
for disk in /dev/vd?; do
  uuid=$(blkid -p -s UUID -o value "$disk" 2>/dev/null) && ln -s "../../${disk##*/}" "/dev/disk/by-uuid/$uuid"
done
[ -z "$BRICK" ] || mount -t xfs "/dev/$BRICK" /data/brick1
mount -a -t xfs,ext2,ext3,ext4,btrfs 2>/dev/null || :
# As systemd has it on a machine: what is mounted later is seen by containers that share the folder.
mount --make-rshared /
echo yes >&9
exec 9>&-
exec env -i container=lxc "container_uuid=$UUID" PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  setpriv --bounding-set -sys_time,-sys_module /sbin/init

#!/bin/sh
# supervisor.sh NODE_DIR HOLDER: what a node's mainboard would be. It keeps the
# node's storage, and starts the node again whenever it ends, unless it was
# powered off. Orders (file "order": on, off, reset, restore LABEL) are obeyed
# between two boots; whoever writes one also ends the current boot.
set -u
dir=$1 HOLDER=$2
export HOLDER
. "$dir/../../lab.conf"
. "$dir/node.conf"
echo $$ >"$dir/supervisor.pid"

# All storage is RAM: it needs no cleaning up and makes fsync free. `root` has
# its own size, so that a full root filesystem leaves the disks alone.
mnt=$dir/mnt
mount -t tmpfs -o mode=0755,size=90% "lab-$NODE" "$mnt" || exit 1
mkdir -p "$mnt/store/snapshots" "$mnt/rw" "$mnt/root"

wipe_root() {
  umount -l "$mnt/rw" 2>/dev/null
  mount -t tmpfs -o "mode=0755,size=$ROOT_SIZE" "lab-$NODE-root" "$mnt/rw" && mkdir "$mnt/rw/upper" "$mnt/rw/work"
}

new_disks() {
  for disk in $DISKS; do
    image=$mnt/store/$LAB-$NODE-${disk%=*}.img
    rm -f "$image"
    truncate -s "${disk#*=}" "$image"
  done
  if [ -n "$BRICK" ]; then
    mkfs.xfs -q "$mnt/store/$LAB-$NODE-$BRICK.img" && fallocate --dig-holes "$mnt/store/$LAB-$NODE-$BRICK.img"
  fi
}

# A loop device is held by an open descriptor and told to go when that closes:
# it cannot outlive this process.
attach_disks() {
  fd=3 loops=
  for disk in $DISKS; do
    loop=$(losetup --find --show "$mnt/store/$LAB-$NODE-${disk%=*}.img") || return 1
    eval "exec $fd<>$loop"
    losetup --detach "$loop"
    loops="$loops ${disk%=*}=${loop#/dev/}"
    fd=$((fd + 1))
  done
  echo "LOOPS='$loops'" >"$dir/loops.conf"
}

detach_disks() {
  exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
  for pair in ${loops-}; do
    tries=0
    while grep -qs "/$LAB-$NODE-${pair%=*}.img" "/sys/block/${pair#*=}/loop/backing_file" && [ $tries -lt 200 ]; do
      sleep 0.02
      tries=$((tries + 1))
    done
  done
  loops=
}

pristine() {
  detach_disks
  wipe_root
  LAYERS=$dir/seed:$IMAGE
  new_disks
  attach_disks
}

# A snapshot's files become a read-only layer below an empty one: nothing is copied but the disks.
restore() {
  from=$mnt/store/snapshots/$(cat "$mnt/store/snapshots/$1")
  detach_disks
  wipe_root
  LAYERS=$from/upper:$(cat "$from/layers")
  for disk in $DISKS; do
    cp --sparse=always "$from/$LAB-$NODE-${disk%=*}.img" "$mnt/store/$LAB-$NODE-${disk%=*}.img"
  done
  attach_disks
}

boot() {
  rm -f "$dir/init.pid" "$dir/booted"
  boots=$((boots + 1))
  echo "$LAYERS" >"$dir/layers"
  mkdir -p "$CGROUP/$NODE"
  find "$CGROUP/$NODE" -mindepth 1 -depth -type d -exec rmdir {} + 2>/dev/null
  # The first process joins the control group before it gets a namespace for it,
  # so systemd sees a clean tree of its own.
  sh -c 'echo 0 >"$1/cgroup.procs"; shift; exec unshare --mount --net --uts --ipc --pid --cgroup --fork --kill-child --propagation private sh "$@"' \
    boot "$CGROUP/$NODE" "$SCRIPTS/init.sh" "$dir" </dev/null 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
  unshared=$!
  until [ -s "$dir/init.pid" ] || ! kill -0 $unshared 2>/dev/null; do sleep 0.01; done
  # It must not stay where systemd wants to hand out controllers.
  echo $unshared >"$CGROUP/lab/cgroup.procs" 2>/dev/null
  echo "on $boots" >"$dir/state"
  wait $unshared 2>/dev/null
}

boots=0
pristine || { echo "failed $boots" >"$dir/state"; exit 1; }
while :; do
  boot
  ended=$?
  # 129: reboot. 130: power-off. 1 or 137: power cut, or init.sh gave up before it was done.
  if [ $ended = 130 ] || [ $ended = 0 ]; then state=off; elif [ -s "$dir/booted" ]; then state=on; else state=failed; fi
  while [ -e "$dir/order" ] || [ $state != on ]; do
    if [ -e "$dir/order" ]; then
      read -r order label <"$dir/order"
      case $order in
        reset) pristine && state=on || state=failed ;;
        restore) restore "$label" && state=on || state=failed ;;
        *) state=$order ;;
      esac
      rm -f "$dir/order"
    fi
    [ $state = on ] && break
    echo "$state $boots" >"$dir/state"
    sleep 0.05
  done
done

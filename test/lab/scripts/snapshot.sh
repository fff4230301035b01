#!/bin/sh
# snapshot.sh NODE_DIR LABEL PID: keeps what the node's disks hold now. To be run
# in the supervisor's mount namespace; PID is the node's init. The node stands
# still meanwhile, and its filesystems are in order when it goes on from here.
set -eu
dir=$1 label=$2 pid=$3
. "$dir/../../lab.conf"
. "$dir/node.conf"
store=$dir/mnt/store
kept=$(mktemp -d "$store/snapshots/$label.XXXXXX")

inside() { nsenter --target "$pid" --mount "$@"; }
frozen=
thaw() {
  for at in $frozen; do inside fsfreeze --unfreeze "$at" || :; done
  echo 0 >"$CGROUP/$NODE/cgroup.freeze"
}
trap thaw EXIT

echo 1 >"$CGROUP/$NODE/cgroup.freeze"
tries=0
until grep -q '^frozen 1' "$CGROUP/$NODE/cgroup.events" || [ $tries -ge 100 ]; do
  sleep 0.02
  tries=$((tries + 1))
done
for at in $(inside findmnt --raw --noheadings --list --types xfs,ext2,ext3,ext4,btrfs --output TARGET); do
  inside fsfreeze --freeze "$at" && frozen="$at $frozen"
done
for pair in $(. "$dir/loops.conf" && echo "$LOOPS"); do blockdev --flushbufs "/dev/${pair#*=}" 2>/dev/null || :; done

cp -a "$dir/mnt/rw/upper" "$kept/upper"
cp "$dir/layers" "$kept/layers"
for disk in $DISKS; do cp --sparse=always "$store/$LAB-$NODE-${disk%=*}.img" "$kept/"; done
basename "$kept" >"$store/snapshots/$label"

#!/bin/sh
# holder.sh LAB_DIR: the process a lab hangs on. It is started in its own network
# namespace, which holds the lab's bridge, and in its own mount namespace.
# Everything it starts is in the lab's control group, so that `down` finds it.
set -eu
dir=$1
. "$dir/lab.conf"
mkdir -p "$CGROUP/lab"
echo 0 >"$CGROUP/lab/cgroup.procs"

: >"$dir/unshared"
# The host's end of the cable is moved here by whoever started this.
until [ -e "$dir/cabled" ]; do sleep 0.01; done
ip -batch - <<BATCH
link set lo up
link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
link set br0 address $MAC_PREFIX:fe:fe
addr add $NET.250/24 dev br0
link set br0 up
link set $UPLINK master br0
link set $UPLINK up
BATCH

"$NODE_BIN" "$SCRIPTS/package-server.mjs" "$dir/server.json" >>"$dir/server.log" 2>&1 &

# Unless it is to be kept, the lab ends with the process which opened it and holds the other end of stdin.
if [ "$KEEP" = no ]; then
  exec 9<&0
  {
    cat >/dev/null
    # Kernels before 5.14 cannot kill a control group.
    echo 1 >"$CGROUP/cgroup.kill" || find "$CGROUP" -name cgroup.procs -exec cat {} + | xargs kill -9
  } <&9 &
  exec 9<&-
fi

for node in $NODES; do
  unshare --mount --propagation private sh "$SCRIPTS/supervisor.sh" "$dir/nodes/$node" $$ >>"$dir/nodes/$node/supervisor.log" 2>&1 &
done
wait

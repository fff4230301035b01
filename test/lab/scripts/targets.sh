#!/bin/sh
# targets.sh DIR: one sshd that owns a whole network, in its own namespaces.
set -eu
dir=$1
. "$dir/lab.conf"
mkdir -p "$CGROUP/lab"
echo 0 >"$CGROUP/lab/cgroup.procs"
: >"$dir/unshared"
until [ -e "$dir/cabled" ]; do sleep 0.01; done
exec 9<&0
{
  cat >/dev/null
  # Kernels before 5.14 cannot kill a control group.
  echo 1 >"$CGROUP/cgroup.kill" || find "$CGROUP" -name cgroup.procs -exec cat {} + | xargs kill -9
} <&9 &
exec 9<&-

ip -batch - <<BATCH
link set lo up
addr add $NET.255.253/30 dev $UPLINK
link set $UPLINK up
route add local $NET.0.0/17 dev lo
BATCH

root=$dir/root
mount -t tmpfs -o mode=0755,size=1g targets "$root"
mkdir "$root/upper" "$root/work" "$root/at"
mount -t overlay -o "lowerdir=$IMAGE,upperdir=$root/upper,workdir=$root/work" targets "$root/at"
at=$root/at
mount -t proc -o nosuid,nodev,noexec proc "$at/proc"
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$at/sys"
mount -t tmpfs -o mode=0755 dev "$at/dev"
mount -t tmpfs -o mode=0755 run "$at/run"
for node in null:3 zero:5 full:7 random:8 urandom:9; do mknod -m 0666 "$at/dev/${node%:*}" c 1 "${node#*:}"; done
mkdir "$at/dev/pts" "$at/dev/shm" "$at/run/sshd"
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts "$at/dev/pts"
ln -s pts/ptmx "$at/dev/ptmx"
ln -s /proc/self/fd "$at/dev/fd"

install -m 0600 "$dir/host_key" "$at/etc/ssh/ssh_host_ed25519_key"
mkdir -p -m 0700 "$at/root/.ssh"
install -m 0600 "$dir/authorized_keys" "$at/root/.ssh/authorized_keys"
cat >"$at/etc/ssh/sshd_targets" <<'SSHD'
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
MaxStartups 1000
MaxSessions 100
UseDNS no
PidFile none
ForceCommand exec unshare --uts /usr/local/sbin/target
SSHD
cat >"$at/usr/local/sbin/target" <<'TARGET'
#!/bin/sh
# A session's own host name, by the address that was dialled: 10.x.1.2 is target-258.
set -- $SSH_CONNECTION
low=${3##*.} rest=${3%.*}
hostname "target-$((${rest##*.} * 256 + low))"
exec /bin/bash ${SSH_ORIGINAL_COMMAND:+-c "$SSH_ORIGINAL_COMMAND"}
TARGET
chmod 0755 "$at/usr/local/sbin/target"
cd "$at"
exec chroot . /usr/sbin/sshd -D -e -f /etc/ssh/sshd_targets

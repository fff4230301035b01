# Read by the scripts that build images: what all nodes have, whatever they pretend to be.

# bootstrap ROOT SOURCES PACKAGES: a minimal Debian 12. A proxy of the operator's
# apt is used for the fetch, and not left in the image.
bootstrap() {
  root=$1 sources=$2 packages=$3
  set --
  for scheme in http https; do
    proxy=$(apt-config shell p "Acquire::$scheme::Proxy")
    eval "${proxy:-p=}"
    if [ -n "$p" ]; then set -- "$@" "--aptopt=Acquire::$scheme::Proxy \"$p\";"; fi
  done
  mmdebstrap --quiet --mode=root --variant=minbase --format=directory --architectures=amd64 \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='force-unsafe-io' \
    --include="systemd-sysv,dbus,openssh-server,sudo,iproute2,iputils-ping,procps,kmod,fdisk,ca-certificates,xfsprogs,e2fsprogs,attr,less,netbase,$packages" \
    "$@" bookworm "$root" "$sources"
  rm -f "$root"/etc/apt/apt.conf.d/99mmdebstrap "$root"/etc/dpkg/dpkg.cfg.d/99mmdebstrap
}

trust_lab_ca() {
  install -m 0644 "$keys/ca.crt" "$root/usr/local/share/ca-certificates/glusterctl-lab.crt"
  chroot "$root" update-ca-certificates >/dev/null 2>&1
}

# Every login that glusterctl has to cope with; node seeds rely on these ids.
add_users() {
  chroot "$root" useradd -m -u 1000 -s /bin/bash ops
  chroot "$root" useradd -m -u 1001 -s /bin/bash pat
  chroot "$root" useradd -m -u 1002 -s /bin/bash eve
  echo "pat:$PAT_PASSWORD" | chroot "$root" chpasswd
  printf 'ops ALL=(ALL) NOPASSWD: ALL\n' >"$root/etc/sudoers.d/ops"
  cat >"$root/etc/ssh/sshd_config.d/cloud.conf" <<'SSHD'
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
Match User pat
    PasswordAuthentication yes
SSHD
  rm -f "$root"/etc/ssh/ssh_host_*
}

# Timers that would take the package lock at a moment of their own choosing, and
# units for hardware and kernel parts which a namespace does not have.
mask_units() {
  for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer dnf-makecache.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer console-getty.service getty@tty1.service getty-static.service systemd-logind.service \
    sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount dev-hugepages.mount xfs_scrub_all.timer systemd-update-utmp.service systemd-update-utmp-runlevel.service; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
  done
  ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
}

# leave_clock_alone UNIT: the clock is the host's: chrony runs, but does not set it.
leave_clock_alone() {
  install -d "$root/etc/systemd/system/$1.d"
  cat >"$root/etc/systemd/system/$1.d/lab.conf" <<'UNIT'
[Unit]
ConditionCapability=
[Service]
ExecStart=
ExecStart=!/usr/sbin/chronyd -x $DAEMON_OPTS
UNIT
}

blank() {
  : >"$root/etc/machine-id"
  : >"$root/etc/resolv.conf"
  : >"$root/etc/fstab"
  install -d -m 0755 "$root/data" "$root/data/brick1"
  rm -rf "$root"/var/cache/apt/*.bin "$root"/var/lib/apt/lists/* "$root"/var/log/*.log "$root"/var/log/apt/*
}

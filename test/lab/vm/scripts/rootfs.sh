#!/bin/sh
# rootfs.sh ROOT SOURCES APTCONF LOGINKEY [PACKAGE,...]: a Debian 12 server as a cloud provider hands it out, without
# anything of GlusterFS or LVM but the named packages. SOURCES and APTCONF say how the operator's machine reaches a
# Debian mirror; the image keeps them, because the guests install packages by the same way.
# Geo-replication's program is left out: glusterd starts it fourteen times, which takes an emulated processor twenty seconds.
set -eu
root=$1 sources=$2 aptconf=$3 login=$4 packages=${5:-}

mmdebstrap --quiet --mode=root --variant=minbase --format=directory --architectures=amd64 \
  --aptopt="$aptconf" \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --dpkgopt='path-exclude=/usr/lib/*/glusterfs/gsyncd' \
  --dpkgopt='force-unsafe-io' \
  --essential-hook='echo grub-pc grub-pc/install_devices_empty boolean true | chroot "$1" debconf-set-selections' \
  --essential-hook='echo "LABEL=cloudimg-rootfs / ext4 errors=remount-ro 0 1" >"$1/etc/fstab"' \
  --essential-hook='mkdir -p "$1/etc/initramfs-tools/conf.d"' \
  --essential-hook='printf "MODULES=list\nCOMPRESS=zstd\nCOMPRESSLEVEL=1\n" >"$1/etc/initramfs-tools/conf.d/lab"' \
  --essential-hook='printf "%s\n" virtio_pci virtio_blk virtio_scsi sd_mod ext4 crc32c_generic >"$1/etc/initramfs-tools/modules"' \
  --include=systemd-sysv,udev,dbus,kmod,procps,openssh-server,sudo,iproute2,iputils-ping,netbase,ca-certificates,less \
  --include=parted,gdisk,fdisk,e2fsprogs,initramfs-tools,zstd,grub-pc,linux-image-cloud-amd64${packages:+,$packages} \
  bookworm "$root" "$sources"
rm -f "$root"/etc/apt/apt.conf.d/99mmdebstrap
rm -rf "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*
cp "$sources" "$root/etc/apt/sources.list.d/debian.list"
cp "$aptconf" "$root/etc/apt/apt.conf.d/90lab"

chroot "$root" useradd -m -u 1000 -s /bin/bash ops
printf 'ops ALL=(ALL) NOPASSWD: ALL\n' >"$root/etc/sudoers.d/ops"
chmod 0440 "$root/etc/sudoers.d/ops"
for home in root home/ops; do
  install -d -m 0700 "$root/$home/.ssh"
  install -m 0600 "$login" "$root/$home/.ssh/authorized_keys"
done
chroot "$root" chown -R ops:ops /home/ops/.ssh

# One kind of host key: an RSA key takes an emulated machine half a minute to make.
cat >"$root/etc/ssh/sshd_config.d/cloud.conf" <<'SSHD'
HostKey /etc/ssh/ssh_host_ed25519_key
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
SSHD
rm -f "$root"/etc/ssh/ssh_host_*

cat >"$root/etc/systemd/network/10-eth0.network" <<'NETWORK'
[Match]
Name=eth0
[Network]
DHCP=ipv4
LinkLocalAddressing=no
IPv6AcceptRA=no
NETWORK
# QEMU's user network answers DNS at this address, also to a guest with a static address.
echo 'nameserver 10.0.2.3' >"$root/etc/resolv.conf"

# Who the machine is, it is told by its firmware: NAME@ADDRESS/PREFIX as serial number, its SSH host key as SKU.
cat >"$root/usr/local/sbin/lab-identity" <<'IDENTITY'
#!/bin/sh
set -eu
serial=$(cat /sys/class/dmi/id/product_serial)
name=${serial%@*} address=${serial#*@}
if [ "$(cat /etc/hostname)" != "$name" ]; then
  echo "$name" >/etc/hostname
  printf '127.0.0.1 localhost\n127.0.1.1 %s\n::1 localhost ip6-localhost ip6-loopback\n' "$name" >/etc/hosts
fi
hostname "$name"
if [ ! -s /etc/ssh/ssh_host_ed25519_key ]; then
  umask 077
  base64 -d /sys/class/dmi/id/product_sku >/etc/ssh/ssh_host_ed25519_key
  ssh-keygen -y -f /etc/ssh/ssh_host_ed25519_key >/etc/ssh/ssh_host_ed25519_key.pub
  chmod 0644 /etc/ssh/ssh_host_ed25519_key.pub
fi
mkdir -p /run/systemd/network
printf '[Match]\nName=eth1\n[Link]\nRequiredForOnline=no\n[Network]\nAddress=%s\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n' \
  "$address" >/run/systemd/network/20-eth1.network
chmod 0755 /run/systemd/network
chmod 0644 /run/systemd/network/20-eth1.network
IDENTITY
chmod 0755 "$root/usr/local/sbin/lab-identity"
cat >"$root/etc/systemd/system/lab-identity.service" <<'UNIT'
[Unit]
Description=Name, storage address and host key from the firmware
DefaultDependencies=no
After=local-fs.target
Before=network-pre.target systemd-networkd.service ssh.service
Wants=network-pre.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/lab-identity
[Install]
WantedBy=multi-user.target
UNIT
chroot "$root" systemctl --quiet enable lab-identity.service systemd-networkd.service

# Timers that would take the dpkg lock, or the whole emulated processor, at a moment of their own choosing.
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
  fstrim.timer getty@tty1.service serial-getty@ttyS0.service systemd-networkd-wait-online.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"

cat >"$root/etc/default/grub" <<'GRUB'
GRUB_DEFAULT=0
GRUB_TIMEOUT=0
GRUB_DISTRIBUTOR=Debian
GRUB_CMDLINE_LINUX_DEFAULT=""
# What a kernel does against attacks on its processor, and for its log on an emulated serial line, costs an emulated one a third of its time.
GRUB_CMDLINE_LINUX="net.ifnames=0 console=tty0 console=ttyS0,115200 mitigations=off loglevel=4 audit=0 nowatchdog nokaslr"
GRUB_TERMINAL="console serial"
GRUB_SERIAL_COMMAND="serial --speed=115200"
GRUB

# Run once, as the first process of the first boot: what needs a real disk below the root filesystem.
cat >"$root/usr/local/sbin/lab-first-boot" <<'FIRST'
#!/bin/sh
export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
fail() { echo "LAB-FIRST-BOOT-FAILED: $1"; sync; sleep 1; echo o >/proc/sysrq-trigger; sleep 60; }
mount -o remount,rw / || fail 'remount'
grub-install /dev/vda || fail 'grub-install'
update-grub || fail 'update-grub'
grep -q 'root=UUID=' /boot/grub/grub.cfg || fail 'root is not named by UUID'
rm -f /usr/local/sbin/lab-first-boot
sync
echo LAB-FIRST-BOOT-DONE
# Remounts read-only, then off.
echo u >/proc/sysrq-trigger
sleep 1
echo o >/proc/sysrq-trigger
sleep 60
FIRST
chmod 0755 "$root/usr/local/sbin/lab-first-boot"

: >"$root/etc/machine-id"
rm -rf "$root"/var/cache/apt/*.bin "$root"/var/lib/apt/lists/* "$root"/var/log/*.log "$root"/var/log/apt/*

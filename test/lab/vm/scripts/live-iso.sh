#!/bin/sh
# live-iso.sh WORK OUT SOURCES APTCONF: a live ISO of Debian packages, laid out and behaving like the rescue system that
# it stands in for. FLAVOUR, SHORT, RELEASE, BOOTID and VOLUME come from the environment: no name is chosen here.
set -eu
work=$1 out=$2 sources=$3 aptconf=$4
root=$work/root iso=$work/iso

mmdebstrap --quiet --mode=root --variant=minbase --format=directory --architectures=amd64 \
  --aptopt="$aptconf" \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --dpkgopt='force-unsafe-io' \
  --essential-hook='mkdir -p "$1/etc/initramfs-tools/conf.d"' \
  --essential-hook='printf "MODULES=list\nCOMPRESS=zstd\nCOMPRESSLEVEL=1\n" >"$1/etc/initramfs-tools/conf.d/lab"' \
  --essential-hook='printf "%s\n" virtio_pci virtio_blk virtio_scsi virtio_net sd_mod ext4 crc32c_generic isofs \
    squashfs overlay loop af_packet >"$1/etc/initramfs-tools/modules"' \
  --include=systemd-sysv,udev,dbus,kmod,procps,zsh,less,openssh-server,iproute2,ifupdown,isc-dhcp-client,netbase \
  --include=e2fsprogs,xfsprogs,btrfs-progs,dosfstools,lvm2,mdadm,fdisk,gdisk,parted,attr,initramfs-tools,zstd \
  --include=live-boot,live-boot-initramfs-tools,linux-image-cloud-amd64 \
  bookworm "$root" "$sources"
rm -f "$root"/etc/apt/apt.conf.d/99mmdebstrap

chroot "$root" useradd -m -u 1000 -s /bin/zsh grml
chroot "$root" usermod -s /bin/zsh root
echo grml >"$root/etc/hostname"
printf '127.0.0.1 localhost grml\n::1 localhost ip6-localhost ip6-loopback\n' >"$root/etc/hosts"
echo "$RELEASE" >"$root/etc/grml_version"
: >"$root/etc/grml_cd"
: >"$root/etc/machine-id"
# zsh asks a new user questions where there is no such file.
: >"$root/root/.zshrc"

# sshd runs only when it is asked for, and with host keys made on this boot unless some were put there before.
rm -f "$root"/etc/ssh/ssh_host_*
echo 'PermitRootLogin yes' >"$root/etc/ssh/sshd_config.d/live.conf"
chroot "$root" systemctl --quiet disable ssh.service
install -d "$root/etc/systemd/system/ssh.service.d"
printf '[Service]\nExecStartPre=\nExecStartPre=/usr/bin/ssh-keygen -A\nExecStartPre=/usr/sbin/sshd -t\n' \
  >"$root/etc/systemd/system/ssh.service.d/keys.conf"

install -m 0755 "$(dirname "$0")/live-autoconfig.sh" "$root/usr/sbin/grml-autoconfig-stand-in"
cat >"$root/etc/systemd/system/grml-autoconfig.service" <<'UNIT'
[Unit]
Description=Configure the live system by the options of its boot line
After=local-fs.target systemd-udev-settle.service networking.service
Wants=systemd-udev-settle.service
[Service]
Type=oneshot
RemainAfterExit=yes
StandardOutput=journal+console
ExecStart=/usr/sbin/grml-autoconfig-stand-in
[Install]
WantedBy=multi-user.target
UNIT
chroot "$root" systemctl --quiet enable grml-autoconfig.service
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
  fstrim.timer mdcheck_start.timer mdcheck_continue.timer mdmonitor-oneshot.timer systemd-networkd.service; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
ln -sf /lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"

# Sourced by live-boot in the initramfs after its own files.
install -m 0644 "$(dirname "$0")/live-initramfs.sh" "$root/lib/live/boot/9999-lab.sh"
chroot "$root" update-initramfs -u >/dev/null

install -d "$iso/boot/grub" "$iso/boot/$SHORT" "$iso/live/$FLAVOUR" "$iso/conf" "$iso/GRML/$FLAVOUR"
mv "$root"/boot/vmlinuz-* "$iso/boot/$SHORT/vmlinuz"
mv "$root"/boot/initrd.img-* "$iso/boot/$SHORT/initrd.img"
echo "$BOOTID" >"$iso/conf/bootid.txt"
echo "$RELEASE" >"$iso/GRML/$FLAVOUR/grml-version"

cat >"$iso/boot/grub/header.cfg" <<'GRUB'
set default=0
set timeout=20
if [ ${iso_path} ] ; then
    set loopback="findiso=${iso_path}"
    export loopback
fi
GRUB
entry() {
  cat <<GRUB
menuentry "$FLAVOUR - $1" {
    echo 'Loading kernel...'
    linux   /boot/$SHORT/vmlinuz apm=power-off boot=live live-media-path=/live/$FLAVOUR/ bootid=$BOOTID "\${loopback}" \${kernelopts} nomce net.ifnames=0 $2
    echo 'Loading initrd...'
    initrd  /boot/$SHORT/initrd.img
}
GRUB
}
entry "release $RELEASE (default)" '' >"$iso/boot/grub/${SHORT}_default.cfg"
{
  echo "submenu \"$FLAVOUR - advanced options  ->\" --class=submenu {"
  entry 'copy Grml to RAM' "toram=$FLAVOUR.squashfs"
  entry 'copy whole medium to RAM' toram
  echo '}'
} >"$iso/boot/grub/${SHORT}_options.cfg"
for config in loopback grub; do
  printf 'source /boot/grub/%s\n' header.cfg "${SHORT}_default.cfg" "${SHORT}_options.cfg" >"$iso/boot/grub/$config.cfg"
done

mksquashfs "$root" "$iso/live/$FLAVOUR/$FLAVOUR.squashfs" -quiet -no-progress -comp zstd -Xcompression-level 3 \
  -e "$root/var/lib/apt/lists" -e "$root/var/cache/apt/archives"
echo "$FLAVOUR.squashfs" >"$iso/live/$FLAVOUR/filesystem.module"
(cd "$iso" && find . -type f ! -name md5sums -exec md5sum {} + >"GRML/$FLAVOUR/md5sums")
xorriso -as mkisofs -quiet -R -J -V "$VOLUME" -o "$out" "$iso"

#!/bin/sh
# image-el9.sh OUT KEYS SOURCES: a stand-in for a server with Rocky Linux 9. Its
# programs are Debian's, dnf and rpm among them; what it says of itself, its users,
# unit names, paths and package database are EL's. Its own packages are in that
# database by empty packages of EL's names.
set -eu
here=$(dirname "$0")
. "$here/image-parts.sh"
. "$here/rpm-parts.sh"
out=$1 keys=$2 work=$1/work
mkdir -p "$work"
import_keys
bootstrap "$out/root" "$3" rpm,dnf,dnf-plugins-core,firewalld,libtirpc3,liburcu8,libaio1,libedit2,psmisc,python3-prettytable,python3-requests,python3-jwt

cat >"$work/os-release" <<'OS'
NAME="Rocky Linux"
VERSION="9.4 (Blue Onyx)"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="9.4"
PLATFORM_ID="platform:el9"
PRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"
ANSI_COLOR="0;32"
LOGO="fedora-logo-icon"
CPE_NAME="cpe:/o:rocky:rocky:9::baseos"
HOME_URL="https://rockylinux.org/"
BUG_REPORT_URL="https://bugs.rockylinux.org/"
SUPPORT_END="2032-05-31"
ROCKY_SUPPORT_PRODUCT="Rocky-Linux-9"
ROCKY_SUPPORT_PRODUCT_VERSION="9.4"
REDHAT_SUPPORT_PRODUCT="Rocky Linux"
REDHAT_SUPPORT_PRODUCT_VERSION="9.4"
OS
rm -f "$root/etc/os-release" "$root/etc/debian_version"
install -m 0644 "$work/os-release" "$root/usr/lib/os-release"
ln -s ../usr/lib/os-release "$root/etc/os-release"
echo 'Rocky Linux release 9.4 (Blue Onyx)' >"$root/etc/rocky-release"
for name in redhat-release system-release; do ln -s rocky-release "$root/etc/$name"; done

# dnf as EL configures it, with what is a package of its own there taken out.
mkdir -p "$out/versionlock/plugins" "$out/versionlock/conf"
plugins=$root/usr/lib/python3/dist-packages/dnf-plugins
mv "$plugins/versionlock.py" "$out/versionlock/plugins/"
mv "$root"/etc/dnf/plugins/versionlock.* "$out/versionlock/conf/"
rm -f "$plugins"/local.py "$plugins"/leaves.py "$plugins"/show_leaves.py "$root"/etc/dnf/plugins/local.conf
ln -s dnf-3 "$root/usr/bin/yum"
mkdir -p "$root/usr/libexec" "$root/etc/dnf/vars" "$root/etc/yum.repos.d" "$root/etc/pki/rpm-gpg"
ln -s /usr/bin/python3 "$root/usr/libexec/platform-python"
cat >"$root/etc/dnf/dnf.conf" <<'CONF'
[main]
gpgcheck=1
installonly_limit=3
clean_requirements_on_remove=True
best=True
skip_if_unavailable=False
CONF
ln -s dnf/dnf.conf "$root/etc/yum.conf"
echo pub/rocky >"$root/etc/dnf/vars/contentdir"
install -m 0644 "$keys/archive.asc" "$root/etc/pki/rpm-gpg/RPM-GPG-KEY-Rocky-9"
for section in BaseOS:1 AppStream:1 CRB:0; do
  name=${section%:*}
  cat <<REPO
[$(echo "$name" | tr '[:upper:]' '[:lower:]')]
name=Rocky Linux \$releasever - $name
baseurl=http://dl.rockylinux.org/\$contentdir/\$releasever/$name/\$basearch/os/
gpgcheck=1
enabled=${section#*:}
countme=1
metadata_expire=6h
gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-Rocky-9

REPO
done >"$root/etc/yum.repos.d/rocky.repo"

{
  heading rocky-release 9.4 1.7.el9
  echo '%files'
  for name in bash:5.1.8 coreutils:8.32 dnf:4.14.0 dnf-plugins-core:4.3.0 e2fsprogs:1.46.5 firewalld:1.3.4 glibc:2.34 iproute:6.2.0 kmod:28 \
    libtirpc:1.3.3 openssh-server:8.7p1 procps-ng:3.3.17 python3:3.9.18 python3-dnf:4.14.0 python3-dnf-plugins-core:4.3.0 rpm:4.16.1.3 \
    shadow-utils:4.9 sudo:1.9.5p2 systemd:252 util-linux:2.37.4 xfsprogs:6.3.0 yum:4.14.0; do
    case $name in bash:*) provides='Provides: /bin/sh /usr/bin/sh /bin/bash /usr/bin/bash' ;; *) provides= ;; esac
    part "${name%:*}" "${name#*:}" 1.el9 "$provides"
  done
} >"$work/base.spec"
sed -i '/^License: /a Provides: system-release = 9.4-1.7.el9 system-release(releasever) = 9' "$work/base.spec"
build "$work/base.spec" "$work/base"
sign archive "$work/base"
# Debian keeps a database for each user.
sed -i 's|^%_dbpath.*|%_dbpath /var/lib/rpm|' "$root/usr/lib/rpm/macros"
mkdir -p "$root/var/lib/rpm" "$root/tmp/base"
cp "$work/base"/*.rpm "$root/tmp/base/"
chroot "$root" sh -c 'rpm --import /etc/pki/rpm-gpg/RPM-GPG-KEY-Rocky-9 && rpm -i --force-debian --nodeps /tmp/base/*.rpm'
rm -rf "$root/tmp/base"

# EL's accounts, units and paths. Presets: everything starts disabled.
chroot "$root" groupadd --system --gid 10 wheel 2>/dev/null || chroot "$root" groupadd --system wheel
trust_lab_ca
add_users
for user in ops pat; do chroot "$root" usermod -aG wheel "$user"; done
cat >"$root/etc/sudoers" <<'SUDO'
Defaults   !visiblepw
Defaults    env_reset
Defaults    secure_path = /sbin:/bin:/usr/sbin:/usr/bin
root    ALL=(ALL)       ALL
%wheel  ALL=(ALL)       ALL
#includedir /etc/sudoers.d
SUDO
chmod 0440 "$root/etc/sudoers" "$root"/etc/sudoers.d/*
echo 'SetEnv PATH=/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin' >"$root/etc/ssh/sshd_config.d/path.conf"
units=$root/usr/lib/systemd/system
mkdir -p "$root/usr/lib/systemd/system-preset"
echo 'disable *' >"$root/usr/lib/systemd/system-preset/99-default-disable.preset"
rm -f "$root"/etc/systemd/system/sshd.service "$root"/etc/systemd/system/multi-user.target.wants/ssh.service
mv "$units/ssh.service" "$units/sshd.service"
sed -i '/^Alias=/d' "$units/sshd.service"
ln -s /lib/systemd/system/sshd.service "$root/etc/systemd/system/multi-user.target.wants/sshd.service"
# systemd would make an ssh.service of the script there, and two of them would fight for port 22.
rm -f "$root"/etc/init.d/* "$root"/etc/rc?.d/*
chroot "$root" systemctl disable firewalld.service 2>/dev/null
mask_units
leave_clock_alone chronyd.service
blank

# Nothing of Debian's packaging is left to be seen.
rm -rf "$root"/etc/apt "$root"/etc/dpkg "$root"/var/lib/apt "$root"/var/lib/dpkg "$root"/var/cache/apt "$root"/usr/lib/apt
find "$root/usr/bin" "$root/usr/sbin" \( -name 'apt*' -o -name 'dpkg*' -o -name 'deb-*' \) -delete
rm -rf "$work" "$root"/var/cache/dnf/* "$root"/var/log/dnf*

#!/bin/sh
# packages-el9.sh OUT KEYS DEBS IMAGE: what the lab's package server offers to EL 9,
# in OUT/www. GlusterFS is Debian's, out of the debs that packages.sh has made, in
# RPMs named, divided and dependent as those of the CentOS Storage SIG; what else
# they need is in the image, and here by empty packages of EL's names.
set -eu
. "$(dirname "$0")/rpm-parts.sh"
out=$1 keys=$2 debs=$3 image=$4
www=$out/www work=$out/work
mkdir -p "$www" "$work"
import_keys

# files FOLDER: what of it a package owns; folders that the image has belong to others.
files() {
  (
    cd "$1"
    find . -mindepth 1 -type d -printf '/%P\n' | while read -r path; do [ -d "$image/root$path" ] || echo "%dir $path"; done
    find . \( -type f -o -type l \) -printf '/%P\n' | sed 's|^/etc/|%config(noreplace) &|'
  )
}

# unpack DEB FOLDER: its files, below /usr as EL has them.
unpack() {
  mkdir -p "$2"
  dpkg-deb -x "$1" "$2"
  for folder in bin sbin lib; do
    [ ! -d "$2/$folder" ] || { mkdir -p "$2/usr/$folder" && cp -a "$2/$folder/." "$2/usr/$folder/" && rm -rf "${2:?}/$folder"; }
  done
  rm -rf "$2/usr/share/doc" "$2/usr/share/lintian" "$2/usr/share/man"
  find "$2" -depth -type d -empty -delete
}

# package NAME FOLDER FIELD...: one package with the files of a folder.
package() {
  name=$1 folder=$2
  shift 2
  printf '%%package -n %s\nSummary: %s\nAutoReqProv: no\n' "$name" "$name"
  for field; do printf '%s\n' "$field"; done
  printf '%%description -n %s\n%s\n%%files -n %s\n' "$name" "$name" "$name"
  files "$folder"
}

same() { for name; do echo "Requires: $name = %{version}-%{release}"; done; }

gluster() {
  release=$1
  tree=$work/gluster-$release
  for deb in "$debs/www/pub/gluster/glusterfs/10/$release"/Debian/12/amd64/apt/pool/main/g/glusterfs/*.deb; do
    name=$(basename "${deb%%_*}")
    case $name in *-dev) continue ;; esac
    unpack "$deb" "$tree/$name"
  done
  # A package of its own in EL, which nothing here asks for.
  rm -r "$tree/glusterfs-common/usr/lib/x86_64-linux-gnu/glusterfs/gsyncd" "$tree/glusterfs-common/usr/lib/x86_64-linux-gnu/glusterfs/python/syncdaemon"
  move() { mkdir -p "$tree/$2/$(dirname "$3")" && mv "$tree/$1/$3" "$tree/$2/$3"; }
  move glusterfs-common glusterfs-server usr/lib/firewalld
  for xlator in cluster protocol/client.so; do
    move glusterfs-common glusterfs-client-xlators "usr/lib/x86_64-linux-gnu/glusterfs/$release/xlator/$xlator"
  done
  echo 'disable glusterd.service' >"$work/75-gluster.preset"
  install -D -m 0644 "$work/75-gluster.preset" "$tree/glusterfs-server/usr/lib/systemd/system-preset/75-gluster.preset"
  find "$tree" -depth -type d -empty -delete
  # EL's RPMs bring Python's byte code; what Python writes itself, no package would take away.
  unshare --mount --propagation private sh -c \
    'mount --bind "$1" "$2/mnt" && for at in "$1"/*; do chroot "$2" python3 -m compileall -q -s "/mnt/${at##*/}" -p / "/mnt/${at##*/}/usr/lib" || exit; done' \
    compile "$tree" "$image/root"
  {
    heading glusterfs "$release" 1.el9
    same libglusterfs0 libgfrpc0 libgfxdr0
    echo '%files'
    files "$tree/glusterfs-common"
    echo '%pre
getent group gluster >/dev/null || groupadd -r gluster
getent passwd gluster >/dev/null || useradd -r -g gluster -d /run/gluster -s /sbin/nologin -c "GlusterFS daemons" gluster
exit 0
%post
mkdir -p /var/log/glusterfs'
    for lib in libglusterfs0 libgfapi0 libgfchangelog0 libgfrpc0 libgfxdr0 libglusterd0; do
      package "$lib" "$tree/$lib" 'Requires: libtirpc' 'Requires: userspace-rcu'
    done
    package glusterfs-cli "$tree/glusterfs-cli" "$(same libglusterfs0 libglusterd0)"
    package glusterfs-client-xlators "$tree/glusterfs-client-xlators" "$(same glusterfs)"
    package glusterfs-fuse "$tree/glusterfs-client" 'Requires: attr' 'Requires: psmisc' "$(same glusterfs glusterfs-client-xlators)" \
      'Obsoletes: glusterfs-client < %{version}-%{release}' 'Provides: glusterfs-client = %{version}-%{release}'
    package glusterfs-server "$tree/glusterfs-server" "$(same glusterfs glusterfs-cli glusterfs-fuse libgfapi0 libgfchangelog0)" \
      'Requires: lvm2' 'Requires: python3-pyxattr' 'Requires: glusterfs-selinux >= 0.1.0-2'
    echo '%post -n glusterfs-server
systemctl daemon-reload >/dev/null 2>&1 || :
[ "$1" -gt 1 ] || systemctl --no-reload preset glusterd.service >/dev/null 2>&1 || :
%preun -n glusterfs-server
[ "$1" -gt 0 ] || systemctl --no-reload disable --now glusterd.service >/dev/null 2>&1 || :
%postun -n glusterfs-server
systemctl daemon-reload >/dev/null 2>&1 || :
[ "$1" -eq 0 ] || systemctl try-restart glusterd.service >/dev/null 2>&1 || :
%install'
    for folder in "$tree"/*/; do echo "cp -a '$folder.' %{buildroot}/"; done
  } >"$work/gluster.spec"
  # The heading ends with the description, and the package's own Requires come before that.
  awk '/^%description$/ && !done { held = 1 } held && /^Requires: / && !done { print; next }
    held && !done { text = text $0 "\n"; if (/^%files$/) { printf "%s", text; done = 1 } next } { print }' "$work/gluster.spec" >"$work/glusterfs.spec"
  build "$work/glusterfs.spec" "$work/sig"
}

gluster 10.3
gluster 10.4
{
  heading glusterfs-selinux 2.0.1 1.el9
  echo '%files'
} >"$work/selinux.spec"
build "$work/selinux.spec" "$work/sig"

# tree NAME KEY: a tree laid out as the SIG's.
tree() {
  to=$www/$1/9-stream/storage/x86_64/gluster-10
  mkdir -p "$to/Packages"
  cp "$work/sig"/*.rpm "$to/Packages/"
  [ "$2" = none ] || sign "$2" "$to/Packages"
  createrepo_c --quiet "$to"
  ln -s 9-stream "$www/$1/9"
}
tree SIGs gluster
tree unsigned none
tree wrong-key other
install -D -m 0644 "$keys/gluster.asc" "$www/keys/RPM-GPG-KEY-CentOS-SIG-Storage"

# chrony is real, under EL's names.
unpack "$(echo "$debs"/www/debian/pool/main/chrony_*.deb)" "$work/chrony"
(
  cd "$work/chrony"
  mkdir keep && mv usr keep/
  find . -mindepth 1 -maxdepth 1 ! -name keep -exec rm -rf {} +
  mv keep/usr . && rmdir keep
  rm -rf usr/lib/systemd usr/lib/udev usr/share
  mkdir -p etc/sysconfig usr/lib/systemd/system var/lib/chrony
  printf 'pool 2.rocky.pool.ntp.org iburst\ndriftfile /var/lib/chrony/drift\nmakestep 1.0 3\nrtcsync\n' >etc/chrony.conf
  echo 'DAEMON_OPTS="-f /etc/chrony.conf"' >etc/sysconfig/chronyd
  printf '[Unit]\nDescription=NTP client/server\nAfter=network.target\n[Service]\nType=forking\nPIDFile=/run/chrony/chronyd.pid\nEnvironmentFile=-/etc/sysconfig/chronyd\nExecStart=/usr/sbin/chronyd $DAEMON_OPTS\n[Install]\nWantedBy=multi-user.target\n' >usr/lib/systemd/system/chronyd.service
)
{
  heading chrony 4.5 1.el9
  echo '%files'
  files "$work/chrony"
  echo '%pre
getent passwd _chrony >/dev/null || useradd -r -d /var/lib/chrony -s /sbin/nologin _chrony
exit 0
%post
chown _chrony:_chrony /var/lib/chrony
systemctl daemon-reload >/dev/null 2>&1 || :
%preun
[ "$1" -gt 0 ] || systemctl --no-reload disable --now chronyd.service >/dev/null 2>&1 || :
%install'
  echo "cp -a '$work/chrony/.' %{buildroot}/"
} >"$work/chrony.spec"
build "$work/chrony.spec" "$work/BaseOS"

mkdir -p "$work/versionlock/usr/lib/python3/dist-packages/dnf-plugins" "$work/versionlock/etc/dnf/plugins"
cp -a "$image/versionlock/plugins/." "$work/versionlock/usr/lib/python3/dist-packages/dnf-plugins/"
cp -a "$image/versionlock/conf/." "$work/versionlock/etc/dnf/plugins/"
{
  heading python3-dnf-plugin-versionlock 4.3.0 13.el9
  echo '%files'
  files "$work/versionlock"
  echo '%install'
  echo "cp -a '$work/versionlock/.' %{buildroot}/"
} >"$work/versionlock.spec"
build "$work/versionlock.spec" "$work/BaseOS"

# lab-tools 1 cannot live with GlusterFS; to have both, dnf would upgrade it to 2.
{
  heading lab-base 1 1.el9
  part attr 2.5.1 3.el9
  part lvm2 2.03.23 2.el9 'Requires: device-mapper-persistent-data'
  part device-mapper-persistent-data 1.0.6 3.el9
  part psmisc 23.4 3.el9
  part lab-needs-lvm 1 1.el9 'Requires: lvm2'
  part lab-needs-gfapi 1 1.el9 'Requires: libgfapi0'
  part lab-tools 1 1.el9 'Conflicts: glusterfs'
} >"$work/base.spec"
build "$work/base.spec" "$work/BaseOS"
{
  heading lab-extra 1 1.el9
  part lab-tools 2 1.el9
} >"$work/tools.spec"
build "$work/tools.spec" "$work/AppStream"
{
  heading lab-crb 1 1.el9
  part python3-pyxattr 0.7.2 4.el9
  part userspace-rcu 0.12.1 6.el9
} >"$work/crb.spec"
build "$work/crb.spec" "$work/CRB"
for name in BaseOS AppStream CRB; do
  to=$www/pub/rocky/9/$name/x86_64/os
  mkdir -p "$to/Packages"
  sign archive "$work/$name"
  cp "$work/$name"/*.rpm "$to/Packages/"
  createrepo_c --quiet "$to"
done
rm -rf "$work"

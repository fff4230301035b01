#!/bin/sh
# packages.sh OUT KEYS IMAGE SOURCES: what the lab's package server offers, in OUT/www.
# The debs are Debian's own, fetched with the operator's apt by SOURCES. GlusterFS
# is repacked as 10.3-1 and 10.4-1, in trees laid out like download.gluster.org's.
set -eu
out=$1 keys=$2 image=$3 sources=$4
www=$out/www work=$out/work
mkdir -p "$www" "$work/lists/partial" "$work/archives/partial" "$work/etc"
GNUPGHOME=$(mktemp -d)
export GNUPGHOME
trap 'gpgconf --kill all; rm -rf "$GNUPGHOME"' EXIT
for key in gluster other archive; do gpg --batch --quiet --import "$keys/$key.secret" 2>/dev/null; done

# What a node has is not fetched: apt is shown the image's own list of packages.
cp "$image/root/var/lib/dpkg/status" "$work/status"
fetch() {
  apt-get -qq -o Dir::State::status="$work/status" -o Dir::State::lists="$work/lists" -o Dir::State::extended_states="$work/extended" \
    -o Dir::Cache::archives="$work/archives" -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= \
    -o Dir::Etc::sourcelist="$sources" -o Dir::Etc::sourceparts="$work/etc" -o Dir::Etc::preferences="$work/etc/none" \
    -o Dir::Etc::preferencesparts="$work/etc" -o APT::Sandbox::User=root -o APT::Architecture=amd64 -o APT::Architectures::=amd64 "$@"
}
fetch update
fetch install --yes --download-only --no-install-recommends \
  glusterfs-server glusterfs-client glusterfs-cli glusterfs-common libglusterfs-dev \
  lvm2 thin-provisioning-tools parted gdisk acl attr xfsprogs \
  chrony ufw firewalld nftables iptables \
  podman runc \
  curl wget gnupg python3 python3-apt libpam-systemd rsync lsof >/dev/null

# index DIR KEY: makes DIR an apt repository with suite $suite, signed by KEY ("none": not signed).
index() {
  (
    cd "$1"
    main=dists/$suite/main/binary-amd64
    mkdir -p "$main" pool
    apt-ftparchive --arch amd64 packages pool >"$main/Packages"
    gzip -9kf "$main/Packages"
    apt-ftparchive -o APT::FTPArchive::Release::Origin="$origin" -o APT::FTPArchive::Release::Label="$origin" \
      -o APT::FTPArchive::Release::Suite="$suite" -o APT::FTPArchive::Release::Codename="$suite" \
      -o APT::FTPArchive::Release::Architectures=amd64 -o APT::FTPArchive::Release::Components=main \
      release "dists/$suite" >"$work/Release"
    mv "$work/Release" "dists/$suite/Release"
    if [ "$2" != none ]; then
      gpg --batch --quiet --local-user "$2@lab.invalid" --clearsign -o "dists/$suite/InRelease" "dists/$suite/Release"
      gpg --batch --quiet --local-user "$2@lab.invalid" --armor --detach-sign -o "dists/$suite/Release.gpg" "dists/$suite/Release"
    fi
  )
}

# Debian's mirror: everything in one suite; the two others are there, and empty.
origin=Debian
mkdir -p "$www/debian/pool/main" "$www/debian-security"
mv "$work"/archives/*.deb "$www/debian/pool/main/"
suite=bookworm
index "$www/debian" archive
mkdir "$work/empty"
for suite in bookworm-updates bookworm-security; do index "$work/empty" archive; done
mv "$work/empty/dists/bookworm-updates" "$www/debian/dists/"
mkdir -p "$www/debian-security/dists"
mv "$work/empty/dists/bookworm-security" "$www/debian-security/dists/"

# repack DEB VERSION TO: another Debian version, also in what it depends on; and
# where the release differs, another release in the programs and paths too.
repack() {
  rm -rf "$work/deb"
  dpkg-deb -R "$1" "$work/deb"
  old=$(sed -n 's/^Version: //p' "$work/deb/DEBIAN/control")
  oldRelease=${old%-*} release=${2%-*}
  sed -i "s/$old/$2/g" "$work/deb/DEBIAN/control"
  if [ "$release" != "$oldRelease" ]; then
    dotted=$(echo "$oldRelease" | sed 's/\./\\./g')
    find "$work/deb" -path "$work/deb/DEBIAN" -prune -o -type f -exec \
      perl -pi -e "s{(?<=glusterfs[ /])$dotted(?![0-9.])}{$release}g; s{(?<=\\0)$dotted(?=\\0)}{$release}g" {} +
    find "$work/deb" -depth -name "$oldRelease" -execdir mv {} "$release" \;
    find "$work/deb" -type l | while read -r link; do
      target=$(readlink "$link")
      case $target in *"/$oldRelease/"*) ln -sfn "$(echo "$target" | sed "s{/$dotted/{/$release/{g")" "$link" ;; esac
    done
    (cd "$work/deb" && find . -path ./DEBIAN -prune -o -type f -printf '%P\0' | sort -z | xargs -0r md5sum >DEBIAN/md5sums)
  fi
  dpkg-deb --root-owner-group -Znone -b "$work/deb" "$3" >/dev/null
}

origin=Gluster suite=bookworm
for release in 10.3 10.4; do
  mkdir -p "$work/$release"
  for deb in "$www"/debian/pool/main/*glusterfs*.deb "$www"/debian/pool/main/libgf*.deb "$www"/debian/pool/main/libglusterd*.deb; do
    name=$(basename "$deb")
    repack "$deb" "$release-1" "$work/$release/${name%%_*}_$release-1_amd64.deb"
  done
done

# tree NAME KEY RELEASE...: a tree as at /pub/gluster, where each release has a
# directory; with "both", every directory offers both releases.
tree() {
  top=$www/pub/$1/glusterfs
  series=$top/10
  for release in $3; do
    apt=$series/$release/Debian/12/amd64/apt
    mkdir -p "$apt/pool/main/g/glusterfs"
    for part in $4; do
      [ "$part" = each ] && part=$release
      cp -l "$work/$part"/*.deb "$apt/pool/main/g/glusterfs/"
    done
    index "$apt" "$2"
    ln -s 12 "$series/$release/Debian/bookworm"
  done
  ln -s 10.4 "$series/LATEST"
  ln -s 10 "$top/LATEST"
  cp "$keys/gluster.asc" "$series/rsa.pub"
}
tree gluster gluster '10.3 10.4' each
tree both gluster '10.3 10.4' '10.3 10.4'
tree unsigned none '10.3 10.4' each
tree wrong-key other '10.3 10.4' each
rm -rf "$work"

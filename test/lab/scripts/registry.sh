#!/bin/sh
# registry.sh OUT IMAGE PACKAGES: images of GlusterFS 10.3 and 10.4, as a registry gives
# them out, in OUT/www: files at the paths that the distribution API reads. Made of the
# lab's own root filesystem and of the debs: one layer of each.
set -eu
out=$1 image=$2 packages=$3
work=$out/work repo=$out/www/v2/glusterfs
mkdir -p "$work" "$repo/manifests" "$repo/blobs"
echo '{}' >"$out/www/v2/index.html"

# A blob is named by its checksum. `put FILE`: prints the name.
put() {
  digest=sha256:$(sha256sum "$1" | cut -d' ' -f1)
  mv "$1" "$repo/blobs/$digest"
  printf %s "$digest"
}

# layer NAME: of the tar $work/NAME. Sets diff (of the tar), digest and size (of what is sent).
layer() {
  diff=sha256:$(sha256sum "$work/$1.tar" | cut -d' ' -f1)
  gzip -1n "$work/$1.tar"
  size=$(stat -c %s "$work/$1.tar.gz")
  digest=$(put "$work/$1.tar.gz")
}

unpack() { dpkg-deb --fsys-tarfile "$1" | tar -x --keep-directory-symlink -C "$2"; }

# What is of no use without a systemd inside.
tar -C "$image/root" --numeric-owner --exclude=./usr/share/perl --exclude=./usr/share/zoneinfo --exclude=./usr/lib/x86_64-linux-gnu/perl \
  --exclude=./usr/lib/udev --exclude=./var/lib/apt --exclude=./var/lib/dpkg --exclude=./home --exclude=./data -cf "$work/base.tar" .
layer base
base_diff=$diff base_digest=$digest base_size=$size

for release in 10.3 10.4; do
  tree=$work/gluster-$release
  # The links of a merged /usr, which must stay links.
  mkdir -p "$tree/usr/bin" "$tree/usr/sbin" "$tree/usr/lib"
  for folder in bin sbin lib; do ln -s "usr/$folder" "$tree/$folder"; done
  for deb in "$packages/www/pub/gluster/glusterfs/10/$release"/Debian/12/amd64/apt/pool/main/g/glusterfs/*.deb; do
    case $deb in *-dev_*) ;; *) unpack "$deb" "$tree" ;; esac
  done
  for name in libaio1 libxml2 psmisc lvm2 liblvm2cmd2.03 libdevmapper-event1.02.1; do
    unpack "$(echo "$packages/www/debian/pool/main/${name}_"*.deb)" "$tree"
  done
  rm -rf "$tree/usr/share" "$tree/var/log"
  tar -C "$tree" --numeric-owner -cf "$work/gluster.tar" .
  layer gluster
  printf '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["%s","%s"]}}' "$base_diff" "$diff" >"$work/config"
  config_size=$(stat -c %s "$work/config")
  config=$(put "$work/config")
  type=application/vnd.oci.image
  printf '{"schemaVersion":2,"mediaType":"%s.manifest.v1+json","config":{"mediaType":"%s.config.v1+json","digest":"%s","size":%s},"layers":[{"mediaType":"%s.layer.v1.tar+gzip","digest":"%s","size":%s},{"mediaType":"%s.layer.v1.tar+gzip","digest":"%s","size":%s}]}' \
    "$type" "$type" "$config" "$config_size" "$type" "$base_digest" "$base_size" "$type" "$digest" "$size" >"$repo/manifests/$release"
  cp "$repo/manifests/$release" "$repo/manifests/sha256:$(sha256sum "$repo/manifests/$release" | cut -d' ' -f1)"
done
rm -rf "$work"

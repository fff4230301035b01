#!/bin/sh
# image.sh OUT KEYS SOURCES: a plausible Debian 12 cloud server without GlusterFS.
# SOURCES is a sources.list by which the packages are fetched; it does not stay
# in the image, whose own list names the lab's package server.
set -eu
. "$(dirname "$0")/image-parts.sh"
out=$1 keys=$2
# What cloud-init brings along; its modules take longer to compile than GlusterFS does to install.
bootstrap "$out/root" "$3" systemd-timesyncd,python3-requests,python3-jwt

install -d -m 0755 "$root/etc/apt/keyrings"
install -m 0644 "$keys/archive.asc" "$root/etc/apt/keyrings/lab-archive.asc"
rm -rf "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*
cat >"$root/etc/apt/sources.list.d/debian.sources" <<'SOURCES'
Types: deb
URIs: http://debian.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /etc/apt/keyrings/lab-archive.asc

Types: deb
URIs: http://security.debian.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /etc/apt/keyrings/lab-archive.asc
SOURCES

trust_lab_ca
add_users
printf 'pat ALL=(ALL) ALL\n' >"$root/etc/sudoers.d/pat"
chmod 0440 "$root"/etc/sudoers.d/*
mask_units
leave_clock_alone chrony.service
blank

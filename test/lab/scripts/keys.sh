#!/bin/sh
# keys.sh OUT: the lab's throw-away secrets. A certificate authority for the
# package server, one OpenPGP key for each of: the GlusterFS repository, the
# "wrong key" repository, the Debian mirror.
set -eu
out=$1
cd "$out"

openssl ecparam -name prime256v1 -genkey -noout -out ca.key
openssl req -x509 -new -key ca.key -sha256 -days 3650 -subj '/CN=glusterctl lab' \
  -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign -out ca.crt

# gpg-agent's socket must have a short path, so its home is not in the cache.
GNUPGHOME=$(mktemp -d)
export GNUPGHOME
trap 'gpgconf --kill all; rm -rf "$GNUPGHOME"' EXIT
for key in gluster other archive; do
  mail="$key@lab.invalid"
  gpg --batch --quiet --passphrase '' --quick-generate-key "glusterctl lab $key <$mail>" rsa3072 sign never 2>gpg.log
  gpg --batch --armor --export "$mail" >"$key.asc"
  gpg --batch --armor --export-secret-keys "$mail" >"$key.secret"
  gpg --batch --with-colons --list-keys "$mail" | awk -F: '$1 == "fpr" { print $10; exit }' >"$key.fingerprint"
done
rm -f gpg.log
chmod 0600 ./*.key ./*.secret

# Read by the scripts that make RPMs: building, signing and indexing them.

# build SPEC FOLDER [OPTION...]: the binary packages of a spec, put into FOLDER.
build() {
  spec=$1 to=$2
  shift 2
  mkdir -p "$to"
  rpmbuild -bb --quiet --target x86_64 --define "_topdir $work/rpmbuild" --define "_rpmdir $work/rpms" \
    --define 'debug_package %{nil}' --define '__os_install_post %{nil}' --define '_build_id_links none' \
    --define '_binary_payload w1.gzdio' --define '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' "$@" "$spec" >"$work/rpmbuild.log" 2>&1 ||
    { tail -n 20 "$work/rpmbuild.log" >&2; exit 1; }
  mv "$work/rpms"/*.rpm "$to/"
}

# heading NAME VERSION RELEASE: the fields that every package of the lab has.
heading() {
  printf 'Name: %s\nVersion: %s\nRelease: %s\nSummary: %s\nLicense: MIT\nAutoReqProv: no\n%%description\n%s\n' "$1" "$2" "$3" "$1" "$1"
}

# part NAME VERSION RELEASE [FIELD...]: one more package of a spec; empty, so that it stands for what the image has.
part() {
  name=$1
  printf '%%package -n %s\nVersion: %s\nRelease: %s\nSummary: %s\nAutoReqProv: no\n' "$1" "$2" "$3" "$1"
  shift 3
  for field; do printf '%s\n' "$field"; done
  printf '%%description -n %s\n%s\n%%files -n %s\n' "$name" "$name" "$name"
}

# sign KEY FOLDER: all packages in a folder, by one of the lab's keys.
sign() {
  rpmsign --define "__gpg $(command -v gpg)" --define "_gpg_name $1@lab.invalid" --addsign "$2"/*.rpm >"$work/sign.log" 2>&1 ||
    { cat "$work/sign.log" >&2; exit 1; }
}

import_keys() {
  GNUPGHOME=$(mktemp -d)
  export GNUPGHOME
  trap 'gpgconf --kill all; rm -rf "$GNUPGHOME"' EXIT
  for key in gluster other archive; do gpg --batch --quiet --import "$keys/$key.secret" 2>/dev/null; done
}

import { sh } from '../../sh.ts';
import { waitFor } from '../package/wait.ts';

/** Exits with 3 on a node that does not take RPMs by dnf or yum; a Debian may have a dnf, too. */
export const onlyOnEl = sh`
  . /etc/os-release
  case " $ID \${ID_LIKE:-} " in *' rhel '* | *' centos '* | *' fedora '*) ;; *) exit 3 ;; esac
  pm=$(command -v dnf || command -v yum) || exit 3
  major=\${VERSION_ID%%.*}
  arch=$(rpm --eval '%{_arch}')`;

/**
 * `$1` becomes a configuration that keeps to the folder `$t`: the node's own one, with its proxies, but with other
 * repositories, caches and logs. So a question leaves no trace on the node.
 */
export const privateConf = sh`
  private_conf() {
    own='^[[:space:]]*(reposdir|cachedir|persistdir|logdir|logfile|plugins|timeout|retries|ip_resolve_timeout|system_cachedir)[[:space:]]*='
    { cat /etc/dnf/dnf.conf || cat /etc/yum.conf || echo '[main]'; } 2>/dev/null | grep -v -E "$own" |
      awk -v t="$t" '{ print } /^\[main\]/ { print "reposdir=" t "/repos\ncachedir=" t "/cache\nsystem_cachedir=" t "/cache\npersistdir=" t "/persist\nlogdir=" t "\nlogfile=" t "/log\nplugins=0\ntimeout=5\nretries=1" }' >"$1"
  }`;

/** Waits until nobody else changes packages. dnf and yum would wait themselves, for ever and in silence. */
export const waitForLocks = waitFor({
  of: 'dnf, yum or rpm',
  files: ['/var/lib/rpm/.rpm.lock', '/usr/lib/sysimage/rpm/.rpm.lock'],
  pids: [
    '/var/run/yum.pid',
    '/var/lib/dnf/rpmdb_lock.pid',
    '/var/cache/dnf/metadata_lock.pid',
    '/var/cache/dnf/download_lock.pid',
    '/usr/lib/sysimage/dnf/rpmdb_lock.pid',
  ],
});

/** Name, epoch:version-release, architecture of each package that is made from Gluster's own source, a line each. */
export const present = sh`rpm -qa --qf '%{NAME} %|EPOCH?{%{EPOCH}}:{0}|:%{VERSION}-%{RELEASE} %{ARCH} %{SOURCERPM}\n' 'glusterfs*' 'libgf*' 'libgluster*' 'python*-gluster' | awk '$4 ~ /^glusterfs-[^-]*-[^-]*[.]src[.]rpm$/ { print $1, $2, $3 }' | sort`;

/**
 * What every script that changes packages begins with. `manager` does nothing beyond what it is told: no weak
 * dependencies, nothing removed as no longer needed; and it heeds no version lock, since moving what is locked is the task.
 */
export const prelude = sh`
  set -eu
  tmp=$(mktemp -d)
  trap 'rm -rf -- "$tmp"' EXIT
  fail() { printf '%s\n' "$@" >&2; exit 1; }
  if pm=$(command -v dnf); then weak=--setopt=install_weak_deps=False; else pm=$(command -v yum); weak=; fi
  manager() { "$pm" --disableplugin=versionlock --setopt=clean_requirements_on_remove=False $weak "$@" 2>"$tmp/err"; }
  present() { ${present}; }
  # An rpm that is killed leaves what it was unpacking: the file's name, a semicolon and eight hexadecimal digits. Names are
  # on stdin.
  sweep() {
    while read -r file; do
      for left in "$file;"????????; do
        case \${left##*;} in *[!0-9a-f]*) ;; *) rm -f -- "$left" ;; esac
      done
    done
  }
  # True when the first version is the newer one. rpm has its own order, and shows it to Lua.
  newer() { [ "$(rpm --eval "%{lua: print(rpm.vercmp('$1', '$2'))}")" = 1 ]; }
  # The table of a transaction, as ACTION NAME lines: new, moved, removed. Long rows are wrapped, so only the name counts.
  table() {
    awk '
      /^Transaction Summary/ { exit }
      /^Installing/ { action = "new"; next }
      /^(Upgrading|Updating|Downgrading|Reinstalling)/ { action = "moved"; next }
      /^Removing/ { action = "removed"; next }
      /^[^ ]/ { action = ""; next }
      /^ +replacing +/ { sub(/[.][^.]*$/, "", $2); print "removed", $2; next }
      /^ [^ ]/ && action != "" { print action, $1 }' "$1"
  }
  # Only looks. dnf ends with 1 when it has nobody to say yes, and when it cannot resolve it: the table tells them apart.
  simulate() {
    manager --assumeno "$@" >"$tmp/said" || :
    grep -q -e '^Transaction Summary' -e '^Nothing to do' "$tmp/said"
  }
  because() {
    for file in "$tmp/err" "$tmp/said"; do
      ! grep -v -e '^Last metadata' -e '^Operation aborted' -e '^(try to add' -e '^[[:space:]]*$' "$file" 2>/dev/null >"$tmp/why" || break
    done
    tail -n 8 "$tmp/why"
  }
  # Whatever would be done to packages that are not GlusterFS's is said, and not done.
  harmless() {
    present >"$tmp/present"
    table "$tmp/said" >"$tmp/table"
    awk 'FILENAME == ARGV[1] { ours[$1]; next } $1 == "removed" && !($2 in ours) { print "remove " $2 } $1 == "moved" && !($2 in ours) { print "change " $2 }' \
      "$tmp/present" "$tmp/table" >"$tmp/harm"
    [ ! -s "$tmp/harm" ] || fail "refused, and nothing was done: to have this, \${pm##*/} would also" "$(cat "$tmp/harm")"
  }
  # Adds to the record what the transaction will bring and move; what is in it already is from before.
  note_table() {
    while read -r action name; do
      ! cut -d ' ' -f 1 "$record/new" "$record/moved" | grep -qxF -e "$name" || continue
      case $action in
        new) echo "$name" >>"$record/new" ;;
        moved) rpm -q --qf '%{NAME} %|EPOCH?{%{EPOCH}}:{0}|:%{VERSION}-%{RELEASE} %{ARCH}\n' "$name" | sed q >>"$record/moved" ;;
      esac
    done <"$tmp/table"
    sync
  }
  ${waitForLocks}`;

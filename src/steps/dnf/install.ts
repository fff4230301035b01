import { type Sh, sh } from '../../sh.ts';
import { casePattern } from '../apt-shell.ts';
import { noteSystem } from '../package/system.ts';
import { prelude, present } from './shell.ts';
import { REPOSITORY } from './source.ts';

export interface Install {
  /** Folder of the record that the undo goes by. */
  record: string;
  /** A release, or a series whose newest release is not known yet. */
  version: string;
  /** Take it from glusterctl's own repository alone. */
  ours: boolean;
  packages: readonly string[];
}

const newRecord = (more: Sh): Sh => sh`
  if [ ! -d "$record" ]; then
    rm -rf -- "$record.part"
    mkdir -p -- "$record.part"
    ${more}
    : >"$record.part/new"
    : >"$record.part/moved"
    sync
    mv -T -- "$record.part" "$record"
  fi`;

/**
 * Simulates, refuses when anything but GlusterFS would change, notes what is there, and installs, by exact version.
 * The record is written before anything is changed, and only added to when the script is run again after it was cut off.
 */
export const install = ({ record, version, ours, packages }: Install): Sh => sh`
  ${prelude}
  record=${record}
  arch=$(rpm --eval '%{_arch}')
  # NAME VERSION-RELEASE of all that is offered, oldest first. Without repoquery, which is a package of its own for yum, the
  # three columns of the list are taken, which are wrapped where they are long.
  offered() {
    if [ "\${pm##*/}" = dnf ]; then
      manager -q ${ours ? sh`--disablerepo='*' --enablerepo=${`${REPOSITORY}*`}` : sh``} repoquery --qf '%{name} %{version}-%{release} %{arch}' 'glusterfs*' 'libgf*' 'libgluster*' 'python*-gluster'
    else
      manager -q ${ours ? sh`--disablerepo='*' --enablerepo=${`${REPOSITORY}*`}` : sh``} --showduplicates list 'glusterfs*' 'libgf*' 'libgluster*' 'python*-gluster' |
        sed '/ Packages$/d' | tr -s ' \n' '\n' | paste -d ' ' - - - | sed 's/^\([^ ]*\)[.]\([^. ]*\) \([^ ]*\) .*/\1 \3 \2/; s/ [0-9]*:/ /'
    fi | awk -v arch="$arch" '$3 == arch || $3 == "noarch" { print $1, $2 }'
  }
  pick() {
    evr=
    for one in $(awk '$1 == "glusterfs" { print $2 }' "$tmp/offered"); do
      case $one in ${casePattern(version)}) if [ -z "$evr" ] || newer "$one" "$evr"; then evr=$one; fi ;; esac
    done
    [ -n "$evr" ]
  }
  choose() {
    chosen=
    verb=install
    for name in ${packages} $(present | cut -d ' ' -f 1); do
      case "$chosen " in *" $name-$evr "*) continue ;; esac
      if grep -qxF -e "$name $evr" "$tmp/offered"; then chosen="$chosen $name-$evr"; fi
    done
    for name in ${packages}; do
      case "$chosen " in *" $name-$evr "*) ;; *) fail "GlusterFS $evr comes without $name here" "offered: $(awk -v name="$name" '$1 == name { print $2 }' "$tmp/offered" | tr '\n' ' ')" ;; esac
    done
    # yum installs nothing that is older than what is there.
    if [ "\${pm##*/}" = yum ]; then
      for old in $(present | awk '{ sub(/.*:/, "", $2); print $2 }'); do
        if newer "$old" "$evr"; then verb=downgrade; fi
      done
    fi
  }
  offered >"$tmp/offered" || :
  pick || fail ${`GlusterFS ${version} is not offered to this node${ours ? ' by its repository' : ''}`} "offered: $(awk '$1 == "glusterfs" { print $2 }' "$tmp/offered" | tr '\n' ' ')" "$(because)"
  choose
  simulate $verb $chosen || fail "GlusterFS $evr cannot be installed:" "$(because)"
  harmless
  ${newRecord(noteSystem)}
  note_table
  manager -y $verb $chosen || fail "GlusterFS $evr was not installed:" "$(because)"
  if [ "$verb" = downgrade ]; then manager -y install $chosen || fail "GlusterFS $evr was not installed whole:" "$(because)"; fi
  rpm -ql $(present | cut -d ' ' -f 1) | sweep
  : >"$record/done"`;

/** True when every package is there and all of the source are of that version. */
export const installed = ({ packages, version }: Install, command: boolean): Sh => sh`
  rpm -q ${packages} >/dev/null || exit 1
  ${command ? sh`command -v gluster >/dev/null || exit 1` : sh`:`}
  for version in $(${present} | cut -d ' ' -f 2); do
    case \${version#*:} in ${casePattern(version)}) ;; *) exit 1 ;; esac
  done`;

/** One package that is no part of GlusterFS, with what it needs. */
export const installTool = (name: string, record: string): Sh => sh`
  ${prelude}
  record=${record}
  if ! rpm -q ${name} >/dev/null; then
    simulate install ${name} || fail ${`${name} cannot be installed:`} "$(because)"
    harmless
    ${newRecord(sh`: >"$record.part/folders"`)}
    note_table
    manager -y install ${name} || fail ${`${name} was not installed:`} "$(because)"
  fi
  mkdir -p -- "$record"
  : >"$record/done"`;

import { programs } from '../../heketi/paths.ts';
import type { Fact } from '../../model/fact.ts';
import { type Sh, sh } from '../../sh.ts';
import { forget } from '../package/records.ts';

const { server, client } = programs({});
const PROGRAMS = [server, client];
/** First the archive's checksum, then those of the programs, as sha256sum writes them. */
const STAMP = '/var/lib/glusterctl/heketi';

const intact = sh`sed 1d ${STAMP} | sha256sum -c --status`;

export interface ArchiveState {
  /** Checksum of the archive that was unpacked; null: none was, by us. */
  stamp: string | null;
  /** The programs are as they were unpacked. */
  intact: boolean;
  /** Programs that are there. */
  foreign: readonly string[];
}

export const archiveState: Fact<ArchiveState> = {
  id: 'heketi-archive',
  read: sh`
    for p in ${PROGRAMS}; do [ ! -e "$p" ] || echo "there $p"; done
    [ -s ${STAMP} ] || exit 0
    echo "stamp $(sed q ${STAMP})"
    ! ${intact} 2>/dev/null || echo intact`,
  parse: ({ stdout }) => ({
    stamp: /^stamp ([0-9a-f]{64})$/m.exec(stdout)?.[1] ?? null,
    intact: /^intact$/m.test(stdout),
    foreign: [...stdout.matchAll(/^there (.+)$/gm)].map(([, path = '']) => path),
  }),
};

/** apt's own fetcher is there wherever apt is; EL has curl. None of them goes on without a certificate that holds. */
const fetch = (from: string): Sh =>
  from.startsWith('/')
    ? sh`[ -r ${from} ] || fail ${`${from} is not on this node`}
    cp -- ${from} "$tmp/archive"`
    : sh`
    if command -v curl >/dev/null; then curl -fsSL --proto =https --proto-redir =https -o "$tmp/archive" ${from}
    elif command -v wget >/dev/null; then wget -q --https-only -O "$tmp/archive" ${from}
    elif [ -x /usr/lib/apt/apt-helper ]; then /usr/lib/apt/apt-helper -qq download-file ${from} "$tmp/archive"
    else fail 'there is no curl, no wget and no apt to fetch it with'
    fi`;

/** What was there before, an older release of ours, goes to the record, so that the undo can put it back. */
export const installArchive = ({ from, sha256, record }: { from: string; sha256: string; record: string }): Sh => sh`
  set -eu
  fail() { echo "$1" >&2; exit 1; }
  tmp=$(mktemp -d)
  trap 'rm -rf -- "$tmp"' EXIT
  chmod 755 "$tmp"
  ${fetch(from)}
  has=$(sha256sum "$tmp/archive")
  has=\${has%% *}
  [ "$has" = ${sha256} ] || fail "the archive has the checksum $has, cluster.yaml says "${sha256}
  mkdir "$tmp/x"
  tar -xf "$tmp/archive" -C "$tmp/x" --no-same-owner
  for name in heketi heketi-cli; do
    one=$(find "$tmp/x" -type f -name "$name" | sed q)
    [ -n "$one" ] || fail "there is no $name in the archive"
    chmod 755 "$one"
    "$one" --version >/dev/null 2>"$tmp/err" || fail "$name does not run here (another architecture?): $(sed q "$tmp/err")"
    cp -- "$one" "/usr/local/bin/$name.glusterctl"
  done
  record=${record}
  if [ ! -d "$record" ]; then
    rm -rf -- "$record.part"
    mkdir -p -- "$record.part"
    for one in ${[...PROGRAMS, STAMP]}; do
      [ ! -e "$one" ] || [ ! -e ${STAMP} ] || cp -p -- "$one" "$record.part/\${one##*/}.$(dirname -- "$one" | tr / _)"
    done
    mv -T -- "$record.part" "$record"
  fi
  for name in heketi heketi-cli; do
    chown 0:0 "/usr/local/bin/$name.glusterctl"
    mv -fT -- "/usr/local/bin/$name.glusterctl" "/usr/local/bin/$name"
    ! command -v restorecon >/dev/null || restorecon -- "/usr/local/bin/$name"
  done
  { echo ${sha256}; sha256sum ${PROGRAMS}; } >${`${STAMP}.new`}
  mv -fT -- ${`${STAMP}.new`} ${STAMP}
  : >"$record/done"`;

export const removeArchive = (record: string): Sh => sh`
  set -eu
  record=${record}
  rm -f -- ${PROGRAMS.map((path) => `${path}.glusterctl`)} ${`${STAMP}.new`}
  [ -d "$record" ] || { ${forget}
  exit 0; }
  for one in ${[...PROGRAMS, STAMP]}; do
    was=$record/\${one##*/}.$(dirname -- "$one" | tr / _)
    if [ -e "$was" ]; then cp -p -- "$was" "$one.new" && mv -fT -- "$one.new" "$one"; else rm -f -- "$one"; fi
  done
  ${forget}`;

export const isUnpacked = (sha256: string): Sh => sh`[ "$(sed q ${STAMP})" = ${sha256} ] && ${intact}`;

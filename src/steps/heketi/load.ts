import { client, DATABASE, UNIT } from '../../heketi/paths.ts';
import { explainSh } from '../../heketi/problem.ts';
import { type Topology, topologyText } from '../../heketi/topology.ts';
import { KEPT } from '../../run/script.ts';
import { type Sh, sh } from '../../sh.ts';

interface Listed {
  node: string;
  name: string;
}

const said = sh`
  info=$(timeout 60 heketi-cli topology info 2>&1) || { printf '%s\n' "$info" >&2; exit 1; }`;

/**
 * NODE DEVICE NODE-ID DEVICE-ID CLUSTER-ID for each device, out of what `topology info` prints (clusterTemplate in its topology.go):
 * a name of more than twenty characters runs into the word after it.
 */
const table = sh`
  table() {
    printf '%s\n' "$info" | awk '
      /^Cluster Id: / { c = $3 }
      /Node Id: / { i = $3 }
      /Management Hostnames: / { n = $3; sub(/,$/, "", n) }
      /Name:\// { d = $0; sub(/.*Name:/, "", d); sub(/ *State:.*/, "", d); match($0, /Id:[0-9a-f]+/); print n, d, i, substr($0, RSTART + 3, RLENGTH - 3), c }'
  }`;

const pairs = (devices: readonly Listed[]): string[] => devices.map(({ node, name }) => `${node} ${name}`);

/** Loads it, and judges by what was said: heketi-cli ends with 0 although it could not add a node or a device (heketi#827). */
export const load = (port: number, topology: Topology): Sh => sh`
  set -eu
  ${client(port)}
  ${explainSh}
  tmp=$(mktemp)
  trap 'rm -f -- "$tmp"' EXIT
  printf %s ${topologyText(topology)} >"$tmp"
  failed=
  said=$(heketi-cli topology load --json="$tmp" 2>&1) || failed=yes
  printf '%s\n' "$said"
  case $said in *'Unable to '*) failed=yes ;; esac
  [ -n "$failed" ] || exit 0
  { printf '%s\n' "$said" | grep -A 2 'Unable to ' || printf '%s\n' "$said" | tail -n 3; explain "$said"; } >&2
  exit 1`;

export const isLoaded = (port: number, devices: readonly Listed[], nodes: readonly string[]): Sh => sh`
  ${client(port)}
  ${table}
  ${said}
  for n in ${nodes}; do printf '%s\n' "$info" | grep -q "Management Hostnames: $n\$" || exit 1; done
  has=$(table)
  for one in ${pairs(devices)}; do printf '%s\n' "$has" | grep -q "^$one " || exit 1; done`;

/**
 * Takes the devices away again, never one with bricks. Nodes are left where Heketi knew of any before: taking one out would
 * detach it from the pool. Where it knew of none, its database goes, which holds nothing then.
 */
export const unload = (port: number, devices: readonly Listed[], first: boolean): Sh => sh`
  set -eu
  ${client(port)}
  ${explainSh}
  ${table}
  ${said}
  run() {
    out=$(heketi-cli "$@" 2>&1) || { { printf '%s\n' "$out" | tail -n 3; explain "$out"; } >&2; exit 1; }
  }
  ids=$(table)
  for one in ${pairs(devices)}; do
    id=$(printf '%s\n' "$ids" | awk -v one="$one" '$1 " " $2 == one { print $4 }')
    [ -n "$id" ] || continue
    bricks=$(heketi-cli device info "$id" | sed '1,/^Bricks:/d' | grep -c Id: || :)
    if [ "$bricks" -gt 0 ]; then
      echo "$one carries $bricks bricks of Heketi's volumes: heketi-cli volume delete them first" >&2
      exit 1
    fi
    run device disable "$id"
    run device remove "$id"
    run device delete "$id"
  done
  ${
    first
      ? sh`
  ${said}
  if [ -n "$(table)" ]; then
    echo 'Heketi has been given other devices since, so that it goes on knowing the nodes' >&2
    exit ${KEPT}
  fi
  systemctl stop ${UNIT}
  rm -f -- ${DATABASE}
  systemctl start ${UNIT}
  n=0
  until heketi-cli cluster list >/dev/null 2>&1 || [ $((n += 1)) -gt 60 ]; do sleep 1; done`
      : sh`
  echo 'Heketi goes on knowing the nodes: taking one out would detach it from the pool' >&2
  exit ${KEPT}`
  }`;

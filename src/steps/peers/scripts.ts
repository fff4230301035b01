import { peerDetach, peerProbe } from '../../gluster/command.ts';
import { type Sh, sh } from '../../sh.ts';
import { gluster } from '../pool/shell.ts';

/** As long as it may take the members to see each other. glusterd gives up a handshake after 30 s and tries anew. */
const PATIENCE = 60;

/**
 * look              asks for this node's pool list; to be called before the others, and again when it may have changed
 * in_pool NAME      the line of that peer, whatever its state
 * member NAME       the same when it is a full member and connected
 * rejected NAME     ends the script when the peer is rejected
 */
const poolFunctions = sh`
  ${gluster}
  look() { pool=$(tell pool list | flat peer); }
  in_pool() { printf '%s\n' "$pool" | grep -iF "<hostname>$1</hostname>"; }
  member() { in_pool "$1" | grep -F '<connected>1</connected>' | grep -F '<state>3</state>'; }
  rejected() {
    in_pool "$1" | grep -qF '<state>6</state>' || return 0
    echo "$1 is rejected: it has another definition of a volume than this node. See Cksums in /var/log/glusterfs/glusterd.log on both" >&2
    exit 1
  }`;

/**
 * Gluster gives the same text for a name that leads nowhere, a glusterd that does not run and a closed port
 * ("Transport endpoint is not connected", glusterfs 10.3), so each is looked for before.
 */
const reach = sh`
  reach() {
    a=$(getent ahosts "$1" | sed -n '1s/ .*//p')
    if [ -z "$a" ]; then
      echo "the name $1 does not resolve on this node: put it into DNS or /etc/hosts" >&2
      exit 1
    fi
    case $a in 127.* | ::1)
      echo "the name $1 leads to $a here, which is this node itself: put it right in DNS or /etc/hosts" >&2
      exit 1 ;;
    esac
    command -v bash >/dev/null && command -v timeout >/dev/null || return 0
    n=0
    while :; do
      c=0
      e=$(timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/24007"' "$1" 2>&1) || c=$?
      [ "$c" -ne 0 ] || return 0
      n=$((n + 1))
      case $n:$e in
        [1-4]:*refused*) sleep 1 ;;
        *refused*) echo "$1 ($a) refuses port 24007: glusterd does not run there, or listens on another address. On $1: systemctl status glusterd" >&2; exit 1 ;;
        *) break ;;
      esac
    done
    if [ "$c" -eq 124 ]; then
      echo "$1 ($a) does not answer on port 24007: a firewall drops it, on $1 or on the way, or $1 is down" >&2
    else
      echo "$1 ($a) cannot be reached on port 24007: $(printf '%s' "$e" | sed -n '$s/.*: //p'). A firewall, or no route" >&2
    fi
    exit 1
  }`;

/** Takes a node into the pool; run on a member. In the pool already, or on its way: only waited for. */
export const probe = (name: string): Sh => sh`
  set -eu
  ${poolFunctions}
  ${reach}
  p=${name}
  look
  rejected "$p"
  if [ -n "$(member "$p")" ]; then exit 0; fi
  reach "$p"
  i=0 end=$(($(date +%s) + ${PATIENCE}))
  while :; do
    case $i in 0 | 15 | 30) g ${peerProbe(name)} ;; esac
    look
    rejected "$p"
    if [ -n "$(member "$p")" ]; then exit 0; fi
    i=$((i + 1))
    if [ "$(date +%s)" -ge "$end" ]; then
      echo "$p is no full member after ${PATIENCE} s: $(in_pool "$p" | sed 's/.*<stateStr>\([^<]*\)<.*/\1/'). See /var/log/glusterfs/glusterd.log on both" >&2
      exit 1
    fi
    sleep 1
  done`;

export const isProbed = (name: string): Sh => sh`
  ${poolFunctions}
  look
  [ -n "$(member ${name})" ]`;

/** A peer that carries bricks stays. Waits until the peer, too, knows that it is alone: it could not be probed again before. */
export const detach = (name: string): Sh => sh`
  set -eu
  ${poolFunctions}
  p=${name}
  command -v gluster >/dev/null || exit 0
  pool=$(gx pool list)
  pool=$(printf '%s\n' "$pool" | flat peer)
  if [ -z "$(in_pool "$p")" ]; then exit 0; fi
  bricks=$(tell volume info | tr '\n' ' ' | sed 's/<name>/\n&/g' | sed -n 's|^<name>\([^<]*:/[^<]*\)</name>.*|\1|p' | grep -iF "$p:/" || :)
  if [ -n "$bricks" ]; then
    printf '%s\n' "$p carries bricks and stays in the pool:" "$bricks" >&2
    exit 1
  fi
  g ${peerDetach(name)}
  i=0
  while look && [ -n "$(in_pool "$p")" ] || tell --remote-host="$p" pool list | grep -qF '<state>'; do
    i=$((i + 1))
    if [ "$i" -ge 30 ]; then
      [ -n "$(in_pool "$p")" ] || exit 0
      echo "$p is still in the pool 30 s after it was detached; see /var/log/glusterfs/glusterd.log" >&2
      exit 1
    fi
    sleep 1
  done`;

/** Has a peer be known by this name, too: a probe of a member by another name of it. */
export const name = (of: string): Sh => sh`
  set -eu
  ${poolFunctions}
  ${reach}
  p=${of}
  look
  if [ -n "$(in_pool "$p")" ]; then exit 0; fi
  reach "$p"
  g ${peerProbe(of)}
  i=0
  until look && [ -n "$(in_pool "$p")" ]; do
    i=$((i + 1))
    if [ "$i" -ge 20 ]; then echo "the pool still does not know a peer by the name $p" >&2; exit 1; fi
    sleep 1
  done`;

export const isNamed = (of: string): Sh => sh`
  ${poolFunctions}
  look
  [ -n "$(in_pool ${of})" ]`;

/**
 * gaps: who does not see whom as a full, connected member. Each glusterd is asked over the network, the own one by its
 * socket; nodes are told apart by UUID, since each may be known by several names.
 */
const mesh = (nodes: readonly string[], self: string): Sh => sh`
  ${poolFunctions}
  view() { if [ "$1" = ${self} ]; then tell pool list; else tell --remote-host="$1" pool list; fi | flat peer; }
  gaps() {
    d=$(mktemp -d)
    for v in ${nodes}; do view "$v" >"$d/$v"; done
    for w in ${nodes}; do
      u=$(grep -vF '<state>' "$d/$w" | sed -n 's|.*<uuid>\([^<]*\)</uuid>.*|\1|p')
      if [ -z "$u" ]; then echo "glusterd on $w does not answer"; continue; fi
      for v in ${nodes}; do
        [ "$v" != "$w" ] && [ -s "$d/$v" ] || continue
        l=$(grep -F "<uuid>$u</uuid>" "$d/$v" || :)
        case $l in
          *'<connected>1</connected>'*'<state>3</state>'*) ;;
          '') echo "$v does not know $w" ;;
          *'<state>6</state>'*) echo "$v rejects $w" ;;
          *'<connected>0</connected>'*) echo "$v is not connected to $w" ;;
          *) echo "$v sees $w as: $(printf '%s' "$l" | sed 's/.*<stateStr>\([^<]*\)<.*/\1/')" ;;
        esac
      done
    done
    rm -rf -- "$d"
  }`;

export const waitForMesh = (nodes: readonly string[], self: string): Sh => sh`
  set -eu
  ${mesh(nodes, self)}
  end=$(($(date +%s) + ${PATIENCE}))
  until left=$(gaps) && [ -z "$left" ]; do
    case $left in *' rejects '*) end=0 ;; esac
    if [ "$(date +%s)" -ge "$end" ]; then
      printf '%s\n' "$left" "See /var/log/glusterfs/glusterd.log there, and the firewall: port 24007 both ways" >&2
      exit 1
    fi
    sleep 1
  done`;

export const isMesh = (nodes: readonly string[], self: string): Sh => sh`
  ${mesh(nodes, self)}
  [ -z "$(gaps)" ]`;

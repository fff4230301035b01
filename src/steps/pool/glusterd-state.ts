import { glusterd2Sh } from '../../gluster/glusterd2.ts';
import type { Fact } from '../../model/fact.ts';
import { sh } from '../../sh.ts';

/** A peer as glusterd keeps it in /var/lib/glusterd/peers. */
export interface KnownPeer {
  uuid: string;
  /** 3 in cluster, 6 rejected; glusterd-sm.h. */
  state: number;
  names: readonly string[];
}

/** What glusterd knows of its pool, read from its files: it need not run, nor be installed. */
export interface GlusterdState {
  /** null until it was needed for the first time: glusterd makes it late. */
  uuid: string | null;
  peers: readonly KnownPeer[];
  /** Names of volumes. */
  volumes: readonly string[];
  /** GlusterD 2 is installed, has left its state, or answers. */
  glusterd2: boolean;
  machineId: string | null;
}

/**
 * `gluster pool list` would make a fresh glusterd write down a new UUID (glusterfs 10.3), which a question must not.
 * Files of volumes hold passwords, so only their names are read.
 */
export const glusterdState: Fact<GlusterdState> = {
  id: 'glusterd-state',
  read: sh`
    [ ! -f /var/lib/glusterd/glusterd.info ] ||
      while IFS== read -r k v; do [ "$k" != UUID ] || echo "uuid $v"; done </var/lib/glusterd/glusterd.info
    for f in /var/lib/glusterd/peers/*; do
      [ -f "$f" ] || continue
      echo peer
      while IFS== read -r k v; do
        case $k in uuid) echo "id $v" ;; state) echo "state $v" ;; hostname*) echo "name $v" ;; esac
      done <"$f"
    done
    for d in /var/lib/glusterd/vols/*/; do
      [ ! -f "$d/info" ] || { d=\${d%/}; echo "volume \${d##*/}"; }
    done
    ${glusterd2Sh}
    ! is_gd2 || echo glusterd2
    read -r id </etc/machine-id && echo "machine $id"`,
  parse: ({ stdout }) => {
    const state = { uuid: null as string | null, machineId: null as string | null, glusterd2: false };
    const peers: { uuid: string; state: number; names: string[] }[] = [];
    const volumes: string[] = [];
    for (const line of stdout.split('\n')) {
      const [key, value = ''] = [line.split(' ', 1)[0], line.slice(line.indexOf(' ') + 1)];
      const peer = peers.at(-1);
      if (key === 'uuid') state.uuid = value;
      else if (key === 'machine' && value !== '') state.machineId = value;
      else if (key === 'glusterd2') state.glusterd2 = true;
      else if (key === 'volume') volumes.push(value);
      else if (key === 'peer') peers.push({ uuid: '', state: 0, names: [] });
      else if (peer && key === 'id') peer.uuid = value;
      else if (peer && key === 'state') peer.state = Number(value);
      else if (peer && key === 'name') peer.names.push(value);
    }
    return { ...state, peers: peers.sort((a, b) => (a.uuid < b.uuid ? -1 : 1)), volumes };
  },
};

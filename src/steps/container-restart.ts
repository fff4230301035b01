import { z } from 'zod';
import { PID_FILE, UNIT, UNIT_FILE, VOLFILE } from '../container/paths.ts';
import { unitText } from '../container/texts.ts';
import { containerUnread } from '../facts/container.ts';
import { fileState } from '../facts/file.ts';
import { service } from '../facts/services.ts';
import { definePoolStep } from '../model/step.ts';
import { sh } from '../sh.ts';
import { serversWith } from './container/servers.ts';
import { run } from './glusterd.ts';
import { maxPortIn } from './max-port.ts';
import { meshChange } from './peers.ts';
import { gluster } from './pool/shell.ts';

/** Seconds that a heal may take before and after the restart of one server. */
const HEAL_SECONDS = 600;

const Want = z.strictObject({
  units: z.record(z.string(), z.string()).describe('By node the unit that it has to run by'),
  maxPort: z.number().nullable().describe('Highest port of bricks that glusterd has to know; null: whatever it knows'),
});

/** With the container its bricks stop: the other copies have to be whole before, and these again before the next server. */
const restart = sh`
  set -eu
  ${gluster}
  # What is not as it should be, of volumes that run; a brick that is down has "-" for the number of its entries.
  pending() {
    for v in $(tell volume list | flat volume | sed -n 's|^<volume>\([^<]*\)</volume>.*|\1|p'); do
      case $(tell volume info "$v") in *'<statusStr>Started</statusStr>'*) ;; *) continue ;; esac
      tell volume status "$v" | flat node | grep '<path>/' | grep '<status>0</status>' | sed "s|.*<hostname>\([^<]*\)</hostname>.*<path>\([^<]*\)</path>.*|$v: \1:\2 is down|"
      healing=$(tell volume heal "$v" info)
      case $healing in
        *'not of type replicate/disperse'*) ;;
        *'<opRet>0</opRet>'*) printf '%s' "$healing" | flat numberOfEntries | grep -v '^<numberOfEntries>0<' | sed "s|^<[^>]*>\([^<]*\).*|$v: \1 to heal|" || : ;;
        *) echo "$v: what is to be healed is not known" ;;
      esac
    done
  }
  whole() {
    end=$(($(date +%s) + ${HEAL_SECONDS}))
    while still=$(pending) && [ -n "$still" ]; do
      [ "$(date +%s)" -lt "$end" ] || {
        printf '%s\n' "$1:" "$still" >&2
        exit 1
      }
      sleep 3
    done
  }
  whole 'glusterd is not restarted, because with its bricks away files would be left without a good copy'
  (
  ${run('restart')}
  )
  whole 'glusterd runs, but the volumes are not whole again'`;

export const containerRestart = definePoolStep({
  id: 'container-restart',
  title: 'Restart containers, one server after the other',
  about:
    'Restarts a container whose unit or volfile has changed, on one server at a time: its bricks stop with it, so volumes have to be healed before, and again after.',
  want: Want,

  jobs: (cluster) => {
    const servers = serversWith(cluster, unitText);
    if (servers.length === 0) return [];
    const want = {
      units: Object.fromEntries(servers.map(({ node, want: unit }) => [node, unit])),
      maxPort: cluster.gluster.maxPort ?? null,
    };
    return [{ nodes: servers.map(({ node }) => node), want }];
  },

  facts: () => ({ now: service(UNIT), unit: fileState(UNIT_FILE), volfile: fileState(VOLFILE), unread: containerUnread }),

  plan({ units, maxPort }, is) {
    const restarts = Object.entries(units).flatMap(([node, unit]) => {
      const seen = is[node];
      if (seen?.now?.active !== 'active') return [];
      const ports = maxPort === null || maxPortIn(seen.volfile.text) === maxPort;
      if (!seen.unread && seen.unit.text === unit && ports) return [];
      return [
        {
          node,
          id: `restart:${node}`,
          title: `restart the container of glusterd on ${node}, and its bricks with it`,
          risk: 'disruptive' as const,
          do: restart,
          undo: 'nothing' as const,
          verify: sh`systemctl is-active -q ${UNIT} && [ ! ${UNIT_FILE} -nt ${PID_FILE} ]`,
        },
      ];
    });
    const [first] = restarts;
    const nodes = Object.keys(units);
    // They see each other again some seconds later; until then the pool would be planned as one to be mended.
    return first === undefined || nodes.length === 1 ? restarts : [...restarts, meshChange(nodes, first.node)];
  },
});

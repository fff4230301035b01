import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

/** Ports on which brick processes of this node listen now; a brick keeps its port until it is started anew. */
export const brickPorts: Fact<ReadonlySet<number>> = {
  id: 'brick-ports',
  read: sh`
    set --
    for f in /run/gluster/vols/*/*.pid; do
      [ -s "$f" ] && read -r pid <"$f" && set -- "$@" "/proc/$pid/cmdline"
    done
    [ $# -eq 0 ] || grep -aoh '\.listen-port=[0-9]*' -- "$@"`,
  parse: ({ stdout }) => new Set([...stdout.matchAll(/(\d+)$/gm)].map(([, port]) => Number(port))),
};

import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

/** Ports on which brick processes of this node listen now; a brick keeps its port until it is started anew. */
export const brickPorts: Fact<ReadonlySet<number>> = {
  id: 'brick-ports',
  read: sh`
    for f in /run/gluster/vols/*/*.pid; do
      [ -s "$f" ] && tr '\0' '\n' <"/proc/$(cat "$f")/cmdline" | sed -n 's/.*\.listen-port=\([0-9]*\)$/\1/p'
    done`,
  parse: ({ stdout }) => new Set(stdout.split('\n').filter(Boolean).map(Number)),
};

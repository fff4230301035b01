import { EXIT, GlusterctlError } from '../errors.ts';
import { explain } from '../heketi/problem.ts';
import { exported, topologyText } from '../heketi/topology.ts';
import { sh } from '../sh.ts';
import { giveTopology, type TopologyOptions } from './heketi-give.ts';
import { onHeketi, serverOf } from './heketi-node.ts';
import type { Invocation } from './invocation.ts';
import { withSession } from './session.ts';

export const run = (invocation: Invocation, options: TopologyOptions): Promise<number> =>
  withSession(invocation, [], async (session) => {
    const server = serverOf(session.cluster);
    const { stdout, stderr, code } = await onHeketi(session, server, sh`timeout 60 heketi-cli topology info --json`);
    const topology = code === 0 ? exported(stdout) : null;
    if (topology === null) {
      const meant = explain(stderr);
      throw new GlusterctlError(EXIT.failed, {
        node: server.node,
        what: 'Heketi does not tell what it knows',
        why: [stderr.trim() || stdout.trim().slice(0, 300), meant?.cause].filter(Boolean).join('\n'),
        next: meant?.remedy ?? `systemctl status heketi on ${server.node}`,
      });
    }
    giveTopology(invocation, options, topologyText(topology));
    return EXIT.ok;
  });

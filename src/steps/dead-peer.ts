import { pool } from '../facts/gluster.ts';
import { CannotPlan, definePoolStep } from '../model/step.ts';
import { meshChange } from './peers.ts';
import { glusterdState } from './pool/glusterd-state.ts';
import { reaches } from './replace/facts.ts';
import { isNoticed, noticeDeath } from './replace/scripts.ts';
import { goingOf } from './replace/view.ts';
import { servers, Want, wantOf } from './replace/want.ts';

export const deadPeer = definePoolStep({
  id: 'dead-peer',
  title: 'Have the pool notice a node that is dead',
  about:
    'For `node replace`: glusterd takes a node that lost its power for connected, and waits for its answers; it is started anew where the bricks are replaced from. Bricks go on meanwhile.',
  want: Want,

  jobs: (cluster) =>
    cluster.replacing === undefined || cluster.replacing.old === cluster.replacing.by
      ? []
      : [{ nodes: servers(cluster), want: wantOf(cluster, cluster.replacing) }],

  facts: ({ old }: Want) => ({ disk: glusterdState, pool, reached: reaches(old) }),

  plan({ old, by, container }, is) {
    const going = goingOf(old, by, is);
    if (!going?.dead || !going.connected || going.seenBy.length > 0) return [];
    if (container) {
      throw new CannotPlan({
        node: going.on,
        what: `takes ${old} for connected, though it does not answer`,
        why: 'its glusterd runs in a container: started anew, it would stop its bricks while others are missing',
        next: 'run the same again when gluster pool list says Disconnected there, in some minutes',
      });
    }
    const members = Object.keys(is).filter((node) => is[node]?.disk.peers.some(({ uuid }) => uuid === going.peer.uuid));
    return [
      {
        node: going.on,
        id: `notice:${old}`,
        title: `restart glusterd on ${going.on}, which takes ${old} for connected though it does not answer`,
        risk: 'disruptive',
        do: noticeDeath(old),
        undo: 'nothing',
        verify: isNoticed(old),
        lost: old,
      },
      ...(members.length > 1 ? [meshChange(members, going.on)] : []),
    ];
  },
});

import { pool, volumes } from '../facts/gluster.ts';
import { CannotPlan, definePoolStep } from '../model/step.ts';
import { glusterdState } from './pool/glusterd-state.ts';
import { poolFaults } from './replace/judge.ts';
import { giveIdentity, hasIdentity, type Member, takeIdentity } from './replace/rejoin-scripts.ts';
import { goingOf } from './replace/view.ts';
import { servers, Want, wantOf } from './replace/want.ts';
import { opVersion } from './versions.ts';

export const rejoinIdentity = definePoolStep({
  id: 'rejoin-identity',
  title: 'Give a node that was set up anew its old identity',
  about:
    'For `node replace` without `--with`: gives the glusterd of a host that was set up anew the UUID that the pool knows its name by, and the names of the members. Refuses one that belongs to another pool or has volumes.',
  want: Want,

  jobs: (cluster) =>
    cluster.replacing === undefined || cluster.replacing.old !== cluster.replacing.by
      ? []
      : [{ nodes: servers(cluster), want: wantOf(cluster, cluster.replacing) }],

  facts: () => ({ disk: glusterdState, pool, volumes, opVersion }),

  plan({ old }, is) {
    const going = goingOf(old, old, Object.fromEntries(Object.entries(is).map(([node, facts]) => [node, { ...facts, reached: true }])));
    const mine = is[old]?.disk;
    if (going === null || mine === undefined) {
      throw new CannotPlan({
        node: old,
        what: 'no member of a pool knows a peer of this name',
        why: 'only what the pool still knows can be made anew',
        next: 'glusterctl apply takes a new node in',
      });
    }
    const { on, peer } = going;
    const same = mine.uuid === peer.uuid;
    if (same && mine.peers.length > 0) return [];
    const strange = mine.peers.length > 0 || mine.volumes.length > 0;
    if (!same && strange) {
      throw new CannotPlan({
        node: old,
        check: mine.peers.length > 0 ? 'foreign-pool' : 'foreign-volumes',
        what: mine.peers.length > 0 ? 'belongs to another pool' : `has volumes of its own: ${mine.volumes.join(', ')}`,
        why: `its UUID is ${mine.uuid}, and the pool of ${on} knows ${old} as ${peer.uuid}`,
        next: 'take it out of that pool first, or empty /var/lib/glusterd when nothing in it is needed',
      });
    }
    const faults = poolFaults({ old, by: old }, { ...going, dead: true }, is);
    const version = is[on]?.opVersion ?? null;
    const seen = is[on]?.pool;
    if (version === null)
      faults.push({ node: on, what: 'glusterd.info does not say the op-version of the pool', next: 'see /var/lib/glusterd/glusterd.info' });
    if (faults.length > 0 || version === null || !seen?.ok) throw new CannotPlan(...faults);
    const members: Member[] = seen.value.peers
      .filter(({ uuid }) => uuid !== peer.uuid)
      .map(({ uuid, hostname, self }) => ({ uuid, name: self ? on : hostname }))
      .sort((a, b) => (a.uuid < b.uuid ? -1 : 1));
    return [
      {
        node: old,
        id: `identity:${old}`,
        title: `have glusterd be ${peer.uuid} again, a peer of ${members.map(({ name }) => name).join(', ')}`,
        risk: 'disruptive',
        do: giveIdentity(peer.uuid, version, members),
        undo: takeIdentity(peer.uuid, members),
        verify: hasIdentity(peer.uuid, members),
      },
    ];
  },
});

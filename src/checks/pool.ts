import { type Check, onEachNode, refused } from './check.ts';

export const pool: readonly Check[] = [
  refused({
    id: 'glusterd2',
    title: 'GlusterD 2 is installed or running',
    cause: 'it never left its preview, and cannot be in one pool with glusterd',
    remedy: 'move its volumes away, then remove it; the data of its bricks are ordinary files',
  }),
  refused({
    id: 'uuid-clone',
    title: 'Nodes have the same glusterd UUID',
    cause: 'they were cloned from an image on which glusterd had run; they take each other for themselves',
    remedy:
      'on all but one, which must be in no pool: systemctl stop glusterd; rm /var/lib/glusterd/glusterd.info; systemctl start glusterd',
  }),
  refused({
    id: 'uuid-changed',
    title: 'The pool knows the node with another UUID',
    cause: 'the node was set up anew, or another machine has its name now',
    remedy: 'bring the old /var/lib/glusterd/glusterd.info back, or replace its bricks and detach the old peer',
  }),
  refused({
    id: 'foreign-pool',
    title: 'The node belongs to another pool',
    cause: 'it is a peer of machines that cluster.yaml does not name',
    remedy: 'leave it out, name the members of that pool, or detach it there; it is never taken over by force',
  }),
  refused({
    id: 'foreign-volumes',
    title: 'The node has volumes of its own',
    cause: 'glusterd takes no node with volumes into a pool',
    remedy: 'look at them: gluster volume info; when nothing in them is needed, stop and delete them',
  }),
  refused({
    id: 'peer-rejected',
    title: 'A peer is rejected',
    cause: 'two nodes have different definitions of a volume, after an upgrade of one or a restored /var/lib/glusterd',
    remedy: 'raise cluster.op-version when all run one version; else have the wrong node fetch the definitions anew',
  }),
  refused({
    id: 'service-masked',
    title: 'A service that is needed is masked',
    cause: 'systemctl mask: somebody wanted it never to start',
    remedy: 'systemctl unmask it, if that is no longer meant',
  }),
  onEachNode(
    {
      id: 'glusterd-failed',
      title: 'glusterd has failed',
      severity: 'warn',
      cause: 'it ended by itself: a definition that it cannot read, a full disk, or a brick path that is gone',
      remedy: 'see: journalctl -u glusterd, and lines with " E " in /var/log/glusterfs/glusterd.log; a run tries to start it',
    },
    ({ services }) => services?.get('glusterd.service')?.active === 'failed' && 'the service glusterd is in the state failed',
  ),
  refused({
    id: 'volume-differs',
    title: 'The volume is there with another layout',
    cause:
      'its type or bricks were changed in cluster.yaml, or by hand in the pool; only whole new sets are added, and nothing is moved or taken out silently',
    remedy:
      "write down what is there; add only whole new sets of the same kind; move a node's bricks with glusterctl node replace; all else is done with the gluster command",
  }),
];

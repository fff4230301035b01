/** Why gluster did not do or tell what it was asked. `text` is what it said itself. */
export interface Problem {
  code: ProblemCode;
  text: string;
  cause: string;
  /** What to do next. */
  remedy: string;
}

type Rule = readonly [code: string, said: RegExp, cause: string, remedy: string];

/**
 * What gluster says, and what it means. Texts from glusterfs 10.3 and 11.1: cli/src and xlators/mgmt/glusterd/src
 * (set_probe_error_str, glusterd_op_stage_create_volume and their neighbours). opErrno tells little: most volume
 * commands answer 30800 whatever went wrong. The first rule that fits counts.
 */
const RULES = [
  [
    'daemon-down',
    /Connection failed\. Please check if gluster daemon is operational|glusterd.* (is )?not running/,
    'glusterd does not run on this node',
    'enable and start it: systemctl enable --now glusterd',
  ],
  [
    'no-gluster',
    /gluster: (command )?not found|No such file or directory: 'gluster'/,
    'the gluster command is not installed',
    'install glusterfs-cli (Debian, Ubuntu) or glusterfs-cli/glusterfs-server (EL)',
  ],
  [
    'timeout',
    /Error : Request timed out|Command timed out/,
    'glusterd took longer than gluster waits for',
    'read the state again before anything is repeated: it may have been done',
  ],
  [
    'busy',
    /Another transaction (is|could be) in progress|Locking failed|Unable to acquire lock|Failed to acquire (the )?lock|another (volume )?operation.*in progress/i,
    'another gluster command holds the lock of the pool',
    'wait and try again; when it lasts more than three minutes, restart glusterd on the node that glusterd.log names as holder',
  ],
  [
    'detaching',
    /already being detached from cluster/,
    'the peer is on its way out of the pool',
    'wait until the pool no longer lists it, then probe it again',
  ],
  [
    'foreign-pool',
    /either already part of another cluster or having volumes configured/,
    'the node belongs to another pool, or has volumes of its own',
    'look at `gluster pool list` and `gluster volume info` there; it is never taken over by force',
  ],
  [
    'volume-conflict',
    /At least one volume on .* conflicts with existing volumes/,
    'the node has a volume of the same name as the pool',
    'rename or delete one of the two',
  ],
  [
    'same-uuid',
    /is same as local uuid/,
    'both nodes have the same UUID: one is a clone of the other',
    'on the node that is in no pool: stop glusterd, remove /var/lib/glusterd/glusterd.info, start it',
  ],
  ['unknown-peer', /responded with 'unknown peer' error/, 'the node asked is no member itself', 'probe from a node that is in the pool'],
  [
    'quorum',
    /quorum is not met|Quorum not met|Server quorum not met/i,
    'too few peers are connected',
    'bring the missing peers back first',
  ],
  [
    'snapshot-conflict',
    /missed snapshots from peer|comparing list of snapshots from peer/,
    'the snapshots of the two nodes do not fit together',
    'look at `gluster snapshot list` on both',
  ],
  ['handshake', /Failed to get handshake ack from remote server/, 'glusterd on the other node has no valid UUID', 'restart glusterd there'],
  [
    'unreachable',
    /Transport endpoint is not connected/,
    'the other node was not reached: its name leads nowhere, its glusterd does not run, or port 24007 is closed',
    'check name, daemon and firewall there; gluster does not tell them apart',
  ],
  [
    'bad-address',
    /is an invalid address|Please provide a valid hostname/,
    'this is no name or address that gluster takes',
    'correct it; localhost and 127.0.0.1 cannot be a brick',
  ],
  [
    'not-a-peer',
    /is not part of cluster|is not in 'Peer in Cluster' state/,
    'the node is no full member of the pool, or its name leads elsewhere',
    'wait until all members list it as connected, in state "Peer in Cluster"',
  ],
  ['is-localhost', /^(peer detach: failed: )?\S+ is localhost$/, 'the node cannot detach itself', 'detach it from another member'],
  [
    'hosts-bricks',
    /hosts one or more bricks|Brick\(s\) with the peer .* exist in cluster/,
    'bricks of a volume are on this peer',
    'move them away first: replace-brick or remove-brick',
  ],
  [
    'peer-down',
    /One of the peers is probably down|Host .* not connected|is not connected|Peer .* is down/,
    'a peer is down',
    'bring it back, then try again',
  ],
  [
    'volume-exists',
    /Volume .* already exists|Volume with name:.* already exists/,
    'there is a volume of that name',
    'choose another name, or look at `gluster volume info`',
  ],
  ['no-volume', /Volume .*does not exist|Volume does not exist/, 'there is no volume of that name', 'see `gluster volume list`'],
  [
    'same-node',
    /Multiple bricks of a (replicate|disperse) volume are present on the same server/,
    'two bricks of one set are on the same node',
    'put the bricks of a set on different nodes',
  ],
  [
    'brick-order',
    /Failed to perform brick order check/,
    "a brick's node name does not resolve here",
    'make all names resolve on all nodes',
  ],
  [
    'brick-in-use',
    /Brick: .* not available\. Brick may be containing or be contained by an existing brick/,
    'the path is in, or holds, a brick of an existing volume',
    'choose another path; not even force would take it',
  ],
  [
    'brick-parent',
    /Failed to create brick directory for brick .*No such file or directory/,
    'the folder above the brick is missing on that node',
    'create it, on the mounted brick filesystem',
  ],
  ['brick-not-dir', /already present, is not a directory/, 'the path is a file', 'choose another path'],
  [
    'brick-in-glusterd',
    /isn't allowed to be created inside glusterd's working directory/,
    'the path is inside /var/lib/glusterd',
    'choose another path',
  ],
  [
    'brick-mount-point',
    /is a mount point\. Please create a sub-directory/,
    'the brick is the mount point itself',
    'use a folder below it, so that an unmounted disk is noticed',
  ],
  [
    'brick-on-root',
    /is being created in the root partition/,
    'the brick would be on the root filesystem: its own one is not mounted',
    'mount it, then try again',
  ],
  ['brick-no-xattr', /Glusterfs is not supported on brick/, 'the filesystem has no trusted extended attributes', 'use XFS or ext4'],
  [
    'brick-marked',
    /is already part of a volume/,
    'the folder, or one above it, is marked as brick of a volume',
    'when no volume has it and no data is in it, remove the mark; otherwise keep your hands off',
  ],
  [
    'brick-missing',
    /Failed to find brick directory/,
    'the brick is not there: its filesystem is not mounted',
    'mount it; never create the folder by hand',
  ],
  [
    'brick-unmarked',
    /Failed to get extended attribute trusted\.glusterfs\.volume-id for brick dir/,
    'an empty or a wrong filesystem is where the brick should be',
    'mount the right one; a replaced disk goes through reset-brick',
  ],
  ['brick-mismatch', /Volume id mismatch for brick/, 'the folder is a brick of another volume', 'mount the right filesystem'],
  [
    'brick-count',
    /Failed to create volume files|number of bricks is not a multiple|Incorrect number of bricks supplied/,
    'the number of bricks does not fit the volume type',
    'give whole sets',
  ],
  ['already-started', /already started/, 'the volume runs', 'nothing is left to do'],
  ['started', /has been started\. ?Volume needs to be stopped/, 'the volume runs', 'stop it first'],
  [
    'not-started',
    /is not in the started state|is not started|Not able to fetch volfile from glusterd/,
    'the volume does not run',
    'start it',
  ],
  ['bad-option', /option : .* does not exist/, 'there is no such option in this version', 'see `gluster volume get VOLUME all`'],
  [
    'bad-value',
    /Validation failed|is not a valid|out of range|invalid (number|value|time|boolean)/i,
    'the value does not suit the option',
    'see `gluster volume set help`',
  ],
  ['no-group', /Unable to open file '.*\/groups\//, 'there is no such option profile on this node', 'see /var/lib/glusterd/groups'],
  [
    'op-version',
    /Required op[-_]version .* is not supported|op[-_]version/i,
    'not all nodes are of the version that this needs',
    'upgrade all nodes, then raise cluster.op-version',
  ],
  [
    'heal-brick-down',
    /Launching heal operation .* unsuccessful|Glusterd Syncop Mgmt brick op 'Heal' failed/,
    'a brick or the self-heal daemon is down',
    'see `gluster volume status`',
  ],
  [
    'no-thin',
    /Snapshot is supported only for thin provisioned LV|Snapshots not supported for all bricks|getting device name for the brick .* failed/,
    'a brick is not on a thin logical volume',
    'snapshots need bricks that were made with `use: thin`',
  ],
  ['snapshot-exists', /Snapshot .* already exists/, 'there is a snapshot of that name', 'choose another name'],
  ['no-snapshot', /Snapshot .* does not exist|Failed to find :.* snap/, 'there is no snapshot of that name', 'see `gluster snapshot list`'],
  ['snapshot-inactive', /Snapshot .* is not activated/, 'the snapshot is not active', 'activate it first'],
  [
    'bricks-down',
    /One or more bricks are not running|needs all the bricks to be up/,
    'a brick does not run',
    'see `gluster volume status`',
  ],
  ['rebalance', /rebalance (process )?is (running|in progress)/i, 'a rebalance runs', 'wait until it is done'],
  [
    'usage',
    /^\s*Usage:|Wrong brick type|unrecognized (word|command)|volume names? .*contain|Volume name should not|duplicate exports|(replica|disperse|redundancy) .*must be/im,
    'gluster does not understand the command',
    'compare the version with what cluster.yaml asks for',
  ],
] as const satisfies readonly Rule[];

export type ProblemCode = (typeof RULES)[number][0] | 'unreadable' | 'unknown';

/** Puts a name to what gluster said. `unknown` keeps the text as it is: no cause is guessed. */
export const problem = (said: string): Problem => {
  const text = said.trim();
  const rule = RULES.find(([, pattern]) => pattern.test(text));
  if (rule) return { code: rule[0], text, cause: rule[2], remedy: rule[3] };
  return {
    code: 'unknown',
    text,
    cause: text === '' ? 'gluster gave no reason' : text,
    remedy: 'see /var/log/glusterfs/glusterd.log on that node',
  };
};

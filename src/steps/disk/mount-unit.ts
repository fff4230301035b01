import { escapePath, unitValue } from '../mount/escape.ts';

/**
 * Seconds that glusterd waits at boot for a disk that is not there: systemd's own figure. 30 were too few on a slow machine,
 * where LVM had not come so far, and a brick whose filesystem comes after glusterd stays down.
 */
const DEVICE_SECONDS = 90;

/**
 * nofail: a boot does not need it. nouuid: snapshots and clones carry the same UUID as their brick, and XFS mounts none
 * twice without it (xfs(5)). Gluster takes these options over for the snapshots that it mounts.
 */
const OPTIONS = 'inode64,noatime,nouuid,nofail';

export const brickUnitName = (mount: string): string => `${escapePath(mount)}.mount`;
export const brickUnitFile = (mount: string): string => `/etc/systemd/system/${brickUnitName(mount)}`;

/** Put in place of the device, whose UUID is known on the node only. */
export const WHAT = '@WHAT@';

/**
 * glusterd waits for it, or for its failure: a brick whose filesystem comes later stays down. The unit is wanted, not
 * required, so that a missing disk stops neither the boot nor the other bricks.
 */
export const brickUnit = (mount: string, what = WHAT): string => `# Written by glusterctl
[Unit]
Description=Gluster bricks at ${unitValue(mount)}
Before=glusterd.service

[Mount]
What=${what}
Where=${unitValue(mount)}
Type=xfs
Options=${OPTIONS}

[Install]
WantedBy=multi-user.target
`;

/** For the device's own unit, as systemd-fstab-generator writes it: a disk that comes later than that is mounted when it comes. */
export const deviceUnit = (mount: string): string => `# Written by glusterctl
[Unit]
Wants=${brickUnitName(mount)}
JobRunningTimeoutSec=${DEVICE_SECONDS}
`;

/** The device that a unit of ours mounts; null where the text is not one of ours. */
export const whatOf = (mount: string, text: string): string | null => {
  const what = /^What=(.+)$/m.exec(text)?.[1] ?? '';
  return what !== '' && what !== WHAT && text === brickUnit(mount, what) ? what : null;
};

import { escapePath, unitValue } from './escape.ts';

export interface ClientMount {
  volume: string;
  path: string;
  /** Servers to ask for the volume's layout, the preferred one first. */
  servers: readonly string[];
  /** The node is a server of the pool itself. */
  local: boolean;
}

/** Name of the mount and automount units, without suffix. systemd finds them by the path. */
export const unitName = escapePath;

export const waitUnitName = (path: string): string => `glusterctl-wait-${unitName(path)}.service`;

export const unitFile = (path: string, kind: 'mount' | 'automount' | 'wait'): string =>
  `/etc/systemd/system/${kind === 'wait' ? waitUnitName(path) : `${unitName(path)}.${kind}`}`;

/** A server asks its own glusterd first, so that it mounts as soon as that runs. */
const source = ({ volume, servers, local }: ClientMount): { what: string; backups: string[] } => {
  const [first = 'localhost', ...rest] = local ? ['localhost', ...servers] : servers;
  return { what: `${first}:/${volume}`, backups: rest.length > 0 ? [`backup-volfile-servers=${rest.join(':')}`] : [] };
};

/**
 * Wants and not Requires: systemd would unmount whenever glusterd is restarted, while a client has no need of it once it
 * is mounted.
 */
const needs = (units: readonly string[]): string => `Wants=${units.join(' ')}\nAfter=${units.join(' ')}\n`;

const below = ({ local }: ClientMount): string[] => ['network-online.target', ...(local ? ['glusterd.service'] : [])];

export const mountUnit = (mount: ClientMount): string => {
  const { what, backups } = source(mount);
  return `# Written by glusterctl
[Unit]
Description=GlusterFS volume ${mount.volume}
${needs([...below(mount), waitUnitName(mount.path)])}
[Mount]
What=${what}
Where=${unitValue(mount.path)}
Type=glusterfs
Options=${['_netdev', ...backups].join(',')}
TimeoutSec=150
`;
};

/**
 * Systemd tries a mount once. While bricks are still starting after a boot that fails (a replicated volume with one
 * server down needs all others), and whoever uses the path first would be told "No such device". So it is tried
 * elsewhere before, until it works, for a minute.
 */
export const waitUnit = (mount: ClientMount): string => {
  const { what, backups } = source(mount);
  const options = ['ro', 'log-file=/dev/null', ...backups].join(',');
  const script = [
    `d=/run/glusterctl/wait${mount.path}`,
    'umount -l "$d" 2>/dev/null',
    'mkdir -p "$d"',
    `until mount -t glusterfs -o ${options} ${what} "$d" 2>/dev/null; do sleep 1; done`,
    'umount "$d"',
    'rmdir -p "$d" 2>/dev/null',
    'exit 0',
  ].join('; ');
  return `# Written by glusterctl
[Unit]
Description=Wait until the GlusterFS volume ${mount.volume} can be mounted
${needs(below(mount))}
[Service]
Type=oneshot
ExecStart=/bin/sh -c '${unitValue(script).replaceAll('$', '$$$$')}'
TimeoutStartSec=60
`;
};

/** Mounted when it is used: at boot nothing waits for the servers, and a mount that failed is tried again. */
export const automountUnit = ({ volume, path }: ClientMount): string => `# Written by glusterctl
[Unit]
Description=Mount point of the GlusterFS volume ${volume}

[Automount]
Where=${unitValue(path)}

[Install]
WantedBy=multi-user.target
`;

/** Named as the package's, so that all that waits for glusterd or speaks to it need not know what it runs from. */
export const UNIT = 'glusterd.service';
export const UNIT_FILE = `/etc/systemd/system/${UNIT}`;
/** In every PATH: sudo's secure_path on EL has no /usr/local. */
export const WRAPPER = '/usr/sbin/gluster';
export const CONTAINER = 'glusterctl-glusterd';
/** First line of the unit, and a line of the wrapper: what is ours is known by it. */
export const MARK = '# Written by glusterctl: GlusterFS in a container';
/** Written by glusterd in the container, whose process ids are the host's. */
export const PID_FILE = '/run/gluster/glusterd.pid';
export const ROTATION = '/etc/logrotate.d/glusterctl-glusterd';
/** What glusterd keeps on the host, in a container too. */
export const KEPT_FOLDERS = ['/etc/glusterfs', '/var/lib/glusterd', '/var/log/glusterfs'] as const;
export const VOLFILE = '/etc/glusterfs/glusterd.vol';
/** The image that was looked at: its id and the release in it, a line each. */
export const STAMP = '/var/lib/glusterctl/container-image';

export const ENGINES = ['podman', 'docker'] as const;
export type Engine = (typeof ENGINES)[number];
export const programOf = (engine: Engine): string => `/usr/bin/${engine}`;

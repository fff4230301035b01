import { CONTAINER, ENGINES, type Engine, KEPT_FOLDERS, MARK, PID_FILE, programOf } from './paths.ts';

export interface Running {
  image: string;
  engine: Engine;
  /** Folders that hold bricks. */
  places: readonly string[];
}

/** glusterd's own, and the kernel's; none of them may be missing when the container starts. */
const SHARED = [
  ...KEPT_FOLDERS,
  // Process ids and sockets of bricks. Snapshots are mounted below it, and go with the container.
  '/run/gluster:/run/gluster:rslave',
  '/dev',
  // LVM and udev wait for each other.
  '/run/lvm',
  '/run/udev:/run/udev:ro',
  '/lib/modules:/lib/modules:ro',
  // See `start`.
  '/etc:/run/host/etc:ro,rslave',
] as const;

/** Folders of the host that are taken into the container, besides those in /run, which the unit makes. */
export const FOLDERS = [...KEPT_FOLDERS, '/lib/modules'] as const;

const volume = (path: string): string => `--volume ${path.includes(':') ? path : `${path}:${path}`}`;

/**
 * An engine copies /etc/hosts when it starts a container, and mounts the copy there: a node that joins later would stay unknown.
 * The link leads to the host's own, whichever file that is by then.
 */
const start = `umount /etc/hosts 2>/dev/null; ln -sfn /run/host/etc/hosts /etc/hosts; exec glusterd -N -p ${PID_FILE} --log-level INFO`;

/** Seconds until glusterd has its port: as long as the unit is starting. */
const PATIENCE = 60;

/**
 * glusterd in the foreground, without a systemd inside, which would need control groups of its own. Process ids and all else that
 * tells of it are the host's: the pid files that it writes, /proc, ports, LVM's semaphores. Its exit by SIGTERM is 15. It is
 * started again whatever ended it: one that the kernel killed for memory (137) has taken its bricks along.
 * Figures and exit code as in glusterfs 10's own extras/systemd/glusterd.service.in.
 */
export const unitText = ({ image, engine, places }: Running): string => {
  const docker = engine === 'docker';
  const program = programOf(engine);
  const options = [
    '--rm',
    `--name ${CONTAINER}`,
    '--pull=never',
    '--network host --pid host --ipc host --uts host',
    '--privileged',
    ...(docker ? [] : ['--cgroups=split']),
    // Docker's daemon starts it, and not this unit, whose LimitNOFILE podman hands on.
    `--pids-limit=-1 --ulimit ${docker ? 'nofile=65536:65536' : 'host'}`,
    '--log-driver=none',
    '--stop-signal=TERM',
    '--user 0:0',
    '--entrypoint /bin/sh',
    ...SHARED.map(volume),
    ...places.map((path) => volume(`${path}:${path}:rslave`)),
  ];
  return `${MARK}
[Unit]
Description=GlusterFS, a clustered file-system server, in a container
Documentation=https://docs.gluster.org/
Wants=network-online.target
After=network-online.target local-fs.target${docker ? ' docker.service\nRequires=docker.service' : ''}

[Service]
Type=simple
ExecStartPre=/bin/sh -c 'mkdir -p /run/gluster /run/lvm /run/udev && rm -f ${PID_FILE} && ln -sfn ${PID_FILE} /run/glusterd.pid'
ExecStartPre=-${program} rm -f ${CONTAINER}
ExecStart=${program} run \\
  ${options.join(' \\\n  ')} \\
  ${image} \\
  -c '${start}'
ExecStartPost=/bin/sh -c 'n=0; until grep -qs ":5DC7 [0-9A-F]*:0000 0A " /proc/net/tcp /proc/net/tcp6; do kill -0 \${MAINPID} 2>/dev/null || exit 1; n=$$((n + 1)); [ $$n -lt ${2 * PATIENCE} ] || exit 1; sleep 0.5; done'
ExecStop=${program} stop -t 20 ${CONTAINER}
ExecStopPost=-${program} rm -f ${CONTAINER}
ExecStopPost=/bin/rm -f /run/glusterd.pid
SuccessExitStatus=15 137 143
Restart=always
RestartSec=5
TimeoutStartSec=180
TimeoutStopSec=60
Delegate=yes
TasksMax=infinity
LimitNOFILE=65536

[Install]
WantedBy=multi-user.target
`;
};

/** What a unit of ours runs; null for any other text. */
export const runBy = (unit: string | null): Pick<Running, 'image' | 'engine'> | null => {
  if (!unit?.startsWith(`${MARK}\n`)) return null;
  const engine = ENGINES.find((one) => unit.includes(`\nExecStart=${programOf(one)} run `));
  const image = /\n {2}(\S+) \\\n {2}-c '/.exec(unit)?.[1];
  return engine === undefined || image === undefined ? null : { image, engine };
};

/**
 * `gluster` on the host, with its arguments, stdin and exit code. It enters the container's filesystems only, since all else is the
 * host's: an `exec` by the engine would start the engine for each question, and be written differently for each.
 */
export const wrapperText = `#!/bin/sh
${MARK}
pid=
comm=
{ read -r pid <${PID_FILE} && read -r comm <"/proc/$pid/comm"; } 2>/dev/null
if [ "$comm" != glusterd ]; then
  echo 'glusterd does not run in its container; see: systemctl status glusterd' >&2
  exit 1
fi
PATH=/usr/sbin:/usr/bin:/sbin:/bin
# The Python of the image is not the one of the host, for which it may have been set.
unset PYTHONHASHSEED
exec nsenter --target "$pid" --mount -- gluster "$@"
`;

/** As Debian's glusterfs-common has it: the package's own rotates where a client has it, but on a server there is none. */
export const rotationText = `${MARK}
/var/log/glusterfs/*.log /var/log/glusterfs/bricks/*.log {
  daily
  rotate 7
  delaycompress
  compress
  copytruncate
  notifempty
  missingok
}
`;

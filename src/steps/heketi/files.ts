import { MASK } from '../../facts/heketi.ts';
import { DATABASE, HOME, KEY, STARTED, USER } from '../../heketi/paths.ts';

interface Settings {
  port: number;
  user: string;
  sshPort: number;
}

/**
 * heketi.json with masks where the keys go, one a line: that is how they are found again. Keys of the file: etc/heketi.json
 * and docs/admin/server.md of heketi 10.4.
 */
export const configText = ({ port, user }: Settings): string => `{
  "_comment": "Written by glusterctl. What may be changed without it is in heketi.env",
  "port": "${port}",
  "use_auth": true,
  "jwt": {
    "admin": { "key": "${MASK}" },
    "user": { "key": "${MASK}" }
  },
  "glusterfs": {
    "executor": "ssh",
    "sshexec": { "sudo": ${user !== 'root'} },
    "loglevel": "info"
  }
}
`;

/** Read by the unit; Heketi takes these before what is in heketi.json. */
export const environmentText = ({ user, sshPort }: Settings): string => `# Written by glusterctl
HEKETI_EXECUTOR=ssh
HEKETI_SSH_KEYFILE=${KEY}
HEKETI_SSH_USER=${user}
HEKETI_SSH_PORT=${sshPort}
HEKETI_FSTAB=/etc/fstab
HEKETI_DB_PATH=${DATABASE}
`;

/** In place of the package's own, where that is installed. */
export const unitText = (server: string): string => `# Written by glusterctl
[Unit]
Description=Heketi, which gives out GlusterFS volumes
Documentation=https://github.com/heketi/heketi
Wants=network-online.target
After=network-online.target glusterd.service

[Service]
Type=simple
User=${USER}
Group=${USER}
WorkingDirectory=${HOME}
RuntimeDirectory=${STARTED.slice('/run/'.length)}
EnvironmentFile=/etc/heketi/heketi.env
ExecStart=${server} --config=/etc/heketi/heketi.json
Restart=on-failure
RestartSec=5

[Install]
WantedBy=multi-user.target
`;

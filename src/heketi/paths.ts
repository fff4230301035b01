import { type Sh, sh } from '../sh.ts';

/** As the package of EL has them; an archive is unpacked so that they fit. */
export const USER = 'heketi';
export const UNIT = 'heketi.service';
export const ETC = '/etc/heketi';
export const HOME = '/var/lib/heketi';
export const CONFIG = `${ETC}/heketi.json`;
export const ENVIRONMENT = `${ETC}/heketi.env`;
export const KEY = `${ETC}/heketi_key`;
export const DATABASE = `${HOME}/heketi.db`;
/** systemd makes it anew at each start: what is newer has not been read yet. */
export const STARTED = '/run/heketi';

/** Where the two programs are, by what they came from. */
export const programs = (archive: unknown): { server: string; client: string } => {
  const folder = archive === null ? '/usr/bin' : '/usr/local/bin';
  return { server: `${folder}/heketi`, client: `${folder}/heketi-cli` };
};

/** The admin's key, out of the file as the step heketi-service writes it; on stdout, so for a variable only. */
export const adminKey: Sh = sh`sed -n 's/^ *"admin": { "key": "\([0-9a-f]*\)" },*$/\1/p' ${CONFIG} 2>/dev/null`;

/** After this heketi-cli speaks to the server of this node as its admin. The key stands in no argument list. */
export const client = (port: number): Sh => sh`
  PATH=$PATH:/usr/local/bin
  HEKETI_CLI_SERVER=${`http://127.0.0.1:${port}`}
  HEKETI_CLI_USER=admin
  HEKETI_CLI_KEY=$(${adminKey})
  export PATH HEKETI_CLI_SERVER HEKETI_CLI_USER HEKETI_CLI_KEY`;

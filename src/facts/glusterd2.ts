import { glusterd2Sh } from '../gluster/glusterd2.ts';
import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

/** What GlusterD 2 tells of itself. Read only: glusterctl does nothing to it. */
export interface Glusterd2 {
  /** null: it does not answer. */
  version: string | null;
  /** null: it did not tell, since it wants a login (restauth), or is down. */
  peers: readonly { name: string; online: boolean }[] | null;
  volumes: readonly { name: string; type: string; state: string }[] | null;
  devices: readonly { name: string; state: string; group: string }[] | null;
}

type Fields = Readonly<Record<string, unknown>>;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const list = <T>(text: string, one: (item: Fields) => T): T[] | null => {
  const value = parsed(text);
  return Array.isArray(value) ? value.map((item) => one(item as Fields)) : null;
};

const word = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Fields of glusterd2's pkg/api and plugins/device/api; null where there is no GlusterD 2. */
export const glusterd2: Fact<Glusterd2 | null> = {
  id: 'glusterd2',
  read: sh`
    ${glusterd2Sh}
    is_gd2 || exit 0
    for path in /version /v1/peers /v1/volumes /v1/devices; do
      echo "AT $path"
      gd2 "$path" | tr '\n' ' '
      echo
    done`,
  parse: ({ stdout }) => {
    if (!stdout.startsWith('AT ')) return null;
    const said = new Map([...stdout.matchAll(/^AT (\S+)\n(.*)$/gm)].map(([, path = '', text = '']) => [path, text]));
    const at = (path: string) => said.get(path) ?? '';
    return {
      version: word((parsed(at('/version')) as Fields | null)?.['glusterd-version']) || null,
      peers: list(at('/v1/peers'), (peer) => ({ name: word(peer.name), online: peer.online === true })),
      volumes: list(at('/v1/volumes'), (volume) => ({ name: word(volume.name), type: word(volume.type), state: word(volume.state) })),
      devices: list(at('/v1/devices'), (device) => ({
        name: word(device.device) || word(device.name),
        state: word(device.state),
        group: word(device['vg-name']),
      })),
    };
  },
};

import { z } from 'zod';
import { heketiPlaces } from '../facts/heketi.ts';
import { ETC, HOME, KEY, USER } from '../heketi/paths.ts';
import { type Change, defineStep } from '../model/step.ts';
import { sh } from '../sh.ts';

const Want = z.strictObject({ comment: z.string().describe('What the key is called in authorized_keys') });

/** How the key is told from others on the servers. */
export const markOf = (cluster: string): string => `glusterctl-heketi-${cluster}`;

export const heketiKey = defineStep({
  id: 'heketi-key',
  title: "Make Heketi's user and key",
  about:
    'Makes the user that Heketi runs as, its folders, and the key that it logs in to the servers with; the private half never leaves the node.',
  want: Want,

  jobs: ({ name, heketi: { server } }) => (server === undefined ? [] : [{ node: server.node, want: { comment: markOf(name) } }]),

  facts: () => ({ places: heketiPlaces }),

  plan({ comment }, { places }) {
    const changes: Change[] = [];
    const { home } = places;
    if (!places.user || home?.user !== USER || !places.etc) {
      changes.push({
        id: 'user',
        title: `make the user ${USER} and its folders`,
        risk: 'safe',
        do: sh`
          set -eu
          getent passwd ${USER} >/dev/null || useradd --system --user-group --home-dir ${HOME} --no-create-home --shell /usr/sbin/nologin ${USER}
          [ "$(stat -c %U ${HOME} 2>/dev/null)" = ${USER} ] || install -d -o ${USER} -g ${USER} -m 700 ${HOME}
          [ -d ${ETC} ] || install -d -m 755 ${ETC}`,
        undo: sh`
          set -eu
          ${home === null ? sh`rm -rf --one-file-system -- ${HOME}` : sh`:`}
          ${home === null || home.user === USER ? sh`:` : sh`chown ${home.owner} ${HOME} && chmod ${home.mode} ${HOME}`}
          ${places.etc ? sh`:` : sh`[ ! -d ${ETC} ] || rmdir --ignore-fail-on-non-empty -- ${ETC}`}
          ${
            places.user
              ? sh`:`
              : sh`! getent passwd ${USER} >/dev/null || userdel ${USER}
          ! getent group ${USER} >/dev/null || groupdel ${USER}`
          }`,
        verify: sh`getent passwd ${USER} >/dev/null && [ "$(stat -c %U ${HOME})" = ${USER} ] && [ -d ${ETC} ]`,
      });
    }
    if (places.key === null) {
      changes.push({
        id: 'key',
        title: `make the key ${KEY}`,
        risk: 'safe',
        // ECDSA in PEM: Heketi's SSH library signs with RSA by SHA-1 only, which OpenSSH refuses since 8.8.
        do: sh`
          set -eu
          rm -f -- ${KEY} ${`${KEY}.pub`} ${`${KEY}.new`} ${`${KEY}.new.pub`}
          ssh-keygen -q -t ecdsa -b 256 -m PEM -N '' -C ${comment} -f ${`${KEY}.new`}
          chown ${`${USER}:${USER}`} ${`${KEY}.new`}
          mv -fT -- ${`${KEY}.new`} ${KEY}
          mv -fT -- ${`${KEY}.new.pub`} ${`${KEY}.pub`}`,
        undo: sh`rm -f -- ${KEY} ${`${KEY}.pub`} ${`${KEY}.new`} ${`${KEY}.new.pub`}`,
        verify: sh`[ -s ${KEY} ] && [ -s ${`${KEY}.pub`} ] && [ "$(stat -c %a:%U ${KEY})" = ${`600:${USER}`} ]`,
      });
    }
    return changes;
  },
});

import { CONFIG, client, DATABASE, ETC, HOME, KEY, STARTED, USER } from '../heketi/paths.ts';
import { type KnownNode, known } from '../heketi/topology.ts';
import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

/** Stands for a key of heketi.json: the keys themselves never leave the node. */
export const MASK = '***';

export interface HeketiConfig {
  /** heketi.json with its keys masked; null when there is none. */
  text: string | null;
  mode: string;
}

export const heketiConfig: Fact<HeketiConfig> = {
  id: 'heketi-config',
  read: sh`
    [ -f ${CONFIG} ] || exit 0
    stat -Lc %a -- ${CONFIG}
    sed ${`s/\\("key": *"\\)[^"]*"/\\1${MASK}"/g`} ${CONFIG} | base64 -w0`,
  parse: ({ stdout }) => {
    const [mode = '', body] = stdout.split('\n');
    return { mode, text: body === undefined ? null : Buffer.from(body, 'base64').toString('utf8') };
  },
};

/** Which of the places that Heketi needs are there. */
export interface HeketiPlaces {
  user: boolean;
  /** Whose it is, with mode; null when there is none. Where disks are left to Heketi, a container of glusterd shares it with the host. */
  home: { user: string; owner: string; mode: string } | null;
  etc: boolean;
  /** The public key, as ssh-keygen writes it; null when there is none. */
  key: string | null;
}

export const heketiPlaces: Fact<HeketiPlaces> = {
  id: 'heketi-places',
  read: sh`
    ! getent passwd ${USER} >/dev/null || echo user
    [ ! -d ${HOME} ] || echo "home $(stat -c '%U %u:%g %a' ${HOME})"
    [ ! -d ${ETC} ] || echo etc
    [ ! -s ${KEY} ] || [ ! -s ${`${KEY}.pub`} ] || echo "key $(cat ${`${KEY}.pub`})"`,
  parse: ({ stdout }) => {
    const has = (word: string) => new RegExp(`^${word}$`, 'm').test(stdout);
    const [, user, owner = '', mode = ''] = /^home (\S+) (\S+) (\S+)$/m.exec(stdout) ?? [];
    const home = user === undefined ? null : { user, owner, mode };
    return { user: has('user'), home, etc: has('etc'), key: /^key (.+)$/m.exec(stdout)?.[1] ?? null };
  },
};

/** What Heketi knows, as its own client tells; null where it does not answer. `data`: it has a database. */
export interface HeketiState {
  data: boolean;
  nodes: readonly KnownNode[] | null;
}

export const heketiState = (port: number): Fact<HeketiState> => ({
  id: `heketi-state:${port}`,
  read: sh`
    [ -f ${CONFIG} ] || exit 0
    [ ! -s ${DATABASE} ] || echo data
    ${client(port)}
    command -v heketi-cli >/dev/null || exit 0
    echo INFO
    timeout 30 heketi-cli topology info --json`,
  parse: ({ stdout }) => {
    const [head = '', info = ''] = stdout.split(/^INFO\n/m);
    return { data: head.includes('data'), nodes: known(info) };
  },
});

/** None of these files is newer than what runs. */
export const heketiFresh = (files: readonly string[]): Fact<boolean> => ({
  id: `heketi-fresh:${files.join(',')}`,
  read: sh`
    [ -d ${STARTED} ] || exit 1
    for f in ${files}; do [ ! "$f" -nt ${STARTED} ] || exit 1; done`,
  parse: ({ code }) => code === 0,
});

/** A line of a user's authorized_keys. */
export interface Authorized {
  /** The line with the mark at its end; null when there is none. */
  line: string | null;
  folder: boolean;
  file: boolean;
}

/** `mark`: how the line ends. */
export const authorized = (user: string, mark: string): Fact<Authorized> => ({
  id: `authorized:${user}:${mark}`,
  read: sh`
    home=$(getent passwd ${user} | cut -d: -f6)
    [ ! -d "$home/.ssh" ] || echo folder
    [ ! -f "$home/.ssh/authorized_keys" ] || echo file
    grep ${` ${mark}$`} "$home/.ssh/authorized_keys" | sed 's/^/line /'`,
  parse: ({ stdout }) => ({
    folder: /^folder$/m.test(stdout),
    file: /^file$/m.test(stdout),
    line: /^line (.+)$/m.exec(stdout)?.[1] ?? null,
  }),
});

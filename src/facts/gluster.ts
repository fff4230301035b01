import { contained } from '../container/contained.ts';
import { UNIT_FILE } from '../container/paths.ts';
import { type Answer, reply } from '../gluster/answer.ts';
import { cli, poolList, volumeInfo, volumeList } from '../gluster/command.ts';
import { glusterd2Sh } from '../gluster/glusterd2.ts';
import { type Pool, parsePool } from '../gluster/pool.ts';
import { quickSh } from '../gluster/quick.ts';
import { parseVolumes, type VolumeInfo } from '../gluster/volume-info.ts';
import type { Fact, FactOutput } from '../model/fact.ts';
import { sh } from '../sh.ts';

export interface GlusterProgram {
  /** `10.3`; null where the gluster command is not there. */
  version: string | null;
  /** Whether the daemon's program is there. */
  server: boolean;
  /** Whether mount.glusterfs is there. */
  client: boolean;
  /** GlusterD2 was a preview with Gluster 4.0 that shares nothing with glusterd: its nodes are left alone. */
  glusterd2: boolean;
}

/**
 * The release is the name of the folder that its translators are in, which is seen without a process: `gluster --version` takes a
 * tenth of the time of all facts. It is asked where there is not just one such folder, and where gluster may be a container's.
 */
export const glusterProgram: Fact<GlusterProgram> = {
  id: 'gluster-program',
  read: sh`
    v=
    for d in /usr/lib/*/glusterfs/*/xlator /usr/lib64/glusterfs/*/xlator; do
      [ -d "$d" ] || continue
      d=\${d%/xlator}
      v="$v \${d##*/}"
    done
    v=\${v# }
    [ ! -e ${UNIT_FILE} ] || v=
    if command -v gluster >/dev/null; then
      case $v in
        '' | *[!0-9.]*) gluster --version | { read -r name v _ && [ "$name" = glusterfs ] && echo "version $v"; } ;;
        *) echo "version $v" ;;
      esac
    fi
    { command -v glusterd >/dev/null || ${contained}; } && echo server
    command -v mount.glusterfs >/dev/null && echo client
    ${glusterd2Sh}
    ! is_gd2 || echo glusterd2
    :`,
  parse: ({ stdout }) => {
    const said = new Set(stdout.split('\n'));
    const version = /^version ([0-9.]*[0-9])/m.exec(stdout)?.[1] ?? null;
    return { version, server: said.has('server'), client: said.has('client'), glusterd2: said.has('glusterd2') };
  },
};

/**
 * The node's own UUID; null where it has none yet. Read from glusterd's file: glusterd makes one up as soon as it is
 * asked for it, and a question must not change a node.
 */
export const glusterdUuid: Fact<string | null> = {
  id: 'glusterd-uuid',
  read: sh`sed -n 's/^UUID=//p' /var/lib/glusterd/glusterd.info`,
  parse: ({ stdout }) => /^[0-9a-f-]{36}$/.exec(stdout.trim())?.[0] ?? null,
};

const NO_UUID = 41;

const orNothing =
  <T>(nothing: T, parse: (out: FactOutput) => Answer<T>) =>
  (out: FactOutput): Answer<T> =>
    out.code === NO_UUID ? { ok: true, value: nothing } : parse(out);

/** Between two answers that did not come from one process. */
const NEXT = '--- glusterctl: the next answer';

/**
 * Seconds. Below FACT_SECONDS, so that a glusterd that hangs is told from a node that does; on an emulated machine that
 * shares its processors one that had just started a volume took more than 10.
 */
export const ANSWER_SECONDS = 45;

/*
 * Peers and volumes in one question: a gluster command costs as much as all other facts together, and one process
 * answers all lines on its stdin. It would wait for ever for a daemon that is not there, so that is looked at first.
 * `volume list` does not make a glusterd that was never used write its UUID; `volume info` and `pool list` do (seen with 10.3).
 */
const asked = {
  id: 'gluster-state',
  read: sh`
    u=
    while IFS== read -r k v; do [ "$k" != UUID ] || u=$v; done </var/lib/glusterd/glusterd.info
    if [ -z "$u" ]; then
      timeout ${ANSWER_SECONDS} ${cli(volumeList())}
      exit ${NO_UUID}
    fi
    if read -r pid </var/run/glusterd.pid && kill -0 "$pid"; then
      ${quickSh}
      both=$(quick; printf '%s\n' ${poolList().text} ${volumeInfo().text} | timeout ${ANSWER_SECONDS} gluster --mode=script --xml --log-file=/dev/null)
      [ $? != 124 ] || exit 124
      case $both in *'</cliOutput>'*'</cliOutput>'*) printf '%s\n' "$both"; exit 0 ;; esac
    fi
    timeout ${ANSWER_SECONDS} ${cli(poolList())}
    [ $? != 124 ] || exit 124
    echo ${NEXT}
    timeout ${ANSWER_SECONDS} ${cli(volumeInfo())}`,
};

/** The answers to `pool list` and to `volume info`. */
const split = ({ stdout, code }: FactOutput): { pool: FactOutput; volumes: FactOutput } => {
  const apart = stdout.indexOf(`${NEXT}\n`);
  const at = apart === -1 ? stdout.lastIndexOf('<?xml') : apart + NEXT.length + 1;
  return { pool: { stdout: stdout.slice(0, apart === -1 ? at : apart), code }, volumes: { stdout: stdout.slice(at), code } };
};

/** Peers as this node sees them; none at all where glusterd has never been used. */
export const pool: Fact<Answer<Pool>> = { ...asked, parse: orNothing<Pool>({ peers: [] }, (out) => parsePool(split(out).pool)) };

export const volumes: Fact<Answer<readonly VolumeInfo[]>> = {
  ...asked,
  parse: orNothing<readonly VolumeInfo[]>([], (out) => parseVolumes(split(out).volumes)),
};

/** Whether glusterd answers at all. */
export const answers: Fact<boolean> = {
  ...asked,
  parse: (out) => reply(out.code === NO_UUID ? out : split(out).volumes).ok,
};

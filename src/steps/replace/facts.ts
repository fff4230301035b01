import type { Fact } from '../../model/fact.ts';
import { sh } from '../../sh.ts';

/** Where a node notes that a brick which it has put elsewhere is yet to be healed. */
export const HEALS = '/var/lib/glusterctl/heals';
export const healNote = (volume: string, path: string): string => `${HEALS}/${volume}${path.replaceAll('/', ',')}`;

/** Names of the notes. Nothing that gluster tells says that a heal was begun for a new brick. */
export const healsOwed: Fact<ReadonlySet<string>> = {
  id: 'heals-owed',
  read: sh`ls -A ${HEALS}`,
  parse: ({ stdout }) => new Set(stdout.split('\n').flatMap((name) => (name === '' ? [] : [`${HEALS}/${name}`]))),
};

/** Pid files of bricks whose process runs here, as `VOLUME NAME.pid`; see pool/bricks-running.ts. */
export const bricksUp: Fact<ReadonlySet<string>> = {
  id: 'bricks-up',
  read: sh`
    for f in /run/gluster/vols/*/*.pid /var/lib/glusterd/vols/*/run/*.pid; do
      [ ! -s "$f" ] || ! tr '\0' ' ' </proc/"$(cat "$f")"/cmdline | grep -q glusterfsd || {
        d=\${f%/*}
        d=\${d%/run}
        echo "\${d##*/} \${f##*/}"
      }
    done`,
  parse: ({ stdout }) => new Set(stdout.split('\n').filter(Boolean)),
};

export const isUp = (up: ReadonlySet<string>, volume: string, path: string): boolean =>
  [...up].some((line) => line.startsWith(`${volume} `) && line.endsWith(`${path.replaceAll('/', '-')}.pid`));

const NO_NAME = 3;

/**
 * Whether glusterd of a node answers on the network; null where its name leads nowhere, so that nobody can tell. A pool takes a node
 * without power for connected for a long time (glusterfs 10.3).
 */
export const reaches = (node: string): Fact<boolean | null> => ({
  id: `reaches-glusterd:${node}`,
  read: sh`
    getent ahosts ${node} >/dev/null || exit ${NO_NAME}
    timeout 3 bash -c 'exec 3<>"/dev/tcp/$0/24007"' ${node}`,
  parse: ({ code }) => (code === NO_NAME ? null : code === 0),
});

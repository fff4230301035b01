import { contained } from '../container/contained.ts';
import { type Engine, MARK, PID_FILE, programOf, STAMP, UNIT_FILE, VOLFILE, WRAPPER } from '../container/paths.ts';
import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

/** Whether the engine's program is there. */
export const engineThere = (engine: Engine): Fact<boolean> => ({
  id: `engine:${engine}`,
  read: sh`[ -x ${programOf(engine)} ]`,
  parse: ({ code }) => code === 0,
});

export interface ImageState {
  /** Its id, which the engine gives; null where it is not there. */
  id: string | null;
  /** What was found when it was looked at: the id that it had then, and the release of GlusterFS in it. */
  seen: { id: string; release: string } | null;
}

/** Podman makes its storage when it is first asked, so it is not asked before there is any. */
export const imageState = (engine: Engine, image: string): Fact<ImageState> => ({
  id: `image:${engine}:${image}`,
  read: sh`
    [ ! -s ${STAMP} ] || sed 's/^/seen /' ${STAMP}
    [ -x ${programOf(engine)} ] || exit 0
    ${engine === 'podman' ? sh`[ -d /var/lib/containers/storage ] || exit 0` : sh`:`}
    id=$(timeout 40 ${programOf(engine)} image inspect --format '{{.Id}}' ${image} </dev/null) && echo "id $id"`,
  parse: ({ stdout }) => {
    const [id, release] = [...stdout.matchAll(/^seen (.+)$/gm)].map(([, line = '']) => line);
    return {
      id: /^id (\S+)$/m.exec(stdout)?.[1] ?? null,
      seen: id === undefined || release === undefined ? null : { id, release },
    };
  },
});

export interface ContainerHost {
  /** Where the host has a glusterd of its own; null where it has none. */
  glusterd: string | null;
  /** A glusterd runs, and no unit of ours has started it. */
  stranger: boolean;
  /** The package that the file at the wrapper's place belongs to; null where there is none. */
  owner: string | null;
  /** What glusterd needs of its settings is there: its volfile and its profiles. */
  seeded: boolean;
}

export const containerHost: Fact<ContainerHost> = {
  id: 'container-host',
  read: sh`
    g=$(command -v glusterd) && echo "glusterd $g"
    ! grep -qsx glusterd /proc/[0-9]*/comm || ${contained} || echo stranger
    if [ -e ${WRAPPER} ] && ! grep -qsxF ${MARK} ${WRAPPER}; then
      o=$(dpkg -S ${WRAPPER} 2>/dev/null || rpm -qf ${WRAPPER} 2>/dev/null) && echo "owner \${o%%:*}"
    fi
    [ ! -f ${VOLFILE} ] || [ ! -d /var/lib/glusterd/groups ] || echo seeded`,
  parse: ({ stdout }) => {
    const said = (key: string): string | null => new RegExp(`^${key} (.+)$`, 'm').exec(stdout)?.[1] ?? null;
    return {
      glusterd: said('glusterd'),
      stranger: /^stranger$/m.test(stdout),
      owner: said('owner'),
      seeded: /^seeded$/m.test(stdout),
    };
  },
};

/** Folders that are not there, out of those that are asked for. */
export const missingFolders = (paths: readonly string[]): Fact<ReadonlySet<string>> => {
  const asked = [...new Set(paths)].sort();
  return {
    id: `missing:${asked.join(' ')}`,
    read: sh`for p in ${asked}; do [ -d "$p" ] || echo "$p"; done`,
    parse: ({ stdout }) => new Set(stdout.split('\n').filter(Boolean)),
  };
};

/** Whether glusterd's unit is one of ours, that runs it in a container. */
export const containerUnit: Fact<boolean> = {
  id: 'container-unit',
  read: contained,
  parse: ({ code }) => code === 0,
};

/** glusterd has started before its unit or its volfile was written: what they say is not in effect. */
export const containerUnread: Fact<boolean> = {
  id: 'container-unread',
  read: sh`[ -e ${PID_FILE} ] && { [ ${UNIT_FILE} -nt ${PID_FILE} ] || [ ${VOLFILE} -nt ${PID_FILE} ]; }`,
  parse: ({ code }) => code === 0,
};

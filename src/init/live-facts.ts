import { UNIT_FILE } from '../container/paths.ts';
import { fileState } from '../facts/file.ts';
import { glusterdUuid, glusterProgram, pool, volumes } from '../facts/gluster.ts';
import { mountOf } from '../facts/mounts.ts';
import { names } from '../facts/names.ts';
import { os } from '../facts/os.ts';
import { debPackages } from '../facts/packages.ts';
import type { Answers, Fact, FactSet } from '../model/fact.ts';
import { sh } from '../sh.ts';
import { PIN_FILE } from '../steps/apt-shell.ts';
import { KEY_FILE, SOURCE_FILE } from '../steps/apt-source.ts';

export interface LiveMount {
  volume: string;
  path: string;
}

/** Mounts that glusterctl's own units keep; any other is left as it is. */
const ownMounts: Fact<readonly LiveMount[]> = {
  id: 'live-mounts',
  read: sh`
    for f in /etc/systemd/system/*.mount; do
      grep -qx '# Written by glusterctl' "$f" || continue
      sed -n -e 's/^What=/What=/p' -e 's/^Where=/Where=/p' "$f"
    done`,
  parse: ({ stdout }) =>
    [...stdout.matchAll(/^What=[^:\n]+:\/?(.+)\nWhere=(.+)$/gm)].map(([, volume = '', path = '']) => ({
      volume,
      path: path.replaceAll('%%', '%'),
    })),
};

/** What tells how a node of a pool was set up. */
export const liveFacts = () =>
  ({
    os,
    gluster: glusterProgram,
    uuid: glusterdUuid,
    pool,
    volumes,
    packages: debPackages({ sources: ['glusterfs'] }),
    pin: fileState(PIN_FILE),
    source: fileState(SOURCE_FILE),
    key: fileState(KEY_FILE),
    modules: fileState('/etc/modules-load.d/glusterctl.conf'),
    hosts: fileState('/etc/hosts'),
    unit: fileState(UNIT_FILE),
    mounts: ownMounts,
  }) satisfies FactSet;

export type LiveNode = Answers<ReturnType<typeof liveFacts>>;

/** Where these names lead, as a member of the pool resolves them. */
export const leadTo = (list: readonly string[]) => ({ names: names(list) });

/** Which of these paths lie on the root filesystem. */
export const placesOf = (paths: readonly string[]) => Object.fromEntries(paths.map((path) => [path, mountOf(path)]));

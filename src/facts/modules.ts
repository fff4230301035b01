import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

/** loaded: in /proc/modules, and so with an initstate in /sys, which what is built in has not (kernel/module/main.c). builtin: part of the kernel. available: modprobe would find it. missing: none of these. */
export type ModuleState = 'loaded' | 'builtin' | 'available' | 'missing';

export interface Modules {
  /** `uname -r` */
  kernel: string;
  /**
   * Whether /lib/modules/$(uname -r) is there. It is not in a container, on a kernel without modules, and after an
   * upgrade of the kernel without a reboot: then nothing is `available`.
   */
  folder: boolean;
  /** By the name that was asked for. */
  states: ReadonlyMap<string, ModuleState>;
}

/** The kernel writes `_` in names even where the file has `-`; modprobe takes either. */
export const kernelName = (name: string): string => name.replaceAll('-', '_');

/** A module that is built in shows in modules.builtin, else under /sys/module (with parameters only) or as a filesystem. */
export const modules = (names: readonly string[]): Fact<Modules> => {
  const asked = [...new Set(names)].sort();
  return {
    id: `modules:${asked.join(',')}`,
    read: sh`
      read -r r </proc/sys/kernel/osrelease
      d=/lib/modules/$r
      echo "$r"
      [ -f "$d/modules.dep" ] || d=
      echo "\${d:+folder}"
      filesystems=$(cat /proc/filesystems)
      line=${'\n'} tab=${'\t'}
      look() {
        [ ! -e "/sys/module/$1/initstate" ] || { echo loaded; return; }
        case $filesystems$line in *"$tab$1$line"*) echo builtin; return ;; esac
        if [ -d "/sys/module/$1" ] || { [ -n "$d" ] && grep -q "/$2\.ko" "$d/modules.builtin"; }; then echo builtin
        elif [ -n "$d" ] && grep -q "^[^:]*/$2\.ko[^/:]*:" "$d/modules.dep"; then echo available
        else echo missing
        fi
      }
      ${asked.map((name) => sh`look ${kernelName(name)} ${kernelName(name).replaceAll('_', '[_-]')};`)}`,
    parse: ({ stdout }) => {
      const [kernel = '', folder, ...states] = stdout.split('\n');
      const state = (text: string | undefined): ModuleState =>
        text === 'loaded' || text === 'builtin' || text === 'available' ? text : 'missing';
      return { kernel, folder: folder === 'folder', states: new Map(asked.map((name, i) => [name, state(states[i])])) };
    },
  };
};

import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

/** loaded: in /proc/modules. builtin: part of the kernel. available: modprobe would find it. missing: none of these. */
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
      r=$(uname -r)
      d=/lib/modules/$r
      echo "$r"
      if [ -f "$d/modules.dep" ]; then echo folder; else echo none; fi
      for m in ${asked.map(kernelName)}; do
        f=$(printf %s "$m" | sed 's/_/[_-]/g')
        if grep -q "^$m " /proc/modules; then echo loaded
        elif [ -d "/sys/module/$m" ] || grep -q "/$f\.ko" "$d/modules.builtin" || grep -q "[[:space:]]$m\$" /proc/filesystems; then echo builtin
        elif grep -q "^[^:]*/$f\.ko[^/:]*:" "$d/modules.dep"; then echo available
        else echo missing
        fi
      done`,
    parse: ({ stdout }) => {
      const [kernel = '', folder, ...states] = stdout.split('\n');
      const state = (text: string | undefined): ModuleState =>
        text === 'loaded' || text === 'builtin' || text === 'available' ? text : 'missing';
      return { kernel, folder: folder === 'folder', states: new Map(asked.map((name, i) => [name, state(states[i])])) };
    },
  };
};

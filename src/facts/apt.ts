import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

export interface AptVersion {
  version: string;
  /** Pin priority of this version; 1001 and more may go down, below 0 is never taken. apt_preferences(5) */
  priority: number;
  /** Where it can be had, as apt shows it: `http://... bookworm/main amd64 Packages`. Without dpkg's own status file. */
  from: readonly string[];
}

export interface AptPolicy {
  installed: string | null;
  /** What `apt-get install NAME` would take. */
  candidate: string | null;
  versions: readonly AptVersion[];
}

const none = (text: string | undefined): string | null => (text === undefined || text === '(none)' ? null : text);

/**
 * What apt would do with these packages; null where there is no apt. Names that apt does not know are not in the map.
 * With an empty Dir::Cache::pkgcache apt builds its cache in memory and writes nothing (apt.conf(5)).
 */
export const aptPolicy = (names: readonly string[]): Fact<ReadonlyMap<string, AptPolicy> | null> => ({
  id: `apt-policy:${[...names].sort().join(',')}`,
  read: sh`
    command -v apt-cache >/dev/null || exit 3
    apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy ${[...names].sort()}`,
  parse: ({ stdout, code }) => {
    if (code === 3) return null;
    const found = new Map<string, AptPolicy>();
    for (const block of stdout.split(/^(?=\S)/m)) {
      const name = /^(\S+):\n/.exec(block)?.[1];
      if (name === undefined) continue;
      const versions: { version: string; priority: number; from: string[] }[] = [];
      for (const line of block.split('\n')) {
        const head = /^ (?:\*\*\*| {3}) (\S+) (-?\d+)$/.exec(line);
        const from = /^ {8} *-?\d+ (.+)$/.exec(line)?.[1];
        if (head) versions.push({ version: head[1] ?? '', priority: Number(head[2]), from: [] });
        else if (from !== undefined && from !== '/var/lib/dpkg/status') versions.at(-1)?.from.push(from);
      }
      found.set(name, {
        installed: none(/^ {2}Installed: (.+)$/m.exec(block)?.[1]),
        candidate: none(/^ {2}Candidate: (.+)$/m.exec(block)?.[1]),
        versions,
      });
    }
    return found;
  },
});

import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

export interface DebPackage {
  name: string;
  architecture: string;
  version: string;
  source: string;
  /** As dpkg-query(1) has it: installed, config-files, half-installed, unpacked, half-configured, triggers-pending... */
  state: string;
  hold: boolean;
  /** Came as a dependency of something else. */
  auto: boolean;
}

const STATE: Readonly<Record<string, string>> = {
  n: 'not-installed',
  c: 'config-files',
  H: 'half-installed',
  U: 'unpacked',
  F: 'half-configured',
  W: 'triggers-awaited',
  t: 'triggers-pending',
  i: 'installed',
};

export interface WhichPackages {
  names?: readonly string[];
  /** Every binary of these source packages. */
  sources?: readonly string[];
}

/** A name in a basic regular expression, grep(1). */
const literal = (name: string): string => name.replace(/[.*[\]\\^$]/g, '\\$&');

/**
 * Packages dpkg knows, by name; null where there is no dpkg. A second architecture of one is at `name:arch`.
 * Marks are read from apt's own file: apt-mark would write a cache. Names alone are looked up in dpkg's own files first, as most
 * are asked for because they may be missing, and dpkg-query reads all there is.
 */
export const debPackages = (which: WhichPackages): Fact<ReadonlyMap<string, DebPackage> | null> => {
  const names = [...(which.names ?? [])].sort();
  const sources = [...(which.sources ?? [])].sort();
  const patterns = [...names.map((n) => `^${literal(n)}\t`), ...sources.map((s) => `\t${literal(s)}$`)];
  return {
    id: `deb:${names.join(',')}:${sources.join(',')}`,
    read: sh`
      command -v dpkg-query >/dev/null || exit 3
      ${sources.length > 0 ? sh`:` : sh`grep -qsx ${names.map((n) => sh`-e ${`Package: ${literal(n)}`}`)} /var/lib/dpkg/status /var/lib/dpkg/updates/* || exit 0`}
      p=$(dpkg-query -W -f='\${Package}\t\${Architecture}\t\${Version}\t\${db:Status-Abbrev}\t\${source:Package}\n' | grep ${patterns.map((p) => sh`-e ${p}`)})
      [ -n "$p" ] || exit 0
      printf '%s\n' "$p"
      echo auto
      [ ! -e /var/lib/apt/extended_states ] || printf '%s\n' "$p" | awk '
        FILENAME == "-" { split($0, field, "\t"); asked[field[1]]; next }
        $1 == "Package:" { name = $2 }
        $0 == "Auto-Installed: 1" && name in asked { print name }' - /var/lib/apt/extended_states`,
    parse: ({ stdout, code }) => {
      if (code === 3) return null;
      const [listed = '', marks = ''] = stdout.split(/^auto\n/m);
      const auto = new Set(marks.split('\n'));
      const found = new Map<string, DebPackage>();
      for (const line of listed.split('\n').filter(Boolean)) {
        const [name = '', architecture = '', version = '', status = '', source = ''] = line.split('\t');
        const state = STATE[status[1] ?? ''] ?? 'unknown';
        const one = { name, architecture, version, source, state, hold: status.startsWith('h'), auto: auto.has(name) };
        found.set(found.has(name) ? `${name}:${architecture}` : name, one);
      }
      return found;
    },
  };
};

export interface RpmPackage {
  name: string;
  /** 0 where it has none. */
  epoch: number;
  version: string;
  release: string;
  architecture: string;
  /** File name of the source package: `glusterfs-10.5-1.el9.src.rpm`. */
  source: string;
}

/** Packages rpm knows that match these names or globs, by name; null where there is no rpm. Of several with one name the last one. */
export const rpmPackages = (globs: readonly string[]): Fact<ReadonlyMap<string, RpmPackage> | null> => ({
  id: `rpm:${[...globs].sort().join(',')}`,
  read: sh`
    command -v rpm >/dev/null || exit 3
    rpm -qa --qf '%{NAME}\t%{EPOCH}\t%{VERSION}\t%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\n' ${[...globs].sort()}`,
  parse: ({ stdout, code }) => {
    if (code === 3) return null;
    const found = new Map<string, RpmPackage>();
    for (const line of stdout.split('\n').filter(Boolean)) {
      const [name = '', epoch = '', version = '', release = '', architecture = '', source = ''] = line.split('\t');
      found.set(name, { name, epoch: Number.parseInt(epoch, 10) || 0, version, release, architecture, source });
    }
    return found;
  },
});

import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

/** What a node runs, as os-release(5) has it. Fields it does not have are ''. */
export interface Os {
  id: string;
  idLike: readonly string[];
  versionId: string;
  /** `bookworm`, `noble`; '' on EL and on what has none. */
  codename: string;
  pretty: string;
  /** Which packages it takes: debian (apt, deb), el (dnf or yum, rpm), other (neither is known to be right). */
  family: 'debian' | 'el' | 'other';
  /** The architecture as `uname -m`, dpkg and rpm name it. */
  arch: { machine: string; deb: string; rpm: string };
}

const DEB: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'armhf',
  armv6l: 'armel',
  ppc64le: 'ppc64el',
  i386: 'i386',
  i486: 'i386',
  i586: 'i386',
  i686: 'i386',
};

/** KEY=VALUE lines in shell quoting, the way os-release(5) allows it. Also reads /etc/default files. */
export const parseAssignments = (text: string): Map<string, string> => {
  const values = new Map<string, string>();
  for (const [, key = '', raw = ''] of text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/gm)) {
    const value = raw.trim();
    if (/^'.*'$/.test(value)) values.set(key, value.slice(1, -1));
    else if (/^".*"$/.test(value)) values.set(key, value.slice(1, -1).replace(/\\([$"\\`])/g, '$1'));
    else values.set(key, value.replace(/\\(.)/g, '$1'));
  }
  return values;
};

const familyOf = (ids: readonly string[]): Os['family'] => {
  if (ids.some((id) => id === 'debian' || id === 'ubuntu')) return 'debian';
  return ids.some((id) => id === 'rhel' || id === 'centos' || id === 'fedora') ? 'el' : 'other';
};

/** Of a derivative, what it is derived from: its packages are named so. Debian up to 9 has the name only in VERSION: `9 (stretch)`. */
const codenameOf = (values: ReadonlyMap<string, string>): string => {
  const named = values.get('UBUNTU_CODENAME') ?? values.get('DEBIAN_CODENAME') ?? values.get('VERSION_CODENAME');
  return named ?? /\(([A-Za-z]+)[^)]*\)/.exec(values.get('ID') === 'debian' ? (values.get('VERSION') ?? '') : '')?.[1]?.toLowerCase() ?? '';
};

export const os: Fact<Os> = {
  id: 'os',
  read: sh`
    # Kernels from 6.1 on say it in a file.
    if read -r m </proc/sys/kernel/arch; then echo "$m"; else uname -m; fi
    dpkg --print-architecture || rpm --eval '%{_arch}' || echo
    f=/etc/os-release
    [ -e "$f" ] || f=/usr/lib/os-release
    while IFS= read -r l || [ -n "$l" ]; do printf '%s\n' "$l"; done <"$f"`,
  parse: ({ stdout }) => {
    const [machine = '', packaged = '', ...rest] = stdout.split('\n');
    const values = parseAssignments(rest.join('\n'));
    const idLike = (values.get('ID_LIKE') ?? '').split(/\s+/).filter(Boolean);
    const id = values.get('ID') ?? '';
    const family = familyOf([id, ...idLike]);
    return {
      id,
      idLike,
      versionId: values.get('VERSION_ID') ?? '',
      codename: family === 'debian' ? codenameOf(values) : '',
      pretty: values.get('PRETTY_NAME') ?? id,
      family,
      arch: {
        machine,
        // A 32-bit system may run on a 64-bit kernel, so what the package manager says comes first.
        deb: family === 'debian' && packaged !== '' ? packaged : (DEB[machine] ?? machine),
        rpm: family === 'el' && packaged !== '' ? packaged : machine,
      },
    };
  },
};

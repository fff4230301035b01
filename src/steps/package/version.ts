import type { Report } from '../../errors.ts';
import { compareReleases, isOf, isRelease, releaseOf } from '../../gluster/release.ts';

/** A package that is there: of dpkg or of rpm, its version as either writes it, such as 10.3-1 and 10.3-1.el9. */
export interface Present {
  name: string;
  version: string;
}

/** The newest release of a series, of what is offered and what is there; the series itself while nothing is known. */
export const resolve = (wanted: string, offered: readonly string[], present: readonly Present[]): string => {
  if (isRelease(wanted)) return wanted;
  const all = [...offered, ...present.map((one) => one.version)].filter((one) => isOf(wanted, one)).map(releaseOf);
  return all.sort(compareReleases).at(-1) ?? wanted;
};

/** A release that the distribution does not have. For other sources that is said when their repository is asked. */
export const notOffered = (
  { source, version }: { source: string; version: string },
  system: string,
  offered: readonly string[],
  refresh: string,
): Report[] => {
  if (source !== 'distro' || offered.length === 0 || offered.some((one) => isOf(version, one))) return [];
  return [
    {
      check: 'version-not-offered',
      what: `${system} does not offer GlusterFS ${version}`,
      why: `its packages, as far as the node knows them, are ${[...new Set(offered)].join(', ')}`,
      next: `change gluster.version or gluster.source; or ${refresh} on the node, if what it knows is old`,
    },
  ];
};

/** What a person reads: what comes, and from which version to which. `wanted` is the file's, `version` what it leads to. */
export const title = (role: 'server' | 'client', wanted: string, version: string, present: readonly Present[]): string => {
  const series = isRelease(wanted)
    ? ''
    : isRelease(version)
      ? `, the newest of ${version.replace(/\.\d+$/, '')}`
      : ', its newest release, which the node looks up then';
  const others = [...new Set(present.map((one) => one.version).filter((one) => !isOf(version, one)))];
  const what = `GlusterFS ${version}${series}`;
  if (others.length === 0) return `install ${what} (${role})`;
  const down = others.some((one) => isRelease(version) && compareReleases(releaseOf(one), version) > 0);
  return `move from ${others.join(', ')} ${down ? 'down' : 'up'} to ${what} (${role})`;
};

/** glusterd restarts when its package moves; going down is never harmless. */
export const disturbs = (version: string, present: readonly Present[]): boolean => {
  const moved = present.filter((one) => !isOf(version, one.version));
  const down = moved.some((one) => isRelease(version) && compareReleases(releaseOf(one.version), version) > 0);
  return down || (moved.length > 0 && present.some(({ name }) => name === 'glusterfs-server'));
};

import type { Os } from '../facts/os.ts';
import { compareReleases, isRelease, seriesOf } from '../gluster/release.ts';
import type { Cluster } from '../model/cluster.ts';
import { type Sh, sh } from '../sh.ts';
import { type PackageSource, packageSource } from './package/source.ts';

export const SOURCE_FILE = '/etc/apt/sources.list.d/glusterctl-gluster.sources';
export const KEY_FILE = '/etc/apt/keyrings/glusterctl-gluster.asc';
const UPSTREAM = 'https://download.gluster.org/pub/gluster/glusterfs';
const LAUNCHPAD = 'https://ppa.launchpadcontent.net/gluster';

export const aptSource = (cluster: Cluster): PackageSource => packageSource(cluster, 'deb', UPSTREAM);

/** Upstream's tree of one release or series. What is older than 4.1 has been moved to 01.old-releases (gluster/glusterfs#1298). */
const tree = ({ base, version }: PackageSource): string => {
  const series = seriesOf(version);
  return `${base}${compareReleases(series, '4.1') < 0 ? '/01.old-releases' : ''}/${series}/${isRelease(version) ? version : 'LATEST'}/Debian`;
};

const ppa = ({ version }: PackageSource): string => `${LAUNCHPAD}/glusterfs-${seriesOf(version)}/ubuntu`;

/**
 * Where the repository may be, in the order to try. Upstream's folders are called by codename in some releases and
 * by number in others.
 */
export const uris = (source: PackageSource, os: Os): string[] =>
  source.source === 'ppa' ? [ppa(source)] : [os.codename, os.versionId].map((name) => `${tree(source)}/${name}/${os.arch.deb}/apt`);

/** The same as words of a shell in which codename, VERSION_ID and arch are set. */
export const uriWords = (source: PackageSource): Sh =>
  source.source === 'ppa' ? sh`${ppa(source)}` : sh`${tree(source)}/"$codename/$arch/apt" ${tree(source)}/"$VERSION_ID/$arch/apt"`;

/** What stands before every address of the source, however old: to tell it from the distribution's. */
export const prefix = (source: PackageSource): string =>
  source.source === 'ppa' ? `${LAUNCHPAD}/` : source.base === '' ? '' : `${source.base}/`;

/** A deb822 stanza. It names its key, so that key is trusted for this repository only. sources.list(5) */
export const stanza = (all: readonly string[], codename: string, arch: string): string => `# Written by glusterctl
Types: deb
URIs: ${all.join(' ')}
Suites: ${codename}
Components: main
Architectures: ${arch}
Signed-By: ${KEY_FILE}
`;

export const urisIn = (text: string): string[] =>
  /^URIs: *(.*)$/m
    .exec(text)?.[1]
    ?.split(/\s+/)
    .filter((uri) => uri !== '') ?? [];

import type { Os } from '../../facts/os.ts';
import { seriesOf } from '../../gluster/release.ts';
import type { Cluster } from '../../model/cluster.ts';
import { type Sh, sh } from '../../sh.ts';
import { type PackageSource, packageSource } from '../package/source.ts';

export const REPOSITORY = 'glusterctl-gluster';
export const REPO_FILE = `/etc/yum.repos.d/${REPOSITORY}.repo`;
export const KEY_FILE = `/etc/pki/rpm-gpg/RPM-GPG-KEY-${REPOSITORY}`;

/** Upstream has no tree for dnf: its RPMs are made by the CentOS Storage SIG (glusterdocs, Community-Packages.md). */
export const dnfSource = (cluster: Cluster): PackageSource => packageSource(cluster, 'rpm', '');

/** "9" of 9.4. */
export const majorOf = ({ versionId }: Pick<Os, 'versionId'>): string => versionId.split('.', 1)[0] ?? '';

/**
 * Trees of a major release, in the order to try. What the SIG's own release packages name cannot be used: their
 * `$stream` is not defined on most systems, and mirror.centos.org, where 7 and 8 were, is gone.
 */
const trees = ({ source, base }: PackageSource, major: string): string[] => {
  if (source === 'mirror') return (major === '7' ? ['7.9.2009', '7'] : [`${major}-stream`, major]).map((name) => `${base}/${name}`);
  if (major === '7') return ['https://vault.centos.org/7.9.2009'];
  if (major === '8') return ['https://vault.centos.org/8-stream', 'https://dl.rockylinux.org/vault/centos/8.5.2111'];
  return [`https://mirror.stream.centos.org/SIGs/${major}-stream`];
};

/** Where the repository may be, in the order to try. */
export const uris = (source: PackageSource, os: Os): string[] =>
  trees(source, majorOf(os)).map((tree) => `${tree}/storage/${os.arch.rpm}/gluster-${seriesOf(source.version)}/`);

/** The same as words of a shell, for the major release that the node has. */
export const setUris = (source: PackageSource): Sh => {
  const words = (major: string) =>
    trees(source, major).map((tree) => sh`${tree}/storage/"$arch"/${`gluster-${seriesOf(source.version)}/`}`);
  return sh`
    case $major in
      ${['7', '8', '9', '10'].map(
        (major) => sh`${major}) set -- ${words(major)} ;;
      `,
      )}
      *) set -- ;;
    esac`;
};

/** A repo file. The first section is the one that is wanted, a second one keeps the way back to the series before. dnf.conf(5) */
export const repoFile = (all: readonly string[]): string =>
  `# Written by glusterctl\n${all
    .map(
      (uri, i) => `[${REPOSITORY}${i === 0 ? '' : '-before'}]
name=GlusterFS${i === 0 ? '' : ', the series before'}
baseurl=${uri}
enabled=1
gpgcheck=1
gpgkey=file://${KEY_FILE}
`,
    )
    .join('\n')}`;

export const urisIn = (text: string): string[] => [...text.matchAll(/^baseurl=(.*)$/gm)].map(([, uri = '']) => uri);

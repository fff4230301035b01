import type { Report } from '../../errors.ts';
import type { Os } from '../../facts/os.ts';
import { compareReleases, isOf, isRelease, releaseOf, seriesOf } from '../../gluster/release.ts';
import { type Offer, whatWasTried } from '../package/offer.ts';
import type { PackageSource } from '../package/source.ts';
import { majorOf } from './source.ts';

const SIG = 'take source: centos-sig, or a mirror of it';

/** What rules a source out on this system, whatever the network says. */
export const ruledOut = ({ source, base, version, key }: PackageSource, os: Os): Report[] => {
  const { id, pretty } = os;
  if (source === 'upstream') {
    const next = `${SIG}; in a pool with Debian take source: mirror, with { deb: , rpm: } for mirror, key and fingerprint`;
    return [
      {
        check: 'source-unfit',
        what: `download.gluster.org has no packages for ${pretty}`,
        why: 'its RPMs are those of the CentOS Storage SIG',
        next,
      },
    ];
  }
  if (source === 'ppa') return [{ check: 'source-unfit', what: `the PPA has packages for Ubuntu, not for ${pretty}`, next: SIG }];
  if (source === 'mirror' && base === '')
    return [{ check: 'source-unfit', what: 'cluster.yaml names no mirror for dnf and yum', next: 'give gluster.mirror an entry for rpm' }];
  if (source === 'centos-sig' && id === 'fedora')
    return [
      {
        check: 'source-unfit',
        what: `the CentOS Storage SIG has no packages for ${pretty}`,
        next: 'take the packages of the distribution with source: distro',
      },
    ];
  // gluster/glusterfs#4646: the SIG's tree for 10 is without them, and so is the distribution.
  if (source === 'centos-sig' && Number(majorOf(os)) >= 10)
    return [
      {
        check: 'source-unfit',
        what: `the CentOS Storage SIG has no GlusterFS for ${pretty}`,
        why: 'the newest release it has packages for is 9',
        next: 'take a mirror that has some with source: mirror, or leave the node out',
      },
    ];
  // glusterdocs#720: there never were packages of 10 for EL 7.
  if (majorOf(os) === '7' && compareReleases(seriesOf(version), '9') > 0)
    return [
      {
        check: 'source-unfit',
        what: `there is no GlusterFS ${seriesOf(version)} for ${pretty}`,
        why: 'the newest series for it is 9',
        next: 'write version: "9", or leave the node out',
      },
    ];
  if (key === null)
    return [
      {
        check: 'signing-key',
        what: 'the key that signs the packages is not known',
        next: 'give gluster.key and gluster.fingerprint in cluster.yaml',
      },
    ];
  return [];
};

/** What the repository's own answer rules out. Everything that was tried is in it. */
export const refused = ({ version, source }: PackageSource, { arch }: Os, said: Exclude<Offer, { state: 'known' }>): Report[] => {
  if (said.state === 'found') {
    if (said.versions.some((v) => isOf(version, v))) return [];
    const has = [...new Set(said.versions.map(releaseOf))];
    return [
      {
        check: 'version-not-offered',
        what: `the repository has no GlusterFS ${version} for ${arch.rpm}`,
        why: `${said.uri} has ${has.join(', ') || 'none at all'}`,
        next: 'change gluster.version in cluster.yaml',
      },
    ];
  }
  const correct = source === 'mirror' ? 'correct gluster.mirror' : `correct ${isRelease(version) ? 'the series of ' : ''}gluster.version`;
  const next = `${correct}, look whether the node may reach it, or take a mirror that it reaches with source: mirror`;
  return [{ check: 'repository-unreadable', what: 'the repository cannot be read from the node', why: whatWasTried(said), next }];
};

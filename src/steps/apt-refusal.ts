import type { Report } from '../errors.ts';
import type { Os } from '../facts/os.ts';
import { isOf, isRelease, releaseOf, seriesOf } from '../gluster/release.ts';
import { type Offer, whatWasTried } from './package/offer.ts';
import type { PackageSource } from './package/source.ts';

const DISTRO = 'take the packages of the distribution with source: distro';

/** What rules a source out on this system, whatever the network says. */
export const ruledOut = ({ source, base, key }: PackageSource, { id, pretty, codename, versionId, arch }: Os): Report[] => {
  if (source === 'centos-sig')
    return [
      {
        check: 'source-unfit',
        what: `${pretty} takes no packages of the CentOS Storage SIG`,
        next: `give it another gluster.source: ${DISTRO}`,
      },
    ];
  if (source === 'upstream' && id !== 'debian')
    return [
      {
        check: 'source-unfit',
        what: `download.gluster.org has no packages for ${pretty}`,
        next: `${id === 'ubuntu' ? 'take source: ppa, or ' : ''}${DISTRO}`,
      },
    ];
  // Until Debian 10 there were packages for arm64 (glusterdocs, Community-Packages.md); never for 32 bit.
  if (source === 'upstream' && arch.deb !== 'amd64' && (arch.deb !== 'arm64' || Number(versionId) > 10))
    return [{ check: 'source-unfit', what: `download.gluster.org has no packages for ${arch.deb}, only for amd64`, next: DISTRO }];
  if (source === 'ppa' && id !== 'ubuntu')
    return [
      { check: 'source-unfit', what: `the PPA has packages for Ubuntu, not for ${pretty}`, next: `take source: upstream, or ${DISTRO}` },
    ];
  if (source === 'mirror' && base === '')
    return [{ check: 'source-unfit', what: 'cluster.yaml names no mirror for apt', next: 'give gluster.mirror an entry for deb' }];
  if (codename === '')
    return [
      {
        check: 'source-unfit',
        what: `${pretty} does not say its codename`,
        why: 'VERSION_CODENAME is not in /etc/os-release',
        next: DISTRO,
      },
    ];
  if (key === null)
    return [
      {
        check: 'signing-key',
        what: 'the key that signs the repository is not known',
        next: 'give gluster.key and gluster.fingerprint in cluster.yaml',
      },
    ];
  return [];
};

/** download.gluster.org's key is self-signed with SHA-1, which sqv rejects since 2026-02-01 (gluster/glusterfs#4664). */
const sha1 = (why: readonly string[]): boolean => why.some((line) => /\bSHA-?1\b/.test(line));

/** What the repository's own answer rules out. Everything that was tried is in it. */
export const refused = ({ version, source }: PackageSource, { pretty, arch }: Os, said: Exclude<Offer, { state: 'known' }>): Report[] => {
  if (said.state === 'found') {
    if (said.versions.some((v) => isOf(version, v))) return [];
    const has = [...new Set(said.versions.map(releaseOf))];
    const newest = source === 'ppa' ? ` (a PPA keeps the newest release of its series only: write version: "${seriesOf(version)}")` : '';
    const next = has.length === 0 ? DISTRO : `change gluster.version in cluster.yaml${newest}, or ${DISTRO}`;
    return [
      {
        check: 'version-not-offered',
        what: `the repository has no GlusterFS ${version} for ${arch.deb}`,
        why: `${said.uri} has ${has.join(', ') || 'none at all'}`,
        next,
      },
    ];
  }
  const why = whatWasTried(said);
  const all = said.tried.flatMap((one) => one.why);
  if (sha1(all)) {
    const next = `${DISTRO}; ${pretty} trusts no key that is bound by SHA-1, and glusterctl does not weaken apt`;
    return [{ check: 'signing-key', what: `${pretty} rejects the key of the repository`, why, next }];
  }
  if (all.some((line) => line.includes('is not signed'))) {
    const next = `compare gluster.key and gluster.fingerprint with what the publisher says, or ${DISTRO}; an unsigned repository is never used`;
    return [{ check: 'signing-key', what: 'the signature of the repository is missing, or by another key', why, next }];
  }
  const other =
    source === 'mirror' ? 'correct gluster.mirror' : isRelease(version) ? 'correct gluster.version' : 'correct gluster.version or source';
  return [
    {
      check: 'repository-unreadable',
      what: 'the repository cannot be read from the node',
      why,
      next: `${other}, look whether the node may reach it, or ${DISTRO}`,
    },
  ];
};

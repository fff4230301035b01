import { compareReleases, isOf, releaseOf, seriesOf } from '../gluster/release.ts';
import type { Gluster } from '../model/cluster.ts';
import type { SeenNode } from './seen.ts';

export interface GlusterOffer {
  source: Gluster['source'];
  /** A release as `10.3`, or a series as `11`; '' with source mirror, where it has to be given. */
  version: string;
  /** For a person: where it comes from. */
  title: string;
}

/**
 * Series with packages on download.gluster.org by Debian's codename (branches of gluster/glusterfs-debian). trixie is left out:
 * its apt rejects the SHA-1 signature on upstream's key since 2026-02-01 (gluster/glusterfs#4664).
 */
const UPSTREAM: Readonly<Record<string, readonly [oldest: number, newest: number]>> = {
  stretch: [5, 9],
  buster: [5, 11],
  bullseye: [5, 11],
  bookworm: [9, 11],
};

/** Series in ppa:gluster/glusterfs-N by Ubuntu's codename, likewise. */
const PPA: Readonly<Record<string, readonly [oldest: number, newest: number]>> = {
  bionic: [5, 10],
  focal: [5, 11],
  jammy: [8, 11],
  noble: [11, 11],
};

/** Series in the CentOS Storage SIG by EL's major version: gluster/glusterdocs#720 for 7. */
const SIG: Readonly<Record<string, readonly [oldest: number, newest: number]>> = { '7': [5, 9], '8': [6, 10], '9': [9, 11] };

/** How many series are worth a line each: upstream maintains the two newest. */
const SHOWN = 2;

const rangeOf = ({ os }: SeenNode, source: 'upstream' | 'ppa' | 'centos-sig'): readonly [number, number] | undefined => {
  if (source === 'upstream') return os.id === 'debian' && os.arch === 'amd64' ? UPSTREAM[os.codename] : undefined;
  if (source === 'ppa') return os.id === 'ubuntu' ? PPA[os.codename] : undefined;
  return os.family === 'el' && os.id !== 'fedora' ? SIG[/^\d+/.exec(os.versionId)?.[0] ?? ''] : undefined;
};

/** The newest series that a source has for all of these systems. */
const seriesFor = (nodes: readonly SeenNode[], source: 'upstream' | 'ppa' | 'centos-sig'): number[] => {
  const ranges = nodes.map((node) => rangeOf(node, source));
  if (nodes.length === 0 || ranges.includes(undefined)) return [];
  const known = ranges as (readonly [number, number])[];
  const oldest = Math.max(...known.map(([from]) => from));
  const newest = Math.min(...known.map(([, to]) => to));
  return Array.from({ length: Math.max(0, newest - oldest + 1) }, (_, i) => newest - i).slice(0, SHOWN);
};

/** What distributions publish, where a node has not read its package index yet (packages.debian.org, packages.ubuntu.com). */
const PUBLISHED: Readonly<Record<string, string>> = { bullseye: '9.2', bookworm: '10.3', trixie: '11.1', jammy: '10.1', noble: '11.1' };

const offered = ({ gluster, os }: SeenNode): string => gluster.offered || (os.family === 'debian' ? (PUBLISHED[os.codename] ?? '') : '');

/** The version that the distributions of all nodes have: exactly, or at least the series. */
const distroVersion = (nodes: readonly SeenNode[]): string | null => {
  const versions = nodes.map(offered);
  if (nodes.length === 0 || versions.includes('')) return null;
  const releases = [...new Set(versions.map(releaseOf))];
  if (releases.length === 1) return releases[0] ?? null;
  const series = [...new Set(releases.map(seriesOf))];
  return series.length === 1 ? (series[0] ?? null) : null;
};

const TITLES = {
  upstream: 'from download.gluster.org',
  ppa: "from Gluster's PPA",
  'centos-sig': 'from the CentOS Storage SIG',
} as const;

const isThere = (nodes: readonly SeenNode[], version: string): boolean =>
  nodes.some(({ gluster }) => gluster.installed !== null && isOf(version, gluster.installed));

/** Oldest series that is worth a new pool: upstream gives fixes to 10 and 11 (glusterdocs, Community-Packages). */
const CURRENT = '10';

/**
 * Versions and sources that there are for all of these systems; the first is the one to take. What is installed comes
 * first, then what the distribution has unless it is old: it needs no further repository and no further key.
 */
export const glusterOffers = (nodes: readonly SeenNode[]): GlusterOffer[] => {
  const own = distroVersion(nodes);
  const names = [...new Set(nodes.map(({ os }) => os.pretty))].join(', ');
  const distro: GlusterOffer[] =
    own === null ? [] : [{ source: 'distro', version: own, title: `packages of the distribution (${names}), no further repository` }];
  const others = (['upstream', 'ppa', 'centos-sig'] as const).flatMap((source) =>
    seriesFor(nodes, source).map(
      (series): GlusterOffer => ({ source, version: String(series), title: `newest release of the series, ${TITLES[source]}` }),
    ),
  );
  const old = own !== null && compareReleases(seriesOf(own), CURRENT) < 0;
  const offers = old ? [...others, ...distro] : [...distro, ...others];
  const there = offers.filter(({ version }) => isThere(nodes, version));
  return [
    ...there.map((offer) => ({ ...offer, title: `${offer.title}; installed already` })),
    ...offers.filter((offer) => !there.includes(offer)),
    { source: 'mirror', version: '', title: 'another mirror: its URL, key and fingerprint are asked for' },
  ];
};

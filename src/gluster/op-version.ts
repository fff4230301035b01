import { compareReleases, isRelease, seriesOf } from './release.ts';

/** Every op-version there is. glusterfs 11.1, libglusterfs/src/glusterfs/globals.h */
const OP_VERSIONS = [
  30600, 30700, 30702, 30703, 30706, 30707, 30708, 30709, 30710, 30712, 30800, 30900, 30901, 31000, 31001, 31002, 31004, 31100, 31101,
  31200, 31202, 31203, 31204, 31205, 31300, 31301, 31302, 40000, 40100, 50000, 50400, 60000, 70000, 70100, 70200, 70300, 80000, 90000,
  100000, 110000,
];

const number = (release: string): number => {
  const [major = 0, minor = 0, patch = 0] = release.split('.').map(Number);
  return major * 10_000 + minor * 100 + patch;
};

/** The highest op-version that a release knows; of a series, that its newest release knows. */
export const maxOpVersion = (version: string): number => {
  const last = isRelease(version) ? number(version) : number(version) + (seriesOf(version).includes('.') ? 99 : 9_999);
  return OP_VERSIONS.findLast((one) => one <= last) ?? 0;
};

/** The series from which an upgrade to this one is documented, the oldest. glusterdocs, Upgrade-Guide/upgrade-to-10.md and -11.md */
const OLDEST_BEFORE: Readonly<Record<string, string>> = { '10': '6', '11': '8' };

/** The series to upgrade to first; null when the way from one series to the other is a single step, or not documented at all. */
export const stopOver = (from: string, to: string): string | null => {
  const oldest = OLDEST_BEFORE[seriesOf(to)];
  if (oldest === undefined || compareReleases(seriesOf(from), oldest) >= 0) return null;
  // What reaches 10 reaches 11 from there.
  return seriesOf(to) === '11' && compareReleases(seriesOf(from), '6') >= 0 ? '10' : oldest;
};

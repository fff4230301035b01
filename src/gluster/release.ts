/** "10" for "10" and "10.3"; up to 4.1 a series has two numbers: "3.12" for "3.12.4", "4.1" for "4.1". */
export const seriesOf = (version: string): string => (/^[34]\./.test(version) ? /^\d+\.\d+/ : /^\d+/).exec(version)?.[0] ?? version;

/** "10.3" names one release, "10" a series of them. */
export const isRelease = (version: string): boolean => version !== seriesOf(version);

/** The release a package's version is of: 10.3 for 10.3-1, 10.3-5, 10.3-ubuntu1~jammy1. */
export const releaseOf = (packaged: string): string => packaged.replace(/-.*/, '');

/** Whether a package's version is of this release or series. 10.30-1 is not of 10.3. */
export const isOf = (version: string, packaged: string): boolean =>
  isRelease(version) ? releaseOf(packaged) === version : releaseOf(packaged).startsWith(`${version}.`);

/** Negative when the first release is older. */
export const compareReleases = (a: string, b: string): number => {
  const [x, y] = [a, b].map((release) => release.split('.').map(Number)) as [number[], number[]];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

import { describe, expect, it } from 'vitest';
import { compareReleases, isOf, isRelease, releaseOf, seriesOf } from '../../src/gluster/release.ts';

describe('releases and series', () => {
  it.each([
    ['10', '10', false],
    ['10.3', '10', true],
    ['4.1', '4.1', false],
    ['4.1.5', '4.1', true],
    ['3.12', '3.12', false],
    ['3.12.15', '3.12', true],
  ])('%s is of series %s; one release: %s', (version, series, release) => {
    expect([seriesOf(version), isRelease(version)]).toEqual([series, release]);
  });

  it.each(['10.3-1', '10.3-5', '10.3-ubuntu1~jammy1', '10.3-3~bpo12+1', '10.3'])('%s is of 10.3 and of 10', (packaged) => {
    expect([releaseOf(packaged), isOf('10.3', packaged), isOf('10', packaged)]).toEqual(['10.3', true, true]);
  });

  it.each([
    ['10.3', '10.30-1'],
    ['10.3', '10.4-1'],
    ['10', '11.1-6'],
    ['1', '10.3-1'],
  ])('%s is not what %s is of', (version, packaged) => expect(isOf(version, packaged)).toBe(false));

  it('come in the order of their numbers', () => {
    expect(['10.10', '9.6', '10.3', '10.4', '3.12.15'].sort(compareReleases)).toEqual(['3.12.15', '9.6', '10.3', '10.4', '10.10']);
    expect(compareReleases('10.3', '10.3')).toBe(0);
  });
});

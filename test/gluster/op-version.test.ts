import { describe, expect, it } from 'vitest';
import { maxOpVersion, stopOver } from '../../src/gluster/op-version.ts';

describe('the highest op-version', () => {
  it.each([
    ['10', 100000],
    ['10.3', 100000],
    ['11.1', 110000],
    ['9.6', 90000],
    ['7', 70300],
    ['7.1', 70100],
    ['5.0', 50000],
    ['5', 50400],
    ['4.1', 40100],
    ['4.1.5', 40100],
    ['4.0', 40000],
    ['3.12', 31205],
    ['3.12.2', 31202],
    ['3.12.1', 31200],
  ])('of %s is %i', (version, expected) => expect(maxOpVersion(version)).toBe(expected));
});

describe('a series to stop at on the way', () => {
  it.each([
    ['9.6', '10.3', null],
    ['6.10', '10', null],
    ['5.13', '10.3', '6'],
    ['3.12.15', '10.3', '6'],
    ['8.6', '11.1', null],
    ['7.9', '11.1', '10'],
    ['4.1.5', '11', '8'],
    ['10.3', '10.4', null],
    ['11.1', '10.3', null],
    ['3.12.1', '4.1', null],
  ])('from %s to %s: %s', (from, to, expected) => expect(stopOver(from, to)).toBe(expected));
});

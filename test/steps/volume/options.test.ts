import { describe, expect, it } from 'vitest';
import { isSet, parseGroup } from '../../../src/steps/volume/options.ts';
import { volumeInfo } from '../pool-answers.ts';

const info = (options: Record<string, string>) => volumeInfo({ options: new Map(Object.entries(options)) });

describe('volume options', () => {
  it.each([
    ['20', '20', true],
    ['20', '21', false],
    ['on', 'enable', true],
    ['ON', 'true', true],
    ['off', 'disable', true],
    ['on', 'off', false],
    // 1 may be a number as well as a truth: only what was written counts.
    ['1', 'on', false],
    ['1GB', '1gb', false],
  ])('%j wanted and %j reported: the same is %j', (wanted, reported, same) => {
    expect(isSet(info({ 'a.b': reported }), 'a.b', wanted)).toBe(same);
  });

  it('takes one that is not reported for not set, also when its default is wanted', () => {
    expect(isSet(info({}), 'network.ping-timeout', '42')).toBe(false);
  });

  it('reads a profile', () => {
    const text = '# virt\nperformance.quick-read=off\n\n cluster.eager-lock = enable \nfeatures.shard=on\nnonsense\n';
    expect([...parseGroup(text)]).toEqual([
      ['performance.quick-read', 'off'],
      ['cluster.eager-lock', 'enable'],
      ['features.shard', 'on'],
    ]);
  });
});

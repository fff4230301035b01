import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Brick } from '../../../src/model/cluster.ts';
import { type LayoutOf, layoutFaults, setsOf, sharedSets } from '../../../src/steps/volume/layout.ts';

const bricks = (...list: string[]): Brick[] =>
  list.map((text) => {
    const [node = '', path = ''] = text.split(':');
    return { node, path };
  });
const layout = (over: Partial<LayoutOf>): LayoutOf => ({
  name: 'gv0',
  type: 'replicate',
  setSize: 3,
  redundancy: 0,
  bricks: bricks('a:/d/1', 'b:/d/1', 'c:/d/1'),
  allow: [],
  ...over,
});
const whats = (over: Partial<LayoutOf>) => layoutFaults(layout(over)).map((f) => f.what);

describe('the layout of a volume (voice 18)', () => {
  it.each<[string, Partial<LayoutOf>]>([
    ['replica 3', {}],
    ['two sets of replica 3', { bricks: bricks('a:/d/1', 'b:/d/1', 'c:/d/1', 'a:/d/2', 'b:/d/2', 'c:/d/2') }],
    ['an arbiter', { type: 'arbiter' }],
    ['disperse 4+2', { type: 'disperse', setSize: 6, redundancy: 2, bricks: bricks('a:/d', 'b:/d', 'c:/d', 'd:/d', 'e:/d', 'f:/d') }],
    ['distribute on one node', { type: 'distribute', setSize: 1, bricks: bricks('a:/d/1', 'a:/d/2') }],
    ['replica 2 knowingly', { setSize: 2, bricks: bricks('a:/d', 'b:/d'), allow: ['replica-2'] }],
    ['one node knowingly', { bricks: bricks('a:/d/1', 'a:/d/2', 'a:/d/3'), allow: ['same-node'] }],
  ])('%s is good', (_what, over) => expect(whats(over)).toEqual([]));

  it.each<[string, Partial<LayoutOf>, RegExp]>([
    ['replica 2', { setSize: 2, bricks: bricks('a:/d', 'b:/d') }, /splits its brain/],
    ['replica 1', { setSize: 1, bricks: bricks('a:/d') }, /two copies or more/],
    ['a set that is not whole', { bricks: bricks('a:/d', 'b:/d', 'c:/d', 'd:/d') }, /4 bricks do not make whole sets of 3/],
    ['no brick', { bricks: [] }, /0 bricks/],
    ['all bricks on one server', { bricks: bricks('a:/d/1', 'a:/d/2', 'b:/d/1') }, /set 1 has 2 bricks on a/],
    ['the same brick twice', { bricks: bricks('a:/d', 'b:/d', 'b:/d') }, /b:\/d is listed twice/],
    ['a brick in a brick', { allow: ['same-node'], bricks: bricks('a:/d', 'b:/d', 'b:/d/x') }, /lie one in the other/],
    ['an arbiter of two', { type: 'arbiter', setSize: 2, bricks: bricks('a:/d', 'b:/d') }, /sets of three/],
    [
      'disperse 2+2',
      { type: 'disperse', setSize: 4, redundancy: 2, bricks: bricks('a:/d', 'b:/d', 'c:/d', 'd:/d') },
      /cannot have 2 data and 2/,
    ],
    ['disperse 2+0', { type: 'disperse', setSize: 2, redundancy: 0, bricks: bricks('a:/d', 'b:/d') }, /cannot have 2 data and 0/],
  ])('%s is not', (_what, over, why) => expect(whats(over).join('\n')).toMatch(why));

  it('takes two paths that only begin alike for two', () =>
    expect(whats({ allow: ['same-node'], bricks: bricks('a:/d/1', 'a:/d/10', 'b:/d') })).toEqual([]));

  it('is good exactly when every set is whole and on as many nodes as it has bricks', () => {
    const node = fc.constantFrom('a', 'b', 'c', 'd');
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 4 }), fc.array(node, { minLength: 1, maxLength: 12 }), (setSize, nodes) => {
        const list = nodes.map((name, i) => ({ node: name, path: `/d/${i}` }));
        const volume = layout({ setSize, bricks: list });
        const whole = list.length % setSize === 0;
        const spread = setsOf(volume).every((set) => new Set(set.map((b) => b.node)).size === set.length);
        expect(layoutFaults(volume).length === 0).toBe(whole && spread);
        expect(sharedSets(volume).length === 0).toBe(spread);
        expect(setsOf(volume).flat()).toEqual(list);
      }),
    );
  });
});

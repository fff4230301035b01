import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type LayoutServer, type LayoutWish, placeBricks } from '../../src/config/layout.ts';
import type { Brick } from '../../src/model/cluster.ts';
import { GLUSTER, HEAD, nodesText, problemsOf } from './fixtures.ts';

const server = (name: string, zone: string, mounts: number): LayoutServer => ({
  name,
  zone,
  mounts: Array.from({ length: mounts }, (_, i) => `/data/brick${i + 1}`),
});
const wish = (type: LayoutWish['type'], setSize: number, allow: LayoutWish['allow'] = []): LayoutWish => ({
  name: 'gv0',
  type,
  setSize,
  allow,
});
const bricksOf = (volume: LayoutWish, servers: readonly LayoutServer[]): readonly Brick[] => {
  const layout = placeBricks(volume, servers);
  if ('why' in layout) throw new Error(layout.why);
  return layout.bricks;
};
const sets = (bricks: readonly Brick[], size: number): Brick[][] =>
  Array.from({ length: bricks.length / size }, (_, i) => bricks.slice(i * size, (i + 1) * size));
const counts = (names: readonly string[], of: readonly string[]): number[] =>
  names.map((name) => of.filter((other) => other === name).length);
const spread = (numbers: readonly number[]): number => Math.max(...numbers) - Math.min(...numbers);

/** Servers with their own numbers of mounts, in up to six zones. */
const servers = fc
  .array(fc.record({ zone: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), mounts: fc.integer({ min: 0, max: 6 }) }), {
    minLength: 1,
    maxLength: 14,
  })
  .map((list) => list.map(({ zone, mounts }, i) => server(`n${i}`, zone, mounts)));
const uniform = fc
  .record({ zones: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 3, maxLength: 12 }), mounts: fc.integer({ min: 1, max: 6 }) })
  .map(({ zones, mounts }) => zones.map((zone, i) => server(`n${i}`, zone, mounts)));
const setSize = fc.integer({ min: 1, max: 6 });

describe('placed bricks', () => {
  test('three nodes, one disk each', () => {
    expect(
      bricksOf(
        wish('replicate', 3),
        ['n1', 'n2', 'n3'].map((n) => server(n, n, 1)),
      ),
    ).toEqual(['n1', 'n2', 'n3'].map((node) => ({ node, path: '/data/brick1/gv0' })));
  });

  test('one node of each zone is taken before a second one of any', () => {
    const four = [server('a1', 'a', 1), server('a2', 'a', 1), server('b1', 'b', 1), server('c1', 'c', 1)];
    expect(bricksOf(wish('replicate', 3), four).map(({ node }) => node)).toEqual(['a1', 'b1', 'c1']);
  });

  test('two zones for sets of three: different nodes, and it is said', () => {
    const layout = placeBricks(wish('replicate', 3), [server('a1', 'a', 1), server('a2', 'a', 1), server('b1', 'b', 1)]);
    expect(layout).toMatchObject({
      notes: ['gv0: 1 of 1 sets of 3 bricks have several in one zone, as the bricks per zone are a: 2, b: 1'],
    });
  });

  test('the arbiter goes round: on three nodes with three disks each has it once', () => {
    const bricks = bricksOf(
      wish('arbiter', 3),
      ['n1', 'n2', 'n3'].map((n) => server(n, n, 3)),
    );
    expect(
      sets(bricks, 3)
        .map((set) => set[2]?.node)
        .sort(),
    ).toEqual(['n1', 'n2', 'n3']);
  });

  test('a set larger than the pool needs consent', () => {
    const two = [server('n1', 'n1', 2), server('n2', 'n2', 2)];
    expect(placeBricks(wish('replicate', 3), two)).toMatchObject({ why: expect.stringContaining('needs 3 servers') });
    expect(bricksOf(wish('replicate', 3, ['same-node']), two)).toHaveLength(3);
  });

  test('members of a set never share a node, and no mount is used twice', () => {
    fc.assert(
      fc.property(servers, setSize, fc.constantFrom('replicate', 'arbiter', 'disperse'), (list, size, type) => {
        const layout = placeBricks(wish(type, size), list);
        if ('why' in layout) return;
        for (const set of sets(layout.bricks, size)) expect(new Set(set.map(({ node }) => node)).size).toBe(size);
        expect(new Set(layout.bricks.map(({ node, path }) => `${node}:${path}`)).size).toBe(layout.bricks.length);
        for (const { node, path } of layout.bricks) {
          expect(list.find(({ name }) => name === node)?.mounts.map((mount) => `${mount}/gv0`)).toContain(path);
        }
      }),
    );
  });

  test("every server's share differs by at most one, but for those that have no mount left", () => {
    fc.assert(
      fc.property(servers, setSize, (list, size) => {
        const layout = placeBricks(wish('replicate', size), list);
        if ('why' in layout) return;
        const total = layout.bricks.length / size;
        const used = list.map(({ name, mounts }) => ({
          share: layout.bricks.filter(({ node }) => node === name).length,
          room: Math.min(mounts.length, total),
        }));
        const open = used.filter(({ share, room }) => share < room);
        for (const { share } of open) for (const other of used) expect(other.share - share).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('no more sets would fit, and every set has as many zones as any order could give it', () => {
    fc.assert(
      fc.property(servers, setSize, (list, size) => {
        const layout = placeBricks(wish('replicate', size), list);
        const count = 'why' in layout ? 0 : layout.bricks.length / size;
        const room = (n: number) => list.reduce((sum, { mounts }) => sum + Math.min(mounts.length, n), 0);
        expect(room(count + 1)).toBeLessThan((count + 1) * size);
        if ('why' in layout) return;
        const zoneOf = (node: string) => list.find(({ name }) => name === node)?.zone ?? '';
        const all = layout.bricks.map(({ node }) => zoneOf(node));
        for (const zone of new Set(all)) {
          const inSets = sets(layout.bricks, size).map((set) => set.filter(({ node }) => zoneOf(node) === zone).length);
          expect(Math.max(...inSets)).toBeLessThanOrEqual(Math.ceil(all.filter((other) => other === zone).length / count));
        }
      }),
    );
  });

  test('arbiters are spread as bricks are, where all servers are alike', () => {
    fc.assert(
      fc.property(uniform, (list) => {
        const bricks = bricksOf(wish('arbiter', 3), list);
        const names = list.map(({ name }) => name);
        const arbiters = counts(
          names,
          sets(bricks, 3).map((set) => set[2]?.node ?? ''),
        );
        expect(spread(arbiters)).toBeLessThanOrEqual(list.length === 3 ? 1 : 2);
        expect(
          spread(
            counts(
              names,
              bricks.map(({ node }) => node),
            ),
          ),
        ).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('the same file gives the same layout', () => {
    fc.assert(
      fc.property(servers, setSize, (list, size) => {
        expect(placeBricks(wish('replicate', size), list)).toEqual(placeBricks(wish('replicate', size), structuredClone(list)));
      }),
    );
  });

  test('whatever is placed passes the rules for bricks that are listed', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 7 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom('replicate', 'arbiter', 'distribute'),
        (nodes, mounts, type) => {
          const head = `${HEAD}${GLUSTER}${nodesText(nodes, mounts)}`;
          const list = Array.from({ length: nodes }, (_, i) => server(`node-${i + 1}`, `node-${i + 1}`, mounts));
          const bricks = bricksOf(wish(type, type === 'distribute' ? 1 : 3), list).map(({ node, path }) => `"${node}:${path}"`);
          expect(problemsOf(`${head}volumes: [{ name: gv0, type: ${type}, bricks: [${bricks.join(', ')}] }]`)).toEqual([]);
        },
      ),
      { numRuns: 30 },
    );
  });
});

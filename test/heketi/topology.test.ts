import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exported, known, type Topology, topologyText, zoneNumbers } from '../../src/heketi/topology.ts';

const tags = fc.option(fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.stringMatching(/^[a-z]{0,4}$/), { minKeys: 1, maxKeys: 3 }));
const device = fc.record({ name: fc.stringMatching(/^\/dev\/[a-z]{1,5}$/), tags });
const node = fc.record({
  name: fc.stringMatching(/^n[a-z0-9]{1,5}$/),
  zone: fc.integer({ min: 1, max: 9 }),
  tags,
  devices: fc.uniqueArray(device, { selector: (d) => d.name, maxLength: 4 }),
});
const cluster = fc.record({
  block: fc.boolean(),
  file: fc.boolean(),
  nodes: fc.uniqueArray(node, { selector: (n) => n.name, minLength: 1, maxLength: 4 }),
});

type Cluster = typeof cluster extends fc.Arbitrary<infer T> ? T : never;

/** What a server tells that has loaded this: ids, sizes and states are its own, and the order is any. */
const told = (clusters: readonly Cluster[]): string =>
  JSON.stringify({
    clusters: clusters.map(({ block, file, nodes }, c) => ({
      id: `c${c}`,
      block,
      file,
      volumes: [],
      nodes: nodes.map((n) => ({
        id: `${c}${n.name}`,
        cluster: `c${c}`,
        state: 'online',
        zone: n.zone,
        hostnames: { manage: [n.name], storage: [`10.0.0.${n.zone}`] },
        ...(n.tags && { tags: n.tags }),
        devices: n.devices.map((d) => ({
          id: `d${d.name}`,
          name: d.name,
          state: 'online',
          storage: { total: 1 },
          bricks: [],
          ...(d.tags && { tags: d.tags }),
        })),
      })),
    })),
  });

/** What a server knows that is given a topology file, by topology.go of heketi-cli. */
const loaded = ({ clusters }: Topology): Cluster[] =>
  clusters.map(({ block = true, file = true, nodes }) => ({
    block,
    file,
    nodes: nodes.map(({ node: { hostnames, zone, tags: own }, devices }) => ({
      name: hostnames.manage[0] ?? '',
      zone,
      tags: own ?? null,
      devices: devices.map((one) => (typeof one === 'string' ? { name: one, tags: null } : one)),
    })),
  }));

describe('a topology', () => {
  it('is the same, byte for byte, after an export, a load and an export (voice 12)', () => {
    fc.assert(
      fc.property(fc.array(cluster, { maxLength: 3 }), fc.integer(), (any, seed) => {
        // A node is in one cluster only.
        const clusters = any.map((c, i) => ({ ...c, nodes: c.nodes.map((n) => ({ ...n, name: `${n.name}-${i}` })) }));
        const first = exported(told(clusters));
        if (first === null) throw new Error('nothing was exported');
        const text = topologyText(first);
        const shuffled = loaded(JSON.parse(text)).map((c) => ({ ...c, nodes: seed % 2 === 0 ? c.nodes.toReversed() : c.nodes }));
        const second = exported(told(seed % 3 === 0 ? shuffled.toReversed() : shuffled));
        expect(second && topologyText(second)).toBe(text);
      }),
    );
  });

  it('has plain names where a device has no tags, and flags only where they are not as usual', () => {
    const [one] =
      exported(
        told([
          {
            block: false,
            file: true,
            nodes: [
              {
                name: 'a',
                zone: 2,
                tags: null,
                devices: [
                  { name: '/dev/b', tags: { arbiter: 'no' } },
                  { name: '/dev/a', tags: null },
                ],
              },
            ],
          },
        ]),
      )?.clusters ?? [];
    expect(one).toEqual({
      block: false,
      file: true,
      nodes: [
        {
          node: { hostnames: { manage: ['a'], storage: ['10.0.0.2'] }, zone: 2 },
          devices: ['/dev/a', { name: '/dev/b', tags: { arbiter: 'no' } }],
        },
      ],
    });
    expect(exported(told([{ block: true, file: true, nodes: [] }]))).toEqual({ clusters: [{ nodes: [] }] });
  });

  it.each(['', 'Error: Invalid JWT token', 'null', '[]', '{"clusters":null}'])('is nothing where Heketi says %j', (text) => {
    expect([exported(text), known(text)]).toEqual([null, null]);
  });

  it('numbers zones in the order in which they come, and keeps the numbers that Heketi has given', () => {
    const nodes = [
      { name: 'a', zone: 'x' },
      { name: 'b', zone: 'y' },
      { name: 'c', zone: 'x' },
    ];
    expect([...zoneNumbers(nodes, [])]).toEqual([
      ['x', 1],
      ['y', 2],
    ]);
    expect([...zoneNumbers([{ name: 'new', zone: 'w' }, ...nodes], [{ manage: 'b', zone: 1, devices: [] }])]).toEqual([
      ['y', 1],
      ['w', 2],
      ['x', 3],
    ]);
  });
});

import type { Draft, DraftVolume, Fail } from '../draft.ts';
import type { Path } from '../problem.ts';
import type { VolumeInput } from '../schema/volume.ts';
import { parseBrick, type Shape } from '../shape.ts';

const KIND: Readonly<Record<VolumeInput['type'], string>> = {
  distribute: 'distribute',
  replicate: 'replica',
  arbiter: 'arbiter',
  disperse: 'disperse',
};

/** Sets of an explicit list: their number, and that their members fail one by one. */
export const checkSets = (
  volume: DraftVolume,
  shape: Shape,
  list: readonly (string | null)[],
  path: Path,
  draft: Draft,
  fail: Fail,
): void => {
  const { setSize } = shape;
  const over = list.length % setSize;
  if (over !== 0) {
    fail([...path, 'bricks'], `${list.length} brick${list.length === 1 ? '' : 's'} cannot be divided into sets of ${setSize}`, {
      suggestion: `add ${setSize - over}${list.length > setSize ? `, or remove ${over}` : ''}; each ${setSize} in a row are a set`,
    });
    return;
  }
  if (setSize === 1 || volume.allow.includes('same-node') || list.includes(null)) return;
  const bricks = list.map((text) => parseBrick(text ?? ''));
  const zoneOf = (node: string): string => draft.nodes.find((item) => item?.name === node)?.zone ?? node;
  const total = new Map<string, number>();
  for (const { node } of bricks) total.set(zoneOf(node), (total.get(zoneOf(node)) ?? 0) + 1);
  const sets = bricks.length / setSize;
  // Every set can reach into a second zone when enough bricks are outside the largest one.
  const spread = bricks.length - Math.max(...total.values()) >= sets;

  for (let set = 0; set < sets; set++) {
    const members = bricks.slice(set * setSize, (set + 1) * setSize);
    const twice = members.findIndex(({ node }, i) => members.findIndex((other) => other.node === node) < i);
    if (twice >= 0) {
      const node = members[twice]?.node ?? '';
      const first = members.findIndex((other) => other.node === node);
      fail(
        [...path, 'bricks', set * setSize + twice],
        `${KIND[volume.type]} set ${set + 1} (bricks ${set * setSize + 1} to ${(set + 1) * setSize}) has two bricks on ${node}`,
        {
          found: `brick ${set * setSize + first + 1} is on ${node} too`,
          suggestion: 'list the bricks so that each set has different nodes, or accept it with allow: [same-node]',
        },
      );
    } else if (spread && new Set(members.map(({ node }) => zoneOf(node))).size === 1) {
      fail(
        [...path, 'bricks', set * setSize],
        `all bricks of ${KIND[volume.type]} set ${set + 1} are in zone ${zoneOf(members[0]?.node ?? '')}`,
        {
          suggestion: 'list the bricks so that each set reaches into two zones, or accept it with allow: [same-node]',
        },
      );
    }
  }
};

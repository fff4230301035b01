import { expect, test } from 'vitest';
import { GIB } from '../../src/shrink/size.ts';
import { planUndo } from '../../src/shrink/undo.ts';
import { is, node, part, seen, ubuntu } from './scene.ts';

const shrunk = {
  ...ubuntu,
  partitions: [part(1, 2099200, 20971520), ...ubuntu.partitions.slice(1), part(2, 23070720, 29356032, 'gluster')],
};
const small = { ...(seen.ext as NonNullable<typeof seen.ext>), blocks: 2621440 };
const undo = (more: Parameters<typeof is>[0]) => planUndo(is(more), node(10 * GIB));
const ids = (more: Parameters<typeof is>[0]) => undo(more).plan?.legs.flatMap((leg) => leg.changes.map(({ id }) => id));

test('the new partition is removed and root gets all the room up to the end of the table, to the sector', () => {
  const { plan } = undo({ table: shrunk, ext: small });
  expect(plan?.legs.map(({ id, rebootsTo }) => [id, rebootsTo])).toEqual([['undo', null]]);
  expect(plan?.legs[0]?.changes.map(({ id }) => id)).toEqual(['remove', 'grow', 'settled']);
  expect(plan?.after).toEqual(ubuntu.partitions);
  expect(plan?.legs[0]?.changes.every(({ risk }) => risk !== 'destructive')).toBe(true);
});

test('another partition behind it is where root ends', () => {
  const table = {
    ...shrunk,
    partitions: [...shrunk.partitions.slice(0, -1), part(2, 23070720, 2048000, 'gluster'), part(17, 30000000, 4096)],
  };
  expect(undo({ table, ext: small }).plan?.after.find(({ number }) => number === 1)?.size).toBe(30000000 - 2099200);
});

test('with data on it, it is refused, and says what is on it', () => {
  const { plan, reasons } = undo({ table: shrunk, ext: small, carried: new Map([[2, 'LVM2_member']]) });
  expect(plan).toBeNull();
  expect(reasons[0]?.what).toBe('partition 2 (gluster) is not empty: LVM2_member');
});

test('cut off anywhere, the rest is done; nothing is left in the end', () => {
  const removed = { ...shrunk, partitions: shrunk.partitions.slice(0, -1) };
  expect(ids({ table: removed, ext: small })).toEqual(['grow', 'settled']);
  // The table was written, the filesystem not yet grown.
  expect(ids({ ext: small })).toEqual(['grow', 'settled']);
  expect(ids({})).toEqual([]);
});

import { expect, test } from 'vitest';
import type { Disk, Node } from '../../../src/model/cluster.ts';
import { disksOf } from '../../../src/steps/disk/wish.ts';

const partition: NonNullable<Node['partition']> = { disk: '/dev/vda', rootSize: 2 ** 35, label: 'gluster', link: 'gluster-disk' };
const thin = (value: string, link: string | null = null): Disk => ({
  select: { by: 'device', value },
  link,
  use: 'thin',
  mount: '/data/brick1',
  raid: null,
  wipe: false,
});
const named = { by: 'device', value: '/dev/disk/by-partlabel/gluster' };

test('a partition that was cut gets its link', () => {
  expect(disksOf({ disks: [thin('/dev/vdb')], partition })).toEqual([
    thin('/dev/vdb'),
    { select: named, link: 'gluster-disk', use: 'none', mount: null, raid: null, wipe: false },
  ]);
});

test.each(['/dev/disk/gluster-disk', '/dev/disk/by-partlabel/gluster'])(
  'an entry for %s means that partition: it is a brick by it, once',
  (value) => {
    expect(disksOf({ disks: [thin(value)], partition })).toEqual([{ ...thin(''), select: named, link: 'gluster-disk' }]);
  },
);

test('without a partition or without a link for it, the entries are what they are', () => {
  const disks = [thin('/dev/vdb', 'x')];
  expect(disksOf({ disks, partition: null })).toEqual(disks);
  expect(disksOf({ disks, partition: { ...partition, link: null } })).toEqual(disks);
});

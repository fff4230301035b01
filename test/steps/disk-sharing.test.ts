import { describe, expect, it } from 'vitest';
import { classify } from '../../src/facts/disks.ts';
import type { Disk } from '../../src/model/cluster.ts';
import { diskSharing } from '../../src/steps/disk-sharing.ts';
import { blank } from '../facts/block-graphs.ts';
import { cluster, node, reasons } from './answers.ts';

const disk = (device: string, use: Disk['use'] = 'thin'): Disk => ({
  select: { by: 'device', value: device },
  link: null,
  use,
  mount: '/data/b',
  raid: null,
  wipe: false,
});

const seen = (...wwns: string[]) => ({
  disks: classify({ devices: wwns.map((wwn, i) => blank(`sd${'bcd'[i]}`, { wwn })), unknown: [] }),
  records: new Map(),
  links: new Map(),
  names: new Map(),
});

describe('disk-sharing', () => {
  const [job] = diskSharing.jobs(
    cluster({ nodes: [node('n1', { disks: [disk('/dev/sdb')] }), node('n2', { disks: [disk('/dev/sdb')] }), node('n3')] }),
  );
  if (!job) throw new Error('no job');

  it('looks at nodes with disks to write to, where there are two or more', () => {
    expect(job.nodes).toEqual(['n1', 'n2']);
    expect(diskSharing.jobs(cluster({ nodes: [node('n1', { disks: [disk('/dev/sdb')] }), node('n2')] }))).toEqual([]);
    expect(
      diskSharing.jobs(cluster({ nodes: [node('n1', { disks: [disk('/dev/sdb')] }), node('n2', { disks: [disk('/dev/sdb', 'none')] })] })),
    ).toEqual([]);
  });

  it('refuses a disk that another node sees, chosen there or not; other disks and disks without a WWN are none of its business', () => {
    expect(diskSharing.plan(job.want, { n1: seen('0x500a', '0x500b'), n2: seen('0x500c', '0x500b') })).toEqual([]);
    expect(diskSharing.plan(job.want, { n1: seen(''), n2: seen('') })).toEqual([]);
    expect(reasons(() => diskSharing.plan(job.want, { n1: seen('0x500a'), n2: seen('0x500c', '0x500a') }))).toEqual([
      '/dev/sdb must not be taken for /data/b | the same WWN 0x500a is on n2: a shared disk | two nodes that write to one disk destroy it: give each node a disk of its own',
    ]);
  });
});

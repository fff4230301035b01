import { describe, expect, it } from 'vitest';
import type { DebPackage, RpmPackage } from '../../src/facts/packages.ts';
import type { Disk } from '../../src/model/cluster.ts';
import { storagePackages } from '../../src/steps/storage-packages.ts';
import { bookworm, cluster, node, reasons } from './answers.ts';

type Is = Parameters<typeof storagePackages.plan>[1];

const disk = (use: Disk['use']): Disk => ({
  select: { by: 'device', value: '/dev/vdb' },
  link: 'x',
  use,
  mount: null,
  raid: null,
  wipe: false,
});
const want = { kinds: ['lvm' as const, 'xfs' as const] };

const facts = (names: readonly string[], more: Partial<Is> = {}): Is => ({
  os: bookworm,
  debs: new Map(names.map((name) => [name, { name, state: 'installed' } as DebPackage])),
  rpms: null,
  record: 'storage-1',
  ...more,
});

describe('storage-packages', () => {
  it('wants LVM for thin pools and for Heketi, mkfs.xfs for every disk that is formatted, and nothing for a link', () => {
    const kinds = (...uses: Disk['use'][]) =>
      storagePackages.jobs(cluster({ nodes: [node('n', { disks: uses.map(disk) })] })).map((job) => job.want.kinds);
    expect([kinds('thin'), kinds('heketi'), kinds('xfs'), kinds('none'), kinds()]).toEqual([
      [['lvm', 'xfs']],
      [['lvm', 'xfs']],
      [['xfs']],
      [],
      [],
    ]);
  });

  it('plans the same text whichever of them is missing, and nothing where none is', () => {
    const one = storagePackages.plan(want, facts(['lvm2', 'xfsprogs']));
    const all = storagePackages.plan(want, facts([]));
    expect(one[0]?.title).toBe('install thin-provisioning-tools');
    expect(one[0]?.do.text).toBe(all[0]?.do.text);
    expect(storagePackages.plan(want, facts(['lvm2', 'xfsprogs', 'thin-provisioning-tools']))).toEqual([]);
  });

  it('knows the names of Red Hat', () => {
    const rocky = { ...bookworm, id: 'rocky', family: 'el' as const, pretty: 'Rocky Linux 9' };
    const is = facts([], { os: rocky, debs: null, rpms: new Map([['xfsprogs', { name: 'xfsprogs' } as RpmPackage]]) });
    expect(storagePackages.plan(want, is)[0]?.title).toBe('install lvm2, device-mapper-persistent-data');
  });

  it('refuses a system without a package manager that it knows', () => {
    expect(reasons(() => storagePackages.plan(want, facts([], { debs: null })))[0]).toContain('cannot install packages');
  });
});

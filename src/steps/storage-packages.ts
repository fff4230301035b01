import { z } from 'zod';
import { os } from '../facts/os.ts';
import { debPackages, rpmPackages } from '../facts/packages.ts';
import type { Disk } from '../model/cluster.ts';
import { defineStep } from '../model/step.ts';
import { nextRecord } from './package/records.ts';
import { toolsChange } from './package/tools-change.ts';

/** Package names. thin_check is only recommended by lvm2 on Debian and Ubuntu: without it no thin pool is activated. */
const PACKAGES = {
  lvm: { deb: ['lvm2', 'thin-provisioning-tools'], rpm: ['lvm2', 'device-mapper-persistent-data'] },
  xfs: { deb: ['xfsprogs'], rpm: ['xfsprogs'] },
} as const;

type Kind = keyof typeof PACKAGES;

const Want = z.strictObject({
  kinds: z.array(z.enum(['lvm', 'xfs'])).describe('lvm: LVM and what looks after thin pools; xfs: mkfs.xfs'),
});
type Want = z.infer<typeof Want>;

/** Heketi runs the tools of both on the node. */
const kindsOf = (disks: readonly Disk[]): Kind[] => [
  ...(disks.some(({ use }) => use === 'thin' || use === 'heketi') ? (['lvm'] as const) : []),
  ...(disks.some(({ use }) => use !== 'none') ? (['xfs'] as const) : []),
];

const namesOf = ({ kinds }: Want, format: 'deb' | 'rpm'): string[] => kinds.flatMap((kind) => PACKAGES[kind][format]);

export const storagePackages = defineStep({
  id: 'storage-packages',
  title: 'Install the tools for disks',
  about: 'Installs LVM, the tools that check and repair thin pools, and mkfs.xfs, where a disk needs them and they are missing.',
  want: Want,

  jobs: ({ nodes }) =>
    nodes.flatMap(({ name: node, disks }) => {
      const kinds = kindsOf(disks);
      return kinds.length === 0 ? [] : [{ node, want: { kinds } }];
    }),

  facts: (want: Want) => ({
    os,
    debs: debPackages({ names: namesOf(want, 'deb') }),
    rpms: rpmPackages(namesOf(want, 'rpm')),
    record: nextRecord('storage'),
  }),

  plan(want, is) {
    return toolsChange('storage-packages', is, { deb: namesOf(want, 'deb'), rpm: namesOf(want, 'rpm') });
  },
});

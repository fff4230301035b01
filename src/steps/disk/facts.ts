import { disks } from '../../facts/disks.ts';
import { deviceNames } from './names.ts';
import { diskRecords } from './record.ts';
import { links } from './rule.ts';
import type { WantDisks } from './wish.ts';

/** All that decides which disk an entry takes; the same for every step that asks. */
export const diskFacts = ({ disks: wanted }: WantDisks) => ({
  disks,
  records: diskRecords(wanted.flatMap(({ mount }) => mount ?? [])),
  links: links(wanted.flatMap(({ link }) => link ?? [])),
  names: deviceNames(wanted.flatMap(({ select }) => (select.by === 'device' ? [select.value] : []))),
});

import { z } from 'zod';
import type { Report } from '../errors.ts';
import { sharedBetweenNodes } from '../facts/disk-reasons.ts';
import type { Answers } from '../model/fact.ts';
import { CannotPlan, definePoolStep } from '../model/step.ts';
import { choose } from './disk/choose.ts';
import { diskFacts } from './disk/facts.ts';
import { diskJobs, WantDisks } from './disk/wish.ts';

const Want = z.strictObject({ nodes: z.array(WantDisks) });
type Want = z.infer<typeof Want>;

/** One set of questions for all nodes: names of others are asked for in vain, which costs nothing. */
const facts = ({ nodes }: Want) => diskFacts({ cluster: '', node: '', disks: nodes.flatMap(({ disks }) => disks) });

const faults = (want: Want, is: Readonly<Record<string, Answers<ReturnType<typeof facts>>>>): Report[] => {
  const shared = sharedBetweenNodes(Object.fromEntries(Object.entries(is).map(([node, { disks }]) => [node, disks])));
  return want.nodes.flatMap((one) => {
    const seen = is[one.node];
    if (seen === undefined) return [];
    return choose(one, seen).chosen.flatMap(({ device, disk }) =>
      shared
        .filter(({ node, path }) => disk.use !== 'none' && node === one.node && path === device.path)
        .map(({ reason }) => ({
          node: one.node,
          check: 'disk-shared',
          what: `${device.path} must not be taken for ${disk.mount ?? `use: ${disk.use}`}`,
          why: reason.text,
          next: 'two nodes that write to one disk destroy it: give each node a disk of its own',
        })),
    );
  });
};

export const diskSharing = definePoolStep({
  id: 'disk-sharing',
  title: 'Look for disks that two nodes share',
  about: 'Changes nothing; refuses a disk whose WWN another node sees, too: shared storage, which two nodes must not both format.',
  want: Want,

  jobs: (cluster) => {
    const jobs = diskJobs(({ use }) => use !== 'none')(cluster);
    return jobs.length < 2 ? [] : [{ nodes: jobs.map(({ node }) => node), want: { nodes: jobs.map(({ want }) => want) } }];
  },

  facts,

  plan(want, is) {
    const reasons = faults(want, is);
    if (reasons.length > 0) throw new CannotPlan(...reasons);
    return [];
  },
});

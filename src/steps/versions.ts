import { z } from 'zod';
import type { Report } from '../errors.ts';
import { glusterProgram } from '../facts/gluster.ts';
import { maxOpVersion, stopOver } from '../gluster/op-version.ts';
import { compareReleases, isOf, seriesOf } from '../gluster/release.ts';
import type { Answers, Fact } from '../model/fact.ts';
import { CannotPlan, definePoolStep } from '../model/step.ts';
import { sh } from '../sh.ts';
import { staying } from './replace/want.ts';

const Want = z.strictObject({
  version: z.string().describe('A release or a series, for all nodes'),
  servers: z.array(z.string()).describe('The nodes that carry bricks'),
  clients: z.array(z.string()).describe('The nodes that only mount'),
});
type Want = z.infer<typeof Want>;

/** From glusterd's file, as it need not run; null where it never has. */
export const opVersion: Fact<number | null> = {
  id: 'glusterd-op-version',
  read: sh`while IFS== read -r k v; do [ "$k" != operating-version ] || echo "$v"; done </var/lib/glusterd/glusterd.info`,
  parse: ({ stdout }) => Number.parseInt(stdout, 10) || null,
};

const facts = () => ({ program: glusterProgram, opVersion });
type Is = Readonly<Record<string, Answers<ReturnType<typeof facts>>>>;

/** What would break the pool. One version in the file means one series on all servers, and no client that is newer. */
const faults = ({ version, servers }: Want, is: Is): Report[] => {
  const limit = maxOpVersion(version);
  return servers.flatMap((node): Report[] => {
    const release = is[node]?.program.version ?? null;
    const opVersion = is[node]?.opVersion ?? null;
    const found: Report[] = [];
    if (opVersion !== null && opVersion > limit) {
      found.push({
        node,
        check: 'version-path',
        what: `GlusterFS ${version} cannot join in its pool any more`,
        why: `the pool runs at op-version ${opVersion}, and ${version} knows none above ${limit}; an op-version is never lowered`,
        next: 'write the version of the pool into gluster.version, or a newer one',
      });
    }
    const first = release === null ? null : stopOver(release, version);
    if (first !== null) {
      found.push({
        node,
        check: 'version-path',
        what: `GlusterFS ${release} cannot be upgraded to ${version} in one step`,
        why: 'so says the upgrade guide of that release',
        next: `write version: "${first}" first, apply, raise cluster.op-version, and then go on`,
      });
    }
    return found;
  });
};

export const versions = definePoolStep({
  id: 'versions',
  title: 'Judge the versions',
  about: 'Looks whether the wanted version goes with what the pool runs now: op-version, documented upgrades, clients. Changes nothing.',
  want: Want,

  jobs: (cluster) => {
    const { gluster } = cluster;
    const nodes = staying(cluster);
    const isServer = (roles: readonly string[]) => roles.includes('server');
    return [
      {
        nodes: nodes.map(({ name }) => name),
        want: {
          version: gluster.version,
          servers: nodes.filter(({ roles }) => isServer(roles)).map(({ name }) => name),
          clients: nodes.filter(({ roles }) => !isServer(roles)).map(({ name }) => name),
        },
      },
    ];
  },

  facts,

  plan(want, is) {
    const reasons = faults(want, is);
    if (reasons.length > 0) throw new CannotPlan(...reasons);
    return [];
  },

  notes({ version, servers, clients }, is) {
    const notes: string[] = [];
    const releaseOf = (node: string): string | null => is[node]?.program.version ?? null;
    const settled = servers.flatMap((node) => releaseOf(node) ?? []).filter((one) => isOf(version, one));
    const [oldest, newest] = [settled.toSorted(compareReleases)[0], settled.toSorted(compareReleases).at(-1)];
    if (oldest !== undefined && newest !== undefined && oldest !== newest)
      notes.push(`the servers have different releases of ${seriesOf(version)}, ${oldest} to ${newest}: what their sources offer`);
    const newer = clients.filter((node) => oldest !== undefined && compareReleases(releaseOf(node) ?? oldest, oldest) > 0);
    if (newer.length > 0)
      notes.push(`${newer.join(', ')}: a client should not be newer than the servers, the oldest of which has ${oldest}`);
    const moving = servers.filter((node) => {
      const now = releaseOf(node);
      return now !== null && seriesOf(now) !== seriesOf(version);
    });
    if (moving.length > 0 && clients.some((node) => releaseOf(node) !== null && !isOf(version, releaseOf(node) ?? '')))
      notes.push('servers are upgraded ahead of clients: to do one after the other, apply with --limit for the servers first');
    const lowest = Math.min(...servers.map((node) => is[node]?.opVersion ?? Number.POSITIVE_INFINITY));
    const limit = maxOpVersion(version);
    if (lowest < limit) {
      notes.push(
        `the pool runs at op-version ${lowest}; when all servers and clients have ${seriesOf(version)}, it may be raised: gluster volume set all cluster.op-version ${limit}`,
      );
    }
    const old = [...servers, ...clients].filter((node) => {
      const now = releaseOf(node);
      return now !== null && Number(seriesOf(version)) - Number(seriesOf(now)) >= 2 && compareReleases(now, '5') >= 0;
    });
    if (old.length > 0)
      notes.push(`${old.join(', ')}: more than one series behind ${seriesOf(version)}, so the release notes of each are worth reading`);
    return notes;
  },
});

import { access } from './access.ts';
import type { Check } from './check.ts';
import { heketiChecks } from './heketi.ts';
import { machineChecks } from './machine.ts';
import { namesChecks } from './names.ts';
import { firewallChecks, network } from './network.ts';
import { packages } from './packages.ts';
import { pool } from './pool.ts';
import { space } from './space.ts';
import { bricks, disks } from './storage.ts';
import { time } from './time.ts';

export interface Group {
  title: string;
  checks: readonly Check[];
}

/** What a step refuses for a reason that has no name of its own. */
const unnamed: Check = {
  id: 'cannot-plan',
  title: 'A step cannot be planned',
  severity: 'stop',
  cause: 'what the node is does not go with what cluster.yaml wants; the text says what',
  remedy: 'mend what is said there; glusterctl plan says the same',
  evaluate: ({ reasons }) =>
    reasons
      .filter(({ check }) => check === undefined)
      .map(({ node = null, step, what, why, next }) => ({ node, what: `${step}: ${what}`, why, next })),
};

/** Every fault that `glusterctl check` knows. docs/checks.md is made of it. */
export const groups: readonly Group[] = [
  { title: 'Access', checks: access },
  { title: 'Machine', checks: machineChecks },
  { title: 'Room on the disks of the system', checks: space },
  { title: 'Packages', checks: packages },
  { title: 'Time', checks: time },
  { title: 'Names and addresses', checks: namesChecks },
  { title: 'Network', checks: network },
  { title: 'Firewall and SELinux', checks: firewallChecks },
  { title: 'Disks and mounts', checks: disks },
  { title: 'Bricks', checks: bricks },
  { title: 'Pool and volumes', checks: [...pool, unnamed] },
  { title: 'Heketi', checks: heketiChecks },
];

export const checks: readonly Check[] = groups.flatMap((group) => group.checks);

import { addresses } from '../facts/addresses.ts';
import { clock } from '../facts/clock.ts';
import { filesystems } from '../facts/filesystems.ts';
import { glusterProgram } from '../facts/gluster.ts';
import { hostState } from '../facts/host-state.ts';
import { machine } from '../facts/machine.ts';
import { mounts } from '../facts/mounts.ts';
import { names } from '../facts/names.ts';
import { os } from '../facts/os.ts';
import { packageState } from '../facts/package-state.ts';
import { listening } from '../facts/ports.ts';
import { repositories } from '../facts/repositories.ts';
import { firewall, selinux } from '../facts/security.ts';
import { services } from '../facts/services.ts';
import { sshdLimits } from '../facts/sshd.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Answers, FactSet } from '../model/fact.ts';
import { glusterdState } from '../steps/pool/glusterd-state.ts';

const SERVICES = [
  'glusterd.service',
  'chrony.service',
  'chronyd.service',
  'systemd-timesyncd.service',
  'ntpd.service',
  'ntp.service',
  'ntpsec.service',
];

/** What the checks ask of a node, beside what the steps ask. Read-only, and without anything that would have to be installed. */
export const checkFacts = ({ nodes, hosts }: Cluster) =>
  ({
    os,
    machine,
    clock,
    addresses,
    filesystems,
    mounts,
    services: services(SERVICES),
    firewall,
    selinux,
    listening,
    program: glusterProgram,
    glusterd: glusterdState,
    repositories,
    packages: packageState,
    sshd: sshdLimits,
    host: hostState,
    names: names(hosts === 'leave' ? nodes.map(({ name }) => name) : []),
  }) satisfies FactSet;

export type CheckFacts = Answers<ReturnType<typeof checkFacts>>;

import type { Answers, Fact, FactSet } from '../model/fact.ts';
import { addresses } from './addresses.ts';
import { clock } from './clock.ts';
import { disks } from './disks.ts';
import { glusterdUuid, glusterProgram, pool, volumes } from './gluster.ts';
import { glusterd2 } from './glusterd2.ts';
import { lvmTree } from './lvm.ts';
import { machine } from './machine.ts';
import { modules } from './modules.ts';
import { mounts } from './mounts.ts';
import { os } from './os.ts';
import { debPackages, rpmPackages } from './packages.ts';
import { listening } from './ports.ts';
import { repositories } from './repositories.ts';
import { firewall, selinux } from './security.ts';
import { services } from './services.ts';

const PACKAGES = [
  'lvm2',
  'thin-provisioning-tools',
  'device-mapper-persistent-data',
  'xfsprogs',
  'attr',
  'chrony',
  'ufw',
  'firewalld',
  'heketi',
];
const MODULES = ['dm_thin_pool', 'dm_snapshot', 'dm_mirror', 'dm_multipath', 'fuse', 'xfs'];
const SERVICES = [
  'glusterd.service',
  'glusterd2.service',
  'heketi.service',
  'chrony.service',
  'chronyd.service',
  'systemd-timesyncd.service',
  'firewalld.service',
  'ufw.service',
];

/**
 * Everything an operator wants to see of a node, for `glusterctl facts`. Answers do not depend on cluster.yaml; some
 * (clock, listening ports) change by themselves, so nothing is planned from this set as a whole.
 */
export const systemFacts = () =>
  ({
    os,
    machine,
    clock,
    addresses,
    deb: debPackages({ names: PACKAGES, sources: ['glusterfs'] }),
    rpm: rpmPackages([...PACKAGES, 'glusterfs*', 'libgf*', 'libglusterfs*', 'libglusterd*']),
    repositories,
    modules: modules(MODULES),
    services: services(SERVICES),
    mounts,
    listening,
    firewall,
    selinux,
    disks,
    lvm: lvmTree,
    gluster: glusterProgram,
    glusterdUuid,
    glusterd2,
    pool,
    volumes,
  }) satisfies FactSet;

export type SystemFacts = Answers<ReturnType<typeof systemFacts>>;

/** What a fact gave, or why it gave nothing: one that cannot be read must not hide all others from an operator. */
export type Seen<F extends FactSet> = { readonly [K in keyof F]: { ok: true; value: Answers<F>[K] } | { ok: false; why: string } };

/** Parses every answer on its own. For reports; planning wants all or nothing. */
export const seen = <F extends FactSet>(
  facts: F,
  answer: (fact: Fact<unknown>) => { stdout: string; code: number } | undefined,
): Seen<F> => {
  const one = (fact: Fact<unknown>) => {
    const out = answer(fact);
    if (out === undefined) return { ok: false, why: 'the node did not answer' };
    if (out.code === 124 && out.stdout === '')
      return { ok: false, why: 'the node did not answer in time: a disk, a mount or a name server hangs' };
    try {
      return { ok: true, value: fact.parse(out) };
    } catch (error) {
      return { ok: false, why: error instanceof Error ? error.message : String(error) };
    }
  };
  return Object.fromEntries(Object.entries(facts).map(([key, fact]) => [key, one(fact)])) as Seen<F>;
};

/** Facts as plain JSON: maps become objects, sets lists. */
export const plain = (value: unknown): unknown => {
  if (value instanceof Map) return Object.fromEntries([...value].map(([k, v]) => [String(k), plain(v)]));
  if (value instanceof Set) return [...value].map(plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, plain(v)]));
  return value;
};

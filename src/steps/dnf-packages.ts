import { z } from 'zod';
import { os } from '../facts/os.ts';
import { type RpmPackage, rpmPackages } from '../facts/packages.ts';
import { isOf, isRelease } from '../gluster/release.ts';
import type { Fact } from '../model/fact.ts';
import { CannotPlan, type Change, defineStep } from '../model/step.ts';
import { sh } from '../sh.ts';
import { type Install, install, installed, installTool } from './dnf/install.ts';
import { hold, isExact, isLocked, lock, PLUGIN, release } from './dnf/lock.ts';
import { offer } from './dnf/offer.ts';
import { onlyOnEl } from './dnf/shell.ts';
import { dnfSource, REPOSITORY } from './dnf/source.ts';
import { uninstall } from './dnf/undo.ts';
import { nextRecord, RECORDS } from './package/records.ts';
import { packageRoles } from './package/role.ts';
import { PackageSource } from './package/source.ts';
import { disturbs, notOffered, resolve, title } from './package/version.ts';

/** The rest (glusterfs, its libraries and client-xlators) comes with these, at exactly their version. */
const PACKAGES = { server: ['glusterfs-server', 'glusterfs-fuse', 'glusterfs-cli'], client: ['glusterfs-fuse'] };

const Want = z.strictObject({
  role: z.enum(['server', 'client']).describe('A server has the client as well'),
  repository: PackageSource,
  hold: z.boolean().describe('Lock the versions of all packages of GlusterFS, so that no upgrade of the system moves them'),
});
type Want = z.infer<typeof Want>;

/** What is made from Gluster's own source; glusterfs-selinux is not. */
const isGluster = ({ source }: RpmPackage): boolean => /^glusterfs-[^-]*-[^-]*\.src\.rpm$/.test(source);

interface Known {
  /** Whether it knows any package of GlusterFS. */
  any: boolean;
  /** Of the package that makes a node a server or a client. */
  versions: readonly string[];
}

/**
 * Versions that dnf knows without asking anybody; asked only where they decide something. The cache is read in place,
 * and nothing is written there; where it is missing or old, nothing is known.
 */
const known = ({ role, repository: { source, version } }: Want): Fact<Known> =>
  source !== 'distro' && isRelease(version)
    ? { id: 'dnf-known:none', read: sh`:`, parse: () => ({ any: false, versions: [] }) }
    : {
        id: `dnf-known:${source === 'distro' ? 'all' : 'ours'}:${role}`,
        read: sh`
          ${onlyOnEl}
          [ "\${pm##*/}" = dnf ] || exit 0
          t=$(mktemp -d) || exit 1
          trap 'rm -rf -- "$t"' EXIT
          timeout 10 dnf -q -C --setopt=logdir="$t" --setopt=build_cache=0 --disableplugin=versionlock ${source === 'distro' ? sh`` : sh`--disablerepo='*' --enablerepo=${REPOSITORY}`} repoquery --qf '%{name} %{version}-%{release}' glusterfs-fuse glusterfs-server`,
        parse: ({ stdout, code }) => {
          const lines = code === 0 ? stdout.split('\n').filter((line) => line.startsWith('glusterfs-')) : [];
          const main = role === 'server' ? 'glusterfs-server ' : 'glusterfs-fuse ';
          return { any: lines.length > 0, versions: [...new Set(lines.flatMap((line) => line.split(main)[1] ?? []))].sort() };
        },
      };

const command: Fact<boolean> = { id: 'gluster-command', read: sh`command -v gluster`, parse: ({ code }) => code === 0 };

export const dnfPackages = defineStep({
  id: 'dnf-packages',
  title: 'Install GlusterFS',
  about:
    'Installs one version of all GlusterFS packages, locks it, and refuses to touch any other package; relatives of Red Hat Enterprise Linux.',
  want: Want,

  jobs: (cluster) =>
    packageRoles(cluster).map(({ name, role }) => ({
      node: name,
      want: { role, repository: dnfSource(cluster), hold: cluster.gluster.hold },
    })),

  facts: (want: Want) => ({
    os,
    packages: rpmPackages(['glusterfs*', 'libgf*', 'libgluster*', 'python*-gluster', '*-versionlock']),
    lock,
    record: nextRecord('packages'),
    toolRecord: nextRecord('versionlock'),
    command,
    known: known(want),
    offer: offer(want.repository),
  }),

  plan(want, is) {
    if (is.os.family !== 'el') return [];
    if (is.packages === null || is.lock === null)
      throw new CannotPlan({
        check: 'system-unsupported',
        what: `${is.os.pretty} has neither dnf nor yum`,
        next: 'glusterctl installs packages by one of them; leave the node out',
      });

    const all = [...is.packages.values()].filter(isGluster);
    const present = all.map((one) => ({ name: one.name, version: `${one.version}-${one.release}` }));
    const wanted = want.repository.version;
    const offered = [...(is.offer.state === 'found' ? is.offer.versions : []), ...is.known.versions];
    const version = resolve(wanted, offered, present);
    const packages = PACKAGES[want.role];
    const server = want.role === 'server';
    const right =
      packages.every((name) => is.packages?.has(name)) && present.every((one) => isOf(version, one.version)) && (!server || is.command);
    const changes: Change[] = [];

    const plugin = PLUGIN[is.lock.kind];
    if (want.hold && plugin !== null && !is.packages.has(plugin)) {
      const folder = `${RECORDS}/${is.toolRecord}`;
      changes.push({
        id: 'versionlock',
        title: `install ${plugin}, which can lock versions`,
        risk: 'safe',
        do: installTool(plugin, folder),
        undo: uninstall(folder),
        verify: sh`rpm -q ${plugin} >/dev/null`,
      });
    }
    if (!right) {
      const reasons = notOffered(want.repository, is.os.pretty, offered, 'dnf makecache');
      if (want.repository.source === 'distro' && is.known.any && is.known.versions.length === 0) {
        reasons.push({
          check: 'system-unsupported',
          what: `${is.os.pretty} has GlusterFS for clients only`,
          why: 'its packages, as far as the node knows them, are without glusterfs-server',
          next: 'take source: centos-sig, or a mirror of it',
        });
      }
      if (reasons.length > 0) throw new CannotPlan(...reasons);
      const folder = `${RECORDS}/${is.record}`;
      const wish: Install = { record: folder, version, ours: want.repository.source !== 'distro', packages };
      changes.push({
        id: 'packages',
        title: title(want.role, wanted, version, present),
        risk: disturbs(version, present) ? 'disruptive' : 'safe',
        do: install(wish),
        undo: uninstall(folder),
        verify: installed(wish, server),
      });
    }
    if (want.hold && (!right || !isExact(is.lock, all))) changes.push(hold('lock the versions of all packages of GlusterFS', is.lock));
    if (!want.hold && isLocked(is.lock)) changes.push(release(is.lock));
    return changes;
  },
});

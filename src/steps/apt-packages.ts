import { z } from 'zod';
import { removeFile, writeFile } from '../change.ts';
import { type AptPolicy, aptPolicy } from '../facts/apt.ts';
import { fileState } from '../facts/file.ts';
import { os } from '../facts/os.ts';
import { debPackages } from '../facts/packages.ts';
import { isOf, isRelease } from '../gluster/release.ts';
import type { Fact } from '../model/fact.ts';
import { CannotPlan, type Change, defineStep } from '../model/step.ts';
import { sh } from '../sh.ts';
import { type Install, install, installed } from './apt-install.ts';
import { offer } from './apt-offer.ts';
import { PIN_FILE, pattern, pin } from './apt-shell.ts';
import { aptSource, prefix } from './apt-source.ts';
import { uninstall } from './apt-undo.ts';
import { nextRecord, RECORDS } from './package/records.ts';
import { packageRoles } from './package/role.ts';
import { PackageSource } from './package/source.ts';
import { disturbs, notOffered, resolve, title } from './package/version.ts';

const PACKAGES = { server: ['glusterfs-server', 'glusterfs-client', 'glusterfs-common'], client: ['glusterfs-client', 'glusterfs-common'] };

const Want = z.strictObject({
  role: z.enum(['server', 'client']).describe('A server has the client as well'),
  repository: PackageSource,
  hold: z.boolean().describe('Hold and pin all binaries of the source, so that no upgrade of the system moves them'),
});
type Want = z.infer<typeof Want>;

/** On bullseye the command is in glusterfs-server, later in glusterfs-cli, which the server only recommends on jammy. */
const command: Fact<boolean> = { id: 'gluster-command', read: sh`command -v gluster`, parse: ({ code }) => code === 0 };

/** What is offered is asked only where it decides something: it takes apt a good part of a second. */
const policy = ({ repository: { source, version } }: Want): Fact<ReadonlyMap<string, AptPolicy> | null> =>
  source === 'distro' || !isRelease(version) ? aptPolicy(['glusterfs-common']) : { id: 'apt-policy:none', read: sh`:`, parse: () => null };

/** Versions that the wanted repository has, as far as that is known now. */
const offered = (
  { repository }: Want,
  is: { policy: ReadonlyMap<string, AptPolicy> | null; offer: { state: string; versions?: readonly string[] } },
): string[] => [
  ...(is.offer.versions ?? []),
  ...(is.policy?.get('glusterfs-common')?.versions ?? [])
    .filter(({ from }) => from.some((address) => address.startsWith(prefix(repository))))
    .map(({ version }) => version),
];

/** Holds, or holds no more, what is at its version already. */
const mark = (hold: boolean, names: readonly string[]): Change => {
  const all = (state: string) => sh`[ -z "$(dpkg-query -W -f='\${db:Status-Want}\n' ${names} | grep -vx ${state})" ]`;
  return {
    id: 'hold',
    title: hold ? `hold ${names.join(', ')}` : `hold ${names.join(', ')} no more`,
    risk: 'safe',
    do: hold ? sh`apt-mark hold ${names}` : sh`apt-mark unhold ${names}`,
    undo: hold ? sh`apt-mark unhold ${names}` : sh`apt-mark hold ${names}`,
    verify: hold ? all('hold') : all('install'),
  };
};

export const aptPackages = defineStep({
  id: 'apt-packages',
  title: 'Install GlusterFS',
  about: 'Installs one version of all GlusterFS packages, pins and holds it, and refuses to touch any other package; Debian and Ubuntu.',
  want: Want,

  jobs: (cluster) =>
    packageRoles(cluster).map(({ name, role }) => ({
      node: name,
      want: { role, repository: aptSource(cluster), hold: cluster.gluster.hold },
    })),

  facts: (want: Want) => ({
    os,
    packages: debPackages({ sources: ['glusterfs'] }),
    pinned: fileState(PIN_FILE),
    record: nextRecord('packages'),
    command,
    policy: policy(want),
    offer: offer(want.repository),
  }),

  plan(want, is) {
    if (is.os.family === 'el') return [];
    if (is.packages === null || is.os.family === 'other') {
      throw new CannotPlan({
        check: 'system-unsupported',
        what: `glusterctl cannot install GlusterFS on ${is.os.pretty || 'this system'}`,
        next: 'use Debian, Ubuntu, or a relative of Red Hat Enterprise Linux; or leave the node out',
      });
    }
    const present = [...is.packages.values()].filter(({ state }) => state !== 'not-installed' && state !== 'config-files');
    const wanted = want.repository.version;
    const known = offered(want, is);
    const version = resolve(wanted, known, present);
    const packages = PACKAGES[want.role];
    const there = (name: string) => present.some((one) => one.name === name && one.state === 'installed');
    const right = present.every((one) => one.state === 'installed' && isOf(version, one.version));
    const server = want.role === 'server';
    const changes: Change[] = [];

    if (!right || !packages.every(there) || (server && !is.command)) {
      const reasons = notOffered(want.repository, is.os.pretty, known, 'apt-get update');
      if (reasons.length > 0) throw new CannotPlan(...reasons);
      const folder = `${RECORDS}/${is.record}`;
      const wish: Install = {
        record: folder,
        version,
        from: prefix(want.repository),
        packages,
        optional: server ? ['glusterfs-cli'] : [],
        hold: want.hold,
      };
      changes.push({
        id: 'packages',
        title: title(want.role, wanted, version, present),
        risk: disturbs(version, present) ? 'disruptive' : 'safe',
        do: install(wish),
        undo: uninstall(folder),
        verify: installed(wish, server),
      });
    } else {
      const names = present.filter(({ hold }) => hold !== want.hold).map(({ name }) => name);
      if (names.length > 0 && (want.hold || is.pinned.text !== null)) changes.push(mark(want.hold, names));
    }

    const text = `# Written by glusterctl\n${pin(pattern(want.repository.version), 1001)}`;
    if (want.hold && is.pinned.text !== text) changes.push(writeFile(PIN_FILE, text, is.pinned));
    if (!want.hold && is.pinned.text !== null) changes.push(removeFile(PIN_FILE, { ...is.pinned, text: is.pinned.text }));
    return changes;
  },
});

import { z } from 'zod';
import { machine } from '../facts/machine.ts';
import { os } from '../facts/os.ts';
import { debPackages, rpmPackages } from '../facts/packages.ts';
import { type Service, services } from '../facts/services.ts';
import type { Fact } from '../model/fact.ts';
import { CannotPlan, type Change, defineStep } from '../model/step.ts';
import { type Sh, sh } from '../sh.ts';
import { nextRecord, RECORDS } from './package/records.ts';
import type { Tools } from './package/tools.ts';
import { debsThere, installDebs, removeDebs } from './package/tools-apt.ts';
import { installRpms, removeRpms, rpmsThere } from './package/tools-rpm.ts';

/** chrony's unit on Debian and Ubuntu is also known as chronyd there; on the others it has that name only. */
const CHRONY = { deb: 'chrony.service', rpm: 'chronyd.service' } as const;
/** Whatever keeps the time already is left to do so; two of them would fight for the clock. */
const KEEPERS = [
  CHRONY.deb,
  CHRONY.rpm,
  'systemd-timesyncd.service',
  'ntpsec.service',
  'ntp.service',
  'ntpd.service',
  'openntpd.service',
  'ptp4l.service',
];

const runs = (unit: Service | undefined): boolean => unit?.active === 'active' || unit?.active === 'activating';
const starts = (unit: Service | undefined): boolean =>
  unit !== undefined && ['enabled', 'alias', 'static', 'generated'].includes(unit.file);

/** Sets u to the unit; that of a package that is yet to come is there when this runs. */
const enable = (unit: string, was: Service | undefined): Change => ({
  id: 'keep',
  title: `keep the time by ${unit.replace('.service', '')}, now and after every reboot`,
  risk: 'safe',
  do: sh`systemctl enable --now -- ${unit}`,
  undo: sh`
    set -eu
    systemctl cat ${unit} >/dev/null 2>&1 || exit 0
    ${was?.file === 'enabled' ? sh`:` : sh`systemctl disable -- ${unit}`}
    ${runs(was) ? sh`:` : sh`systemctl stop -- ${unit}`}`,
  verify: sh`systemctl is-active -q -- ${unit} && [ "$(systemctl is-enabled -- ${unit})" = enabled ]`,
});

/** A folder of settings alone, for a unit that is not there, counts as loaded too. */
const isThere = (unit: Service | undefined): boolean => unit !== undefined && unit.load === 'loaded' && unit.path !== '';

/** What the package leaves behind on RHEL and its like; Debian's purge takes it along. */
interface Remains {
  accounts: readonly string[];
  folders: readonly string[];
}

const REMAINS: Remains = { accounts: ['chrony', '_chrony'], folders: ['/var/lib/chrony', '/var/log/chrony'] };

const absent: Fact<Remains> = {
  id: 'chrony-remains',
  read: sh`
    getent passwd ${REMAINS.accounts}
    for f in ${REMAINS.folders}; do [ -e "$f" ] || echo "no $f"; done`,
  parse: ({ stdout }) => {
    const lines = stdout.split('\n');
    return {
      accounts: REMAINS.accounts.filter((account) => !lines.some((line) => line.startsWith(`${account}:`))),
      folders: REMAINS.folders.filter((folder) => lines.includes(`no ${folder}`)),
    };
  },
};

const removeAll = (tools: Tools, { accounts, folders }: Remains): Sh => sh`
  set -eu
  (
  ${removeRpms(tools)}
  )
  rm -rf -- ${folders}
  for account in ${accounts}; do ! getent passwd "$account" >/dev/null || userdel "$account"; done`;

export const time = defineStep({
  id: 'time',
  title: 'Keep the time',
  about:
    'Installs, enables and starts chrony where nothing keeps the time; chrony, systemd-timesyncd or ntpd that runs already is enough. Containers have the clock of their machine.',
  want: z.strictObject({}),

  jobs: ({ nodes, time }) => (time === 'leave' ? [] : nodes.map(({ name }) => ({ node: name, want: {} }))),

  facts: () => ({
    os,
    machine,
    units: services(KEEPERS),
    debs: debPackages({ names: ['chrony'] }),
    rpms: rpmPackages(['chrony']),
    record: nextRecord('time'),
    absent,
  }),

  plan(_want, is) {
    if (is.machine.container || is.units === null) return [];
    const { units } = is;
    if (KEEPERS.some((name) => runs(units.get(name)) && starts(units.get(name)))) return [];
    const masked = KEEPERS.find((name) => units.get(name)?.load === 'masked');
    // One that is installed and sleeps is woken, rather than a second one brought.
    const asleep = KEEPERS.find((name) => isThere(units.get(name)) && units.get(name)?.load !== 'masked');
    if (asleep !== undefined) return [enable(asleep, units.get(asleep))];
    const format = is.os.family === 'debian' && is.debs !== null ? 'deb' : is.rpms !== null ? 'rpm' : null;
    if (format === null) {
      const next = 'keep its time by other means, and set time: leave';
      throw new CannotPlan({
        check: 'system-unsupported',
        what: `glusterctl cannot install chrony on ${is.os.pretty || 'this system'}`,
        next,
      });
    }
    if (masked === CHRONY[format]) {
      const next = `systemctl unmask ${masked} on the node; or keep its time by other means, and set time: leave`;
      throw new CannotPlan({ check: 'service-masked', what: `${masked} is masked, and nothing else keeps the time`, next });
    }
    const tools: Tools = { record: `${RECORDS}/${is.record}`, names: ['chrony'] };
    const by = (deb: (tools: Tools) => Sh, rpm: (tools: Tools) => Sh): Sh => (format === 'deb' ? deb(tools) : rpm(tools));
    const install: Change = {
      id: 'chrony',
      title: 'install chrony',
      risk: 'safe',
      do: by(installDebs, installRpms),
      undo: by(removeDebs, (all) => removeAll(all, is.absent)),
      verify: by(debsThere, rpmsThere),
    };
    return [install, enable(CHRONY[format], undefined)];
  },

  notes: (_want, { machine }) =>
    machine.container ? ['it is a container and has the clock of the machine that carries it; nothing is done about its time'] : [],
});

import type { Batch, Fact } from '../model/fact.ts';
import { type Sh, sh } from '../sh.ts';
import { unitsSh } from './units.ts';

/** A unit as `systemctl show` has it. */
export interface Service {
  /** loaded, not-found, masked, bad-setting, error */
  load: string;
  /** active, inactive, failed, activating, deactivating, reloading */
  active: string;
  /** running, dead, mounted, exited... */
  sub: string;
  /** enabled, disabled, static, masked, indirect...; '' when there is no unit file */
  file: string;
  /** Path of the unit file; '' when there is none. */
  path: string;
}

/** Code of a node that systemd does not run. */
const NO_SYSTEMD = 3;

// `show A B` leaves a unit out that is an alias of one before it: then that one has its name too.
const read = (units: readonly string[]): Sh => sh`
  [ -d /run/systemd/system ] || exit ${NO_SYSTEMD}
  ${unitsSh}
  set --
  for unit in ${units}; do ! is_unit "$unit" || set -- "$@" "$unit"; done
  [ $# -gt 0 ] || exit 0
  systemctl show -p Names -p LoadState -p ActiveState -p SubState -p UnitFileState -p FragmentPath -- "$@"`;

/** Each unit has a paragraph of its own, so an answer for more says the same. */
const units: Batch = { id: 'units', read, answer: (out) => out };

/** Units by the name that was asked for; null where systemd does not run. A unit that is not there has load `not-found`. */
export const services = (names: readonly string[]): Fact<ReadonlyMap<string, Service> | null> => {
  const asked = [...new Set(names)].sort();
  return {
    id: `services:${asked.join(',')}`,
    read: read(asked),
    batch: { of: units, items: asked },
    parse: ({ stdout, code }) => {
      if (code === NO_SYSTEMD) return null;
      const byName = new Map(
        stdout.split('\n\n').flatMap((block) =>
          field(block, 'Names')
            .split(' ')
            .map((name) => [name, block]),
        ),
      );
      return new Map(asked.map((unit) => [unit, parseService(byName.get(unit) ?? '')]));
    },
  };
};

const field = (block: string, key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(block)?.[1] ?? '';

const parseService = (block: string): Service => {
  const value = (key: string): string => field(block, key);
  return {
    load: value('LoadState') || 'not-found',
    active: value('ActiveState') || 'inactive',
    sub: value('SubState'),
    file: value('UnitFileState'),
    path: value('FragmentPath'),
  };
};

/** One unit; null where systemd does not run. */
export const service = (unit: string): Fact<Service | null> => {
  const { parse, ...asked } = services([unit]);
  return { ...asked, parse: (out) => parse(out)?.get(unit) ?? null };
};

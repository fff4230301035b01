import type { Os } from '../../facts/os.ts';
import type { DebPackage, RpmPackage } from '../../facts/packages.ts';
import { CannotPlan, type Change } from '../../model/step.ts';
import { all, type Sh } from '../../sh.ts';
import { RECORDS } from './records.ts';
import type { Tools } from './tools.ts';
import { debsThere, installDebs, removeDebs } from './tools-apt.ts';
import { installRpms, removeRpms, rpmsThere } from './tools-rpm.ts';

interface Is {
  os: Os;
  debs: ReadonlyMap<string, DebPackage> | null;
  rpms: ReadonlyMap<string, RpmPackage> | null;
  /** Name of the record of the undo. */
  record: string;
}

/** Installs those of `names` that are missing; [] where none is. `besides`: what has to be true then, too. */
export const toolsChange = (id: string, is: Is, names: Record<'deb' | 'rpm', readonly string[]>, besides?: Sh): Change[] => {
  const deb = is.os.family === 'debian' && is.debs !== null;
  if (!deb && is.rpms === null) {
    throw new CannotPlan({
      check: 'system-unsupported',
      what: `glusterctl cannot install packages on ${is.os.pretty || 'this system'}`,
      next: 'use a node with apt, dnf or yum',
    });
  }
  const tools: Tools = { record: `${RECORDS}/${is.record}`, names: names[deb ? 'deb' : 'rpm'] };
  const missing = tools.names.filter((name) => (deb ? is.debs?.get(name)?.state !== 'installed' : is.rpms?.has(name) !== true));
  if (missing.length === 0) return [];
  const there = deb ? debsThere(tools) : rpmsThere(tools);
  return [
    {
      id,
      title: `install ${missing.join(', ')}`,
      risk: 'safe',
      do: deb ? installDebs(tools) : installRpms(tools),
      undo: deb ? removeDebs(tools) : removeRpms(tools),
      verify: besides === undefined ? there : all(there, besides),
    },
  ];
};

import { z } from 'zod';
import { os } from '../facts/os.ts';
import { rpmPackages } from '../facts/packages.ts';
import { programs } from '../heketi/paths.ts';
import { CannotPlan, defineStep } from '../model/step.ts';
import { archiveState, installArchive, isUnpacked, removeArchive } from './heketi/archive.ts';
import { nextRecord, RECORDS } from './package/records.ts';
import type { Tools } from './package/tools.ts';
import { installRpms, removeRpms, rpmsThere } from './package/tools-rpm.ts';

/** The server and heketi-cli, in the CentOS Storage SIG's repositories and EPEL 7. */
const PACKAGES = ['heketi', 'heketi-client'] as const;

const Want = z.strictObject({
  archive: z
    .strictObject({ from: z.string(), sha256: z.string() })
    .nullable()
    .describe('A release archive: https URL or path on the node; null: the package'),
});
type Want = z.infer<typeof Want>;

export const heketiInstall = defineStep({
  id: 'heketi-install',
  title: 'Install Heketi',
  about:
    'Installs Heketi and heketi-cli on the node that cluster.yaml names: the package on EL, else a release archive whose checksum is given.',
  want: Want,

  jobs: ({ heketi: { server } }) => (server === undefined ? [] : [{ node: server.node, want: { archive: server.archive } }]),

  facts: (_want: Want) => ({
    os,
    rpms: rpmPackages([...PACKAGES]),
    record: nextRecord('heketi'),
    unpacked: archiveState,
  }),

  plan({ archive }, is) {
    const record = `${RECORDS}/${is.record}`;
    if (archive !== null) {
      const { stamp, intact, foreign } = is.unpacked;
      if (stamp === archive.sha256 && intact) return [];
      if (stamp === null && foreign.length > 0)
        throw new CannotPlan({
          check: 'heketi-foreign',
          what: `${foreign.join(' and ')} ${foreign.length === 1 ? 'is' : 'are'} there already, and not from glusterctl`,
          next: 'move it away, and apply again; its database and its settings stay',
        });
      return [
        {
          id: 'archive',
          title: `unpack Heketi from ${archive.from}`,
          risk: 'safe',
          do: installArchive({ ...archive, record }),
          undo: removeArchive(record),
          verify: isUnpacked(archive.sha256),
        },
      ];
    }
    if (is.rpms === null)
      throw new CannotPlan({
        check: 'heketi-package',
        what: `${is.os.pretty || 'this system'} has no package of Heketi`,
        next: 'set heketi.archive to a release archive (https URL, or a file on that node) and heketi.sha256 to its checksum',
      });
    const missing = PACKAGES.filter((name) => !is.rpms?.has(name));
    if (missing.length === 0) return [];
    const tools: Tools = { record, names: PACKAGES };
    return [
      {
        id: 'packages',
        title: `install ${missing.join(', ')}`,
        risk: 'safe',
        do: installRpms(tools),
        undo: removeRpms(tools),
        verify: rpmsThere(tools),
      },
    ];
  },

  notes: ({ archive }, is) =>
    archive !== null && is.rpms?.has('heketi')
      ? [`the package heketi is installed there too; ${programs(archive).server} is what runs`]
      : [],
});

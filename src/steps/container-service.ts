import { z } from 'zod';
import { removeFile, writeFile } from '../change.ts';
import { ENGINES, MARK, ROTATION, UNIT, UNIT_FILE, VOLFILE, WRAPPER } from '../container/paths.ts';
import { FOLDERS, rotationText, unitText, wrapperText } from '../container/texts.ts';
import type { Report } from '../errors.ts';
import { type ContainerHost, containerHost, missingFolders } from '../facts/container.ts';
import { type FileState, fileState } from '../facts/file.ts';
import { type Service, service } from '../facts/services.ts';
import { CannotPlan, type Change, defineStep } from '../model/step.ts';
import { all, sh } from '../sh.ts';
import { seed, unseed } from './container/seed.ts';
import { serversWith } from './container/servers.ts';
import { nextRecord, RECORDS } from './package/records.ts';
import { masked, restartedByUndo } from './unit.ts';

const Want = z.strictObject({
  engine: z.enum(ENGINES),
  image: z.string(),
  places: z.array(z.string()).describe('Folders with bricks, which the container shares with the host'),
  rotate: z.boolean().describe('No package that rotates the logs is on the node'),
});
type Want = z.infer<typeof Want>;

interface Is {
  service: Service | null;
  unit: FileState;
  wrapper: FileState;
  host: ContainerHost;
}

const isOurs = ({ text }: FileState): boolean => text === null || text.split('\n').includes(MARK);

const faults = ({ service, unit, wrapper, host }: Is): Report[] => {
  if (service === null) {
    return [
      {
        check: 'no-systemd',
        what: 'glusterd cannot be run in a container here: systemd does not run',
        next: 'use a distribution that is run by systemd',
      },
    ];
  }
  if (service.load === 'masked') return [masked(UNIT)];
  if (host.glusterd !== null) {
    return [
      {
        check: 'container-packages',
        what: 'glusterd is installed on the node itself',
        why: `${host.glusterd} is there; two of them would share port 24007, settings and bricks`,
        next: 'write use: packages; or stop it and remove glusterfs-server without purging it (apt-get remove, dnf remove): the container takes over what /var/lib/glusterd holds',
      },
    ];
  }
  const reasons: Report[] = [];
  if (!isOurs(unit)) {
    const next = 'move it away, systemctl daemon-reload, and apply again';
    reasons.push({ check: 'container-packages', what: `${UNIT_FILE} is there already, and not from glusterctl`, next });
  }
  if (host.stranger) {
    reasons.push({
      check: 'container-packages',
      what: 'a glusterd runs on the node that glusterctl has not started',
      why: 'it has port 24007; it may be in another container',
      next: 'stop it: see ps -C glusterd -o pid,cgroup,args',
    });
  }
  if (!isOurs(wrapper)) {
    const next = host.owner === null ? 'move it away, and apply again' : 'remove that package, and apply again';
    const of = host.owner === null ? '' : `; it is of the package ${host.owner}`;
    reasons.push({ check: 'container-packages', what: `${WRAPPER} is there already, and not from glusterctl${of}`, next });
  }
  return reasons;
};

const makeFolders = (folders: readonly string[], missing: ReadonlySet<string>): Change => ({
  id: 'folders',
  title: `make ${folders.filter((folder) => missing.has(folder)).join(', ')}`,
  risk: 'safe',
  do: sh`umask 022 && mkdir -p -- ${folders}`,
  undo: sh`
    for p in ${folders.filter((folder) => missing.has(folder)).toReversed()}; do
      [ ! -d "$p" ] || rmdir --ignore-fail-on-non-empty -- "$p"
    done`,
  verify: sh`for p in ${folders}; do [ -d "$p" ] || exit 1; done`,
});

export const containerService = defineStep({
  id: 'container-service',
  title: 'Have glusterd run in a container',
  about:
    'Writes a unit glusterd.service that runs the image, and a `gluster` command that leads into it; gives the host the settings that the image comes with, where there are none.',
  want: Want,

  jobs: (cluster) =>
    serversWith(cluster, ({ engine, image, places }, { roles }) => ({
      engine,
      image,
      places: [...places],
      rotate: !roles.includes('client'),
    })),

  facts: ({ places }: Want) => ({
    service: service(UNIT),
    unit: fileState(UNIT_FILE),
    wrapper: fileState(WRAPPER),
    rotation: fileState(ROTATION),
    host: containerHost,
    missing: missingFolders([...places, ...FOLDERS]),
    record: nextRecord('seed'),
  }),

  plan(want, is) {
    const reasons = faults(is);
    if (reasons.length > 0) throw new CannotPlan(...reasons);
    const record = `${RECORDS}/${is.record}`;
    const changes: Change[] = [];
    const folders = [...want.places, ...FOLDERS];
    if (is.missing.size > 0) changes.push(makeFolders(folders, is.missing));
    if (!is.host.seeded)
      changes.push({
        id: 'settings',
        title: 'give glusterd the settings of the image where it has none',
        risk: 'safe',
        do: seed(want.engine, want.image, record),
        undo: unseed(record),
        verify: sh`[ -f ${VOLFILE} ] && [ -d /var/lib/glusterd/groups ]`,
      });
    if (is.unit.text !== unitText(want)) {
      const write = writeFile(UNIT_FILE, unitText(want), is.unit);
      changes.push({ ...restartedByUndo(UNIT, write), do: all(write.do, sh`systemctl daemon-reload`) });
    }
    if (is.wrapper.text !== wrapperText) changes.push(writeFile(WRAPPER, wrapperText, is.wrapper, '0755'));
    const { text } = is.rotation;
    if (want.rotate && text !== rotationText) changes.push(writeFile(ROTATION, rotationText, is.rotation));
    // Two that rotate one file are an error to logrotate.
    if (!want.rotate && text !== null) changes.push(removeFile(ROTATION, { ...is.rotation, text }));
    return changes;
  },
});

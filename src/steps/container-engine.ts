import { z } from 'zod';
import { ENGINES, programOf } from '../container/paths.ts';
import { engineThere } from '../facts/container.ts';
import { os } from '../facts/os.ts';
import { debPackages, rpmPackages } from '../facts/packages.ts';
import { service } from '../facts/services.ts';
import { type Change, defineStep } from '../model/step.ts';
import { sh } from '../sh.ts';
import { serversWith } from './container/servers.ts';
import { nextRecord } from './package/records.ts';
import { toolsChange } from './package/tools-change.ts';

/** Package names. EL has no Docker of its own: docker-ce comes from Docker's repository, which has to be there. */
const PACKAGES = {
  podman: { deb: ['podman'], rpm: ['podman'] },
  docker: { deb: ['docker.io'], rpm: ['docker-ce'] },
} as const;
/** getfattr, by which it is told on the host what a brick is. */
const BESIDES = ['attr'] as const;

const Want = z.strictObject({ engine: z.enum(ENGINES).describe('What runs the container') });
type Want = z.infer<typeof Want>;

const DAEMON = 'docker.service';

const startDaemon: Change = {
  id: 'daemon',
  title: 'start Docker, now and at every boot',
  risk: 'safe',
  do: sh`systemctl enable --now -- ${DAEMON}`,
  undo: sh`! systemctl cat ${DAEMON} >/dev/null 2>&1 || systemctl disable --now -- ${DAEMON}`,
  verify: sh`systemctl is-active -q ${DAEMON} && [ "$(systemctl is-enabled ${DAEMON})" = enabled ]`,
};

export const containerEngine = defineStep({
  id: 'container-engine',
  title: 'Install what runs containers',
  about: 'Installs podman or Docker on servers whose glusterd runs in a container, where it is missing; starts Docker’s daemon.',
  want: Want,

  jobs: (cluster) => serversWith(cluster, ({ engine }) => ({ engine })),

  facts: ({ engine }: Want) => ({
    os,
    there: engineThere(engine),
    debs: debPackages({ names: [...PACKAGES[engine].deb, ...BESIDES] }),
    rpms: rpmPackages([...PACKAGES[engine].rpm, ...BESIDES]),
    record: nextRecord('engine'),
    daemon: service(DAEMON),
  }),

  plan({ engine }, is) {
    // However it came: what matters is the program.
    const names = (format: 'deb' | 'rpm') => [...(is.there ? [] : PACKAGES[engine][format]), ...BESIDES];
    const changes = toolsChange('container-engine', is, { deb: names('deb'), rpm: names('rpm') }, sh`[ -x ${programOf(engine)} ]`);
    if (engine === 'docker' && (is.daemon?.active !== 'active' || is.daemon.file !== 'enabled')) changes.push(startDaemon);
    return changes;
  },
});

import { z } from 'zod';
import { removeFile, writeFile } from '../change.ts';
import type { Report } from '../errors.ts';
import { fileState } from '../facts/file.ts';
import { machine } from '../facts/machine.ts';
import { kernelName, type Modules, modules } from '../facts/modules.ts';
import { os } from '../facts/os.ts';
import { CannotPlan, type Change, defineStep } from '../model/step.ts';
import { KEPT } from '../run/script.ts';
import { sh } from '../sh.ts';

const AUTOLOAD = '/etc/modules-load.d/glusterctl.conf';

const Want = z.strictObject({
  modules: z
    .array(z.string().regex(/^[A-Za-z0-9_-]+$/))
    .describe('Modules that must be loaded now and after every reboot, where the kernel has them'),
  needed: z
    .array(z.strictObject({ module: z.string(), by: z.string() }))
    .describe('Modules without which the cluster file cannot be had on this node, and what needs them'),
});
type Want = z.infer<typeof Want>;

const load = (name: string): Change => ({
  id: `module:${name}`,
  title: `load the kernel module ${name}`,
  risk: 'safe',
  do: sh`modprobe -- ${name}`,
  undo: sh`
    grep -q ${`^${name} `} /proc/modules || exit 0
    modprobe -r -- ${name} || { echo ${`the module ${name} stays loaded: something else uses it`} >&2; exit ${KEPT}; }`,
  verify: sh`grep -q ${`^${name} `} /proc/modules`,
});

interface Is {
  modules: Modules;
  machine: { container: boolean };
  os: { id: string };
}

/** Why the kernel does not have a module, and who has it. */
const remedy = ({ modules: { kernel, folder }, machine, os }: Is): { why: string; next: string } => {
  if (!folder && machine.container) return { why: 'the node is a container', next: 'load it on the machine that carries the container' };
  if (!folder) return { why: `there is no /lib/modules/${kernel}`, next: 'reboot the node: its kernel was upgraded since it was started' };
  const next = os.id === 'ubuntu' ? `apt-get install linux-modules-extra-${kernel} on the node` : 'boot a kernel that has it';
  return { why: `the kernel ${kernel} comes without it`, next };
};

const missing = (want: Want, { states }: Modules): string[] => want.modules.filter((name) => states.get(name) === 'missing');

export const kernelModules = defineStep({
  id: 'kernel-modules',
  title: 'Load kernel modules',
  about:
    'Loads the modules that thin bricks and mounts need, keeps them in /etc/modules-load.d, and says which ones the kernel does not have.',
  want: Want,

  jobs: ({ gluster, nodes, mounts }) =>
    nodes.map(({ name, roles, disks }) => ({
      node: name,
      want: {
        modules: [...new Set([...gluster.modules, ...(roles.includes('client') ? ['fuse'] : [])].map(kernelName))].sort(),
        needed: [
          ...(['thin', 'heketi'] as const)
            .filter((use) => disks.some((disk) => disk.use === use))
            .slice(0, 1)
            .map((use) => ({ module: 'dm_thin_pool', by: `a disk with use: ${use}` })),
          ...(mounts.some((mount) => mount.nodes.includes(name)) ? [{ module: 'fuse', by: 'a mount' }] : []),
        ],
      },
    })),

  facts: (want: Want) => ({
    modules: modules([...want.modules, ...want.needed.map(({ module }) => module)]),
    machine,
    os,
    autoload: fileState(AUTOLOAD),
  }),

  plan(want, is) {
    const reasons = want.needed
      .filter(({ module }) => is.modules.states.get(module) === 'missing')
      .map(
        ({ module, by }): Report => ({
          check: 'module-missing',
          what: `the kernel has no module ${module}, which ${by} needs`,
          ...remedy(is),
        }),
      );
    if (reasons.length > 0) throw new CannotPlan(...reasons);

    const changes = want.modules.filter((name) => is.modules.states.get(name) === 'available').map(load);
    // What is not there at boot would leave systemd-modules-load.service failed; a container loads nothing at all.
    const kept = is.machine.container && !is.modules.folder ? [] : want.modules.filter((name) => is.modules.states.get(name) !== 'missing');
    const { autoload } = is;
    const text = ['# Written by glusterctl', ...kept, ''].join('\n');
    if (kept.length > 0 && autoload.text !== text) changes.push(writeFile(AUTOLOAD, text, autoload));
    if (kept.length === 0 && autoload.text !== null) changes.push(removeFile(AUTOLOAD, { ...autoload, text: autoload.text }));
    return changes;
  },

  notes(want, is) {
    const names = missing(want, is.modules);
    if (names.length === 0) return [];
    const { why, next } = remedy(is);
    return [`no kernel module ${names.join(', ')}: ${why}; nothing in cluster.yaml needs it. To have it: ${next}`];
  },
});

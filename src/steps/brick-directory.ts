import { z } from 'zod';
import type { Report } from '../errors.ts';
import { type Covering, mountOf } from '../facts/mounts.ts';
import type { Cluster } from '../model/cluster.ts';
import { CannotPlan, defineStep, type NodeJob } from '../model/step.ts';
import { sh } from '../sh.ts';
import { faultsOf } from './brick/judge.ts';
import { makeBrick, unmakeBrick } from './brick/make.ts';
import { diskMount, isIn } from './brick/place.ts';
import { type BrickState, brickState, recordOf } from './brick/state.ts';

const Want = z.strictObject({
  volume: z.string().describe('The volume it will belong to'),
  path: z.string().startsWith('/').describe('The brick directory'),
  mount: z
    .string()
    .nullable()
    .describe('The mount point of a disk of this file that it lies on; null: on any filesystem that is mounted already'),
  onRoot: z.boolean().describe('It may lie on the root filesystem'),
});
type Want = z.infer<typeof Want>;

const jobs = ({ nodes, volumes }: Cluster): NodeJob<Want>[] =>
  nodes.flatMap((node) =>
    volumes.flatMap(({ name, bricks, allow }) =>
      bricks
        .filter((brick) => brick.node === node.name)
        .map(({ path }) => ({
          node: node.name,
          want: { volume: name, path, mount: diskMount(path, node.disks), onRoot: allow.includes('root-partition') },
        })),
    ),
  );

/** Why it must not be made here; [] where nothing speaks against it. A disk's mount may still be missing. */
const placeFaults = ({ volume, path, mount, onRoot }: Want, state: BrickState, on: Covering): Report[] => {
  if (on.isMountPoint || path === mount) {
    return [
      {
        check: 'brick-mount-point',
        what: `${path} is itself a mount point`,
        why: 'when the filesystem is not mounted one day, Gluster would write to the one below',
        next: `use a directory below it, such as ${path}/${volume}`,
      },
    ];
  }
  if (isIn('/var/lib/glusterd', on.path))
    return [{ check: 'brick-place', what: `${path} lies in glusterd's own directory`, next: 'choose another path' }];
  const awaited = mount !== null && !isIn(mount, on.mount.target);
  if (awaited) return [];
  if (state.onRoot && !onRoot) {
    return [
      {
        check: 'brick-on-root',
        what: `${path} lies on the root filesystem`,
        why: `nothing is mounted there or above it; a brick that fills the root filesystem stops the node`,
        next: `mount a filesystem for it, check it with: findmnt -T ${path}. To accept the risk: allow: [root-partition] in volume ${volume}`,
      },
    ];
  }
  if (on.mount.options.includes('ro')) {
    return [
      {
        check: 'brick-read-only',
        what: `${path} lies on ${on.mount.target}, which is mounted read-only`,
        next: `see why: dmesg; then: mount -o remount,rw ${on.mount.target}`,
      },
    ];
  }
  return [];
};

export const brickDirectory = defineStep({
  id: 'brick-directory',
  title: 'Make the brick directories',
  about:
    'Makes the directory of each brick on a mounted filesystem other than the root one, and takes no directory that holds data or is marked for a volume.',
  want: Want,
  jobs,

  facts: ({ path }: Want) => ({ state: brickState(path), on: mountOf(path) }),

  plan(want, { state, on }) {
    const { path, volume, mount, onRoot } = want;
    const faults = faultsOf(path, volume, state);
    if (state.volume === volume && state.member === volume && faults.length === 0) return [];
    const reasons = [...faults, ...placeFaults(want, state, on)];
    if (reasons.length > 0) throw new CannotPlan(...reasons);
    if (state.kind === 'directory' && state.taken) return [];

    const missing = mount === null ? state.missing : state.missing.filter((folder) => !isIn(folder, mount));
    return [
      {
        id: `brick:${path}`,
        title: state.kind === 'none' ? `make the brick directory ${path}` : `take the empty directory ${path} for a brick`,
        risk: 'safe',
        do: makeBrick({ path, mount, onRoot }),
        undo: unmakeBrick(path, missing),
        verify: sh`[ -d ${path} ] && [ -e ${recordOf(path)} ]`,
      },
    ];
  },
});

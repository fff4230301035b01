import { z } from 'zod';
import { writeFile } from '../change.ts';
import type { Report } from '../errors.ts';
import { fileState } from '../facts/file.ts';
import { names } from '../facts/names.ts';
import type { Cluster } from '../model/cluster.ts';
import { CannotPlan, type Change, defineStep, type NodeJob } from '../model/step.ts';
import { all, sh } from '../sh.ts';
import { isBareMount, type MountPoint, mountPoint } from './mount/mount-point.ts';
import { isWatched, makeFolder, removeFolder, unwatch, watch } from './mount/scripts.ts';
import { automountUnit, mountUnit, unitFile, unitName, waitUnit } from './mount/units.ts';

const Want = z.strictObject({
  volume: z.string(),
  path: z.string().startsWith('/').describe('Where it is mounted'),
  servers: z.array(z.string()).describe('Servers that know the volume, without the node itself'),
  hosts: z.enum(['manage', 'leave']).describe('Whether the step hosts makes the names of the servers resolve'),
  local: z.boolean().describe('The node is a server of the pool itself'),
});
type Want = z.infer<typeof Want>;

/** Servers with bricks of the volume first; every member of the pool knows the layout. */
const jobs = ({ nodes, volumes, mounts, hosts }: Cluster): NodeJob<Want>[] =>
  mounts.flatMap(({ volume, path, nodes: clients }) => {
    const bricks = volumes.find(({ name }) => name === volume)?.bricks ?? [];
    const servers = nodes.filter(({ roles }) => roles.includes('server')).map(({ name }) => name);
    const carries = (name: string) => bricks.some(({ node }) => node === name);
    const order = [...servers.filter(carries), ...servers.filter((name) => !carries(name))];
    return clients.map((node) => ({
      node,
      want: { volume, path, servers: order.filter((name) => name !== node), hosts, local: servers.includes(node) },
    }));
  });

/** A client speaks to every brick by the name that the volume has for it, whichever server it asks first. */
const unresolved = ({ path, servers, hosts }: Want, known: ReadonlyMap<string, readonly string[]>): Report[] => {
  const nowhere = hosts === 'leave' ? servers.filter((name) => (known.get(name) ?? []).length === 0) : [];
  if (nowhere.length === 0) return [];
  return [
    {
      check: 'name-nowhere',
      what: `${path} cannot be mounted: ${nowhere.join(', ')} cannot be resolved here`,
      why: 'a client reaches the bricks by these names',
      next: 'put them into DNS or /etc/hosts there, or let glusterctl do it: hosts: manage',
    },
  ];
};

const faults = ({ volume, path }: Want, at: MountPoint, ours: boolean): Report[] => {
  if (!at.systemd)
    return [
      {
        check: 'no-systemd',
        what: `${path} cannot be mounted: systemd does not run here`,
        next: `mount it by other means, and take ${path} out of the file`,
      },
    ];
  if (!at.autofs) {
    return [
      {
        check: 'autofs-missing',
        what: `${path} cannot be mounted on first use: the kernel has no autofs here`,
        why: '/dev/autofs is not there; in a container it has to be passed through',
        next: `pass it through, or mount it by other means and take ${path} out of the file`,
      },
    ];
  }
  if (at.fstab) {
    return [
      {
        check: 'mount-point',
        what: `/etc/fstab has a line for ${path}`,
        why: 'two that mount at one place hide each other',
        next: `umount ${path}, take the line out, and apply again`,
      },
    ];
  }
  if (at.mounted !== null && !(ours && isBareMount(volume, at))) {
    const byHand = isBareMount(volume, at) ? ', mounted by hand' : '';
    return [
      {
        check: 'mount-point',
        what: `${path} is a mount point already: ${at.mounted}${byHand}`,
        next: `umount ${path}, or choose another path`,
      },
    ];
  }
  if (at.kind === 'other') return [{ check: 'mount-point', what: `${path} is there and is not a directory`, next: 'choose another path' }];
  if (at.kind === 'full') {
    return [
      {
        check: 'mount-point',
        what: `${path} is not empty`,
        why: 'what is in it would be hidden by the mount',
        next: 'move it away, or choose another path',
      },
    ];
  }
  return [];
};

/** systemd has to read a unit again when its file has gone or is another. */
const reloading = (change: Change): Change => ({
  ...change,
  undo: change.undo === 'nothing' ? 'nothing' : all(change.undo, sh`systemctl daemon-reload`),
});

export const mount = defineStep({
  id: 'mount',
  title: 'Mount the volumes on clients',
  about:
    'Mounts volumes on clients by systemd automount units, with the other servers as backups, so that they are there after a reboot while a server is down.',
  want: Want,
  jobs,

  facts: ({ path, volume, servers, hosts }: Want) => ({
    known: names(hosts === 'leave' ? servers : []),
    at: mountPoint(path, volume, `${unitName(path)}.automount`),
    waiting: fileState(unitFile(path, 'wait')),
    mounting: fileState(unitFile(path, 'mount')),
    watching: fileState(unitFile(path, 'automount')),
  }),

  plan(want, { at, known, waiting, mounting, watching }) {
    const { path, volume } = want;
    const wrong = [...unresolved(want, known), ...faults(want, at, mounting.text !== null)];
    if (wrong.length > 0) throw new CannotPlan(...wrong);
    const changes: Change[] = [];
    if (at.kind === 'none') {
      changes.push({
        id: `folder:${path}`,
        title: `make the mount point ${path}`,
        risk: 'safe',
        do: makeFolder(path),
        undo: removeFolder(path, at.missing),
        verify: sh`[ -d ${path} ]`,
      });
    }
    const units = [
      { path: unitFile(path, 'wait'), text: waitUnit(want), was: waiting },
      { path: unitFile(path, 'mount'), text: mountUnit(want), was: mounting },
      { path: unitFile(path, 'automount'), text: automountUnit(want), was: watching },
    ];
    for (const unit of units) if (unit.was.text !== unit.text) changes.push(reloading(writeFile(unit.path, unit.text, unit.was)));
    if (changes.length > 0 || !at.watched || !at.enabled) {
      changes.push({
        id: `mount:${path}`,
        title: `mount ${volume} at ${path} whenever it is used`,
        risk: 'safe',
        do: watch(path),
        undo: at.watched && at.enabled ? 'nothing' : unwatch(path, at),
        verify: isWatched(path),
      });
    }
    return changes;
  },
});

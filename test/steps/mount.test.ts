import { describe, expect, it } from 'vitest';
import type { FileState } from '../../src/facts/file.ts';
import { type MountPoint, mountPoint } from '../../src/steps/mount/mount-point.ts';
import { automountUnit, mountUnit, unitFile, waitUnit } from '../../src/steps/mount/units.ts';
import { mount } from '../../src/steps/mount.ts';
import { cluster, file, ids, node, reasons } from './answers.ts';

const want = { volume: 'gv0', path: '/mnt/gv0', servers: ['node-1', 'node-2', 'node-3'], hosts: 'manage' as const, local: false };
const bare: MountPoint = {
  systemd: true,
  autofs: true,
  kind: 'none',
  missing: ['/mnt/gv0'],
  watched: false,
  mounted: null,
  enabled: false,
  fstab: false,
};
const facts = (at: Partial<MountPoint> = {}, mounting: FileState = file(null), watching = mounting, waiting = mounting) => ({
  at: { ...bare, ...at },
  known: new Map<string, readonly string[]>(),
  mounting,
  watching,
  waiting,
});
const ready = (at: Partial<MountPoint> = {}) =>
  facts(
    { kind: 'mounted', missing: [], watched: true, enabled: true, ...at },
    file(mountUnit(want)),
    file(automountUnit(want)),
    file(waitUnit(want)),
  );

describe('mount', () => {
  it('is for the clients that a mount names; the servers with bricks are asked first, a server asks itself', () => {
    const c = cluster({
      nodes: [node('a'), node('b', { roles: ['server', 'client'] }), node('c'), node('d', { roles: ['client'] })],
      volumes: [
        {
          name: 'gv0',
          type: 'distribute',
          setSize: 1,
          redundancy: 0,
          bricks: [{ node: 'c', path: '/d/b' }],
          options: {},
          group: null,
          start: true,
          allow: [],
        },
      ],
      mounts: [{ volume: 'gv0', path: '/mnt/x', nodes: ['b', 'd'] }],
    });
    expect(mount.jobs(c)).toEqual([
      { node: 'b', want: { volume: 'gv0', path: '/mnt/x', servers: ['c', 'a'], hosts: 'manage', local: true } },
      { node: 'd', want: { volume: 'gv0', path: '/mnt/x', servers: ['c', 'a', 'b'], hosts: 'manage', local: false } },
    ]);
    for (const job of mount.jobs(c)) expect(mount.want.parse(job.want)).toEqual(job.want);
  });

  it('makes the folder and the units and has the path watched; what is there already is left out', () => {
    const all = mount.plan(want, facts());
    expect(ids(all)).toEqual([
      'folder:/mnt/gv0',
      'file:/etc/systemd/system/glusterctl-wait-mnt-gv0.service',
      'file:/etc/systemd/system/mnt-gv0.mount',
      'file:/etc/systemd/system/mnt-gv0.automount',
      'mount:/mnt/gv0',
    ]);
    expect(mount.plan(want, facts({ kind: 'empty', missing: [] })).map((c) => c.do)).toEqual(all.slice(1).map((c) => c.do));
    expect(mount.plan(want, ready())).toEqual([]);
    expect(ids(mount.plan(want, ready({ watched: false, kind: 'empty' })))).toEqual(['mount:/mnt/gv0']);
    expect(ids(mount.plan(want, ready({ enabled: false })))).toEqual(['mount:/mnt/gv0']);
  });

  it('does not end a mount whose unit changes: it counts from the next mount on', () => {
    const [wait, unit, use, ...more] = mount.plan({ ...want, servers: ['node-1', 'node-2'] }, ready());
    expect([wait?.id, unit?.id, use?.id, more]).toEqual([
      'file:/etc/systemd/system/glusterctl-wait-mnt-gv0.service',
      'file:/etc/systemd/system/mnt-gv0.mount',
      'mount:/mnt/gv0',
      [],
    ]);
    expect(use?.undo).toBe('nothing');
    expect(String(unit?.undo)).toContain('daemon-reload');
  });

  it('has the other servers as backups; a server asks its own glusterd, which it does not need to stay', () => {
    expect(mountUnit(want)).toContain(
      'What=node-1:/gv0\nWhere=/mnt/gv0\nType=glusterfs\nOptions=_netdev,backup-volfile-servers=node-2:node-3\n',
    );
    const local = mountUnit({ ...want, servers: ['node-2', 'node-3'], local: true });
    expect(local).toContain('What=localhost:/gv0\n');
    expect(local).toContain('backup-volfile-servers=node-2:node-3\n');
    expect(local).toContain('After=network-online.target glusterd.service glusterctl-wait-mnt-gv0.service\n');
    expect(local).not.toContain('Requires=');
    expect(mountUnit({ ...want, servers: [], local: true })).toContain('Options=_netdev\n');
    expect(unitFile('/srv/my-data', 'automount')).toBe('/etc/systemd/system/srv-my\\x2ddata.automount');
  });

  it.each<[string, Partial<MountPoint>, RegExp]>([
    ['files in the folder', { kind: 'full', missing: [] }, /is not empty/],
    ['a file', { kind: 'other', missing: [] }, /is not a directory/],
    ['another filesystem', { kind: 'mounted', mounted: 'ext4 /dev/sdb1' }, /already: ext4 \/dev\/sdb1/],
    ['another volume', { kind: 'mounted', mounted: 'fuse.glusterfs node-1:/gv1' }, /already: fuse.glusterfs node-1:\/gv1/],
    ['the volume, mounted by hand', { kind: 'mounted', mounted: 'fuse.glusterfs node-1:/gv0' }, /mounted by hand/],
    ['a line in fstab', { fstab: true }, /fstab has a line/],
    ['no systemd', { systemd: false }, /systemd does not run/],
    ['no autofs', { autofs: false }, /no autofs/],
  ])('refuses %s', (_what, at, why) => {
    const [reason, ...more] = reasons(() => mount.plan(want, facts(at)));
    expect(reason).toMatch(why);
    expect(more).toEqual([]);
  });

  it('refuses servers that do not resolve, where the names are not managed', () => {
    const known = new Map([['node-1', ['10.0.0.1']]]);
    const [reason] = reasons(() => mount.plan({ ...want, hosts: 'leave' }, { ...facts(), known }));
    expect(reason).toMatch(/node-2, node-3 cannot be resolved/);
    expect(mount.plan(want, { ...facts(), known })).toHaveLength(5);
  });

  it('tries before it mounts, with the same servers; $ and % are kept from systemd', () => {
    const text = waitUnit({ ...want, path: '/mnt/100%' });
    expect(text).toContain('mount -t glusterfs -o ro,log-file=/dev/null,backup-volfile-servers=node-2:node-3 node-1:/gv0 "$$d"');
    expect(text).toContain("ExecStart=/bin/sh -c 'd=/run/glusterctl/wait/mnt/100%%; ");
  });
});

describe('the fact about a mount point', () => {
  const parse = (head: string, ...table: string[]) =>
    mountPoint('/mnt/gv0', 'gv0', 'mnt-gv0.automount').parse({
      stdout: `${head}\n=mounts\n20 1 8:1 / / rw - ext4 /dev/sda1 rw\n${table.join('\n')}\n`,
      code: 0,
    });
  const autofs = '190 20 0:99 / /mnt/gv0 rw,relatime - autofs systemd-1 rw,fd=31';
  const fuse = '294 190 0:102 / /mnt/gv0 rw,relatime - fuse.glusterfs localhost:/gv0 rw';

  it('says the same whether the automount was used or not', () => {
    expect(parse('systemd\nautofs\nenabled\nmounted', autofs)).toEqual(parse('systemd\nautofs\nenabled\nmounted', autofs, fuse));
    expect(parse('systemd\nmounted', autofs)).toMatchObject({ watched: true, mounted: null });
  });

  it('tells another volume behind the automount, and a mount without one', () => {
    expect(parse('mounted', autofs, fuse.replace('localhost:/gv0', 'localhost:/gv1')).mounted).toBe('fuse.glusterfs localhost:/gv1');
    expect(parse('mounted', fuse)).toMatchObject({ watched: false, mounted: 'fuse.glusterfs localhost:/gv0' });
  });
});

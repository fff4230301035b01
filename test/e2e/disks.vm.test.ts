import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { doScript } from '../../src/run/script.ts';
import { Sh } from '../../src/sh.ts';
import { type Desk, openDesk } from '../helpers/desk.ts';
import { openVms, type VmLab, type VmNode } from '../lab/vm/index.ts';

const MINUTES = 60_000;

let lab: VmLab;
let desk: Desk;
let before: Map<string, string>;

/** What a rollback has to bring back: devices and what is on them, names, modules, /etc, glusterctl's own folder. */
const photograph = async (node: VmNode): Promise<string> =>
  node.must(
    `lsblk -o NAME,TYPE,SIZE,FSTYPE,UUID,MOUNTPOINT
    for d in /dev/vd? ; do echo "$d"; wipefs -n "$d"; done
    find /dev/disk -type l -printf '%p %l\\n' | sort
    grep -E '^dm_(thin_pool|snapshot|mirror) ' /proc/modules | cut -d ' ' -f 1 | sort
    find /data /var/lib/glusterctl -printf '%p %y\\n' 2>/dev/null
    systemctl list-unit-files --type=mount,service --no-legend --no-pager | awk '{ print $1, $2 }'
    cd /etc && find . ! -path ./.updated ! -path ./resolv.conf -printf '%p %y %m %U:%G %l\\n' | sort
    find . -type f ! -path ./.updated -exec sha256sum {} + | sort -k 2`,
    { timeout: 3 * MINUTES },
  );

const yaml = (wipe: boolean): string =>
  lab.clusterYaml({
    node: ({ name }) => ({
      disks: [
        { serial: name.replace('node-', 'BRICK'), link: 'gluster-disk', use: 'thin', mount: '/data/brick1' },
        // By the name that it had on the day the file was written.
        { device: '/dev/vdc', link: 'second', use: 'xfs', mount: '/data/brick2', ...(name === 'node-1' && { wipe }) },
        // It has no serial.
        { device: '/dev/vdd', link: 'place', use: 'none' },
      ],
    }),
    rest: {
      time: 'leave',
      firewall: 'leave',
      volumes: [{ name: 'gv0', type: 'replicate', replica: 3, bricks: lab.nodes.map(({ name }) => `${name}:/data/brick1/gv0`) }],
    },
  });

const json = async (args: readonly string[], code = 0) => JSON.parse((await desk.must(args, code)).trim().split('\n').at(-1) ?? '');

const everywhere = <T>(work: (node: VmNode) => Promise<T>): Promise<T[]> => Promise.all(lab.nodes.map(work));

/** Kernel name of a node's disk, by its serial. */
const named = async (node: VmNode, link: string): Promise<string> => (await node.must(`readlink -f ${link}`)).trim();

/** Each disk is where it belongs, whatever it is called today. */
const expectInPlace = async (node: VmNode): Promise<void> => {
  const n = node.name.slice(5);
  expect(await named(node, '/dev/disk/gluster-disk')).toBe(await named(node, `/dev/disk/by-id/virtio-BRICK${n}`));
  expect(await named(node, '/dev/disk/second')).toBe(await named(node, `/dev/disk/by-id/virtio-SECOND${n}`));
  expect(await node.must('findmnt -n -o SOURCE,FSTYPE /data/brick1')).toMatch(/^\/dev\/mapper\/gluster_node_\d_data_brick1-brick +xfs\n$/);
  expect((await node.must('findmnt -n -o SOURCE /data/brick2')).trim()).toBe(await named(node, '/dev/disk/second'));
};

beforeAll(async () => {
  desk = openDesk();
  lab = await openVms({
    name: 'disks',
    count: 3,
    disks: [
      { name: 'brick', size: 2048, serial: 'BRICK#' },
      { name: 'second', size: 640, serial: 'SECOND#' },
      { name: 'nameless', size: 64 },
    ],
  });
  before = new Map(await everywhere(async (node): Promise<[string, string]> => [node.name, await photograph(node)]));
}, 30 * MINUTES);

afterAll(async () => {
  await lab?.down();
  desk?.close();
}, MINUTES);

test(
  'a disk that has gained a filesystem between plan and apply is refused, by the plan and by the script itself',
  async () => {
    const node = lab.node('node-1');
    desk.write(yaml(false));
    const saved = join(desk.dir, 'plan.json');
    await desk.must(['plan', '--limit', 'node-1', '-o', saved]);
    await node.must(
      'mkfs.ext4 -q -L precious /dev/disk/by-id/virtio-BRICK1 && mkfs.ext4 -q /dev/disk/by-id/virtio-SECOND1 && udevadm settle',
    );

    const { stderr } = await desk.run(['apply', '--yes', '--limit', 'node-1', saved]);
    expect(stderr).toContain('/dev/vdb (serial BRICK1) is not taken for /data/brick1');
    expect(stderr).toContain('ext4 filesystem "precious"');

    const { changes } = JSON.parse(readFileSync(saved, 'utf8')) as { changes: { id: string; do: string; verify: string }[] };
    for (const id of ['group:/data/brick1', 'filesystem:/data/brick2']) {
      const change = changes.find((c) => c.id === id);
      if (!change) throw new Error(`${id} is not planned`);
      const ran = await node.exec(doScript({ do: Sh.raw(change.do), verify: Sh.raw(change.verify) }));
      expect([ran.code, ran.stderr]).toEqual([1, expect.stringMatching(/\/dev\/vd[bc] is not blank any more/)]);
    }
    expect((await node.must('blkid -p -o value -s LABEL /dev/vdb')).trim()).toBe('precious');
    await node.must('wipefs -a -q /dev/vdb && udevadm settle');
  },
  10 * MINUTES,
);

test(
  'three machines become a pool with a replica 3 volume on thin bricks; what is lost was named by its serial; then nothing is left to do',
  async () => {
    desk.write(yaml(true));
    const refused = await desk.run(['apply', '--yes', '--limit', 'node-1']);
    expect([refused.code, refused.stderr]).toEqual([7, expect.stringContaining('--confirm node-1:SECOND1')]);

    const done = await json(['apply', '--yes', '--json', '--confirm', 'node-1:SECOND1']);
    expect(done).toMatchObject({ type: 'run.finished', result: 'changed', failed: 0 });
    await everywhere(expectInPlace);
    await everywhere((node) => node.must('for m in dm_thin_pool dm_snapshot dm_mirror; do grep -q "^$m " /proc/modules; done'));

    expect(await json(['apply', '--yes', '--json'])).toMatchObject({ result: 'converged', changed: 0, exit: 0 });
    expect(await json(['status', '--json'])).toMatchObject({ healthy: true });
  },
  20 * MINUTES,
);

test(
  'Gluster takes a snapshot of the volume and makes a clone of it',
  async () => {
    const node = lab.node('node-1');
    await node.must(
      `mkdir -p /mnt/gv0 && mount -t glusterfs localhost:/gv0 /mnt/gv0 && echo first >/mnt/gv0/file && umount /mnt/gv0
      gluster --mode=script snapshot create one gv0 no-timestamp
      gluster --mode=script snapshot activate one
      gluster --mode=script snapshot clone copy one
      gluster --mode=script volume start copy
      mount -t glusterfs localhost:/copy /mnt/gv0 && cat /mnt/gv0/file && umount /mnt/gv0 && rmdir /mnt/gv0`,
      { timeout: 8 * MINUTES },
    );
    const pools = await node.must('lvs --noheadings -o lv_name,segtype,lv_profile gluster_node_1_data_brick1');
    expect(pools.match(/thin\b(?!-)/g)?.length).toBe(3);
    expect(pools).toContain('glusterctl-thin');
  },
  10 * MINUTES,
);

test(
  'after a reboot with two disks swapped on one machine and a disk put in front on another all is where it was',
  async () => {
    await everywhere((node) => node.stop());
    const [one, two] = [lab.node('node-1'), lab.node('node-2')];
    const at = (node: VmNode, name: string) => node.disks.find((disk) => disk.name === name) as (typeof node.disks)[number];
    const [brick, second] = [at(one, 'brick'), at(one, 'second')];
    await one.changeDisks([{ ...brick, slot: second.slot }, { ...second, slot: brick.slot }, at(one, 'nameless')]);
    await two.changeDisks([{ name: 'front', size: 256, serial: 'FRONT', slot: 4 }, ...two.disks]);
    await everywhere((node) => node.start());

    expect(await named(one, '/dev/disk/by-id/virtio-BRICK1')).toBe('/dev/vdc');
    expect(await named(two, '/dev/disk/by-id/virtio-FRONT')).toBe('/dev/vda');
    for (const node of lab.nodes) {
      // The snapshot's filesystem has the brick's UUID and is active, too.
      await node.must('until systemctl is-active -q glusterd; do sleep 1; done', { timeout: 3 * MINUTES });
      await expectInPlace(node);
      await node.must('for m in dm_thin_pool dm_snapshot dm_mirror; do grep -q "^$m " /proc/modules; done');
      expect((await node.must('cat /data/brick1/gv0/file')).trim()).toBe('first');
    }
    expect(await named(two, '/dev/disk/place')).toBe('/dev/vde');
    expect(await json(['apply', '--yes', '--json'])).toMatchObject({ result: 'converged', changed: 0, exit: 0 });
    await expect.poll(async () => (await desk.run(['status', '--json'])).code, { timeout: 3 * MINUTES, interval: 5000 }).toBe(0);
  },
  20 * MINUTES,
);

test(
  'a machine boots without a disk, writes nothing below its mount point, and mounts it when it is there again',
  async () => {
    const node = lab.node('node-3');
    const all = [...node.disks];
    await node.stop();
    await node.changeDisks(all.filter(({ name }) => name !== 'second'));
    await node.start();
    await node.must('until systemctl is-active -q glusterd; do sleep 1; done', { timeout: 3 * MINUTES });
    expect((await node.exec('findmnt -n /data/brick2')).code).toBe(1);
    expect(await node.exec('touch /data/brick2/file')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Operation not permitted'),
    });
    expect((await node.must('findmnt -n -o FSTYPE /data/brick1')).trim()).toBe('xfs');
    const { code, stderr } = await desk.run(['plan', '--limit', 'node-3']);
    expect([code, stderr]).toEqual([7, expect.stringContaining('the disk of /data/brick2 is not there')]);

    await node.stop();
    await node.changeDisks(all);
    await node.start();
    await expectInPlace(node);
  },
  15 * MINUTES,
);

test(
  'a rollback leaves what holds data, and then leaves disks and /etc as they were',
  async () => {
    // The slots as they were, for names to be compared.
    const one = lab.node('node-1');
    const kept = await desk.run(['rollback', '--yes']);
    expect([kept.code, kept.stderr]).toEqual([6, expect.stringContaining('gv0')]);
    expect((await one.must('cat /data/brick1/gv0/file')).trim()).toBe('first');

    await one.must(
      `gluster --mode=script volume stop copy && gluster --mode=script volume delete copy
      gluster --mode=script snapshot delete one
      mkdir -p /mnt/gv0 && mount -t glusterfs localhost:/gv0 /mnt/gv0 && rm /mnt/gv0/file && umount /mnt/gv0 && rmdir /mnt/gv0
      echo precious >/data/brick2/file`,
      { timeout: 5 * MINUTES },
    );
    const again = await desk.run(['rollback', '--yes']);
    expect([again.code, again.stderr]).toEqual([6, expect.stringContaining('the filesystem at /data/brick2 carries data and stays')]);
    expect((await one.must('cat /data/brick2/file')).trim()).toBe('precious');
    await one.must('rm /data/brick2/file');
    await desk.must(['rollback', '--yes']);

    const [a, b] = [lab.node('node-1'), lab.node('node-2')];
    for (const [node, disks] of [
      [a, a.disks.map((d) => ({ ...d, slot: { brick: 16, second: 17, nameless: 18 }[d.name] as number }))],
      [b, b.disks.filter(({ name }) => name !== 'front')],
    ] as const) {
      await node.stop();
      await node.changeDisks(disks.toSorted((x, y) => (x.slot ?? 0) - (y.slot ?? 0)));
      await node.start();
    }
    for (const node of lab.nodes) expect([node.name, await photograph(node)]).toEqual([node.name, before.get(node.name)]);
  },
  25 * MINUTES,
);

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ONLY_ASK } from '../../src/facts/lvm.ts';
import { doScript } from '../../src/run/script.ts';
import { Sh } from '../../src/sh.ts';
import { type Desk, openDesk } from '../helpers/desk.ts';
import { KEY } from '../helpers/pty.ts';
import { type DiskSpec, openVms, type VmLab, type VmNode } from '../lab/vm/index.ts';

const MINUTES = 60_000;

const disks: readonly DiskSpec[] = [
  { name: 'brick', size: 2048, serial: 'BRICK#' },
  { name: 'second', size: 640, serial: 'SECOND#' },
  { name: 'nameless', size: 64 },
];

let lab: VmLab;
let desk: Desk;
let before: Map<string, string>;

/** What a rollback has to bring back: devices and what is on them, names, modules, /etc, glusterctl's own folder. */
const photograph = async (node: VmNode): Promise<string> =>
  node.must(
    `lsblk -o NAME,TYPE,SIZE,FSTYPE,UUID,MOUNTPOINT
    for d in /dev/vd? ; do echo "$d"; wipefs -n "$d"; done
    # by-diskseq counts the devices of a boot, in the order in which they came.
    find /dev/disk -type l ! -path '*/by-diskseq/*' -printf '%p %l\\n' | sort
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
        {
          serial: name.replace('node-', 'BRICK'),
          link: 'gluster-disk',
          use: 'thin',
          mount: '/data/brick1',
          ...(name === 'node-2' && { raid: { level: 6, disks: 4, stripeUnit: '128K' } }),
        },
        // By the name that it had on the day the file was written.
        { device: '/dev/vdc', link: 'second', use: 'xfs', mount: '/data/brick2', ...(name !== 'node-3' && { wipe }) },
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

/** The last event of a run. */
const ending = async (args: readonly string[]) => JSON.parse((await desk.must(args)).trim().split('\n').at(-1) ?? '');

const everywhere = <T>(work: (node: VmNode) => Promise<T>): Promise<T[]> => Promise.all(lab.nodes.map((node) => work(node)));

/** Kernel name of a node's disk, by its serial. */
const named = async (node: VmNode, link: string): Promise<string> => (await node.must(`readlink -f ${link}`)).trim();

const modulesLoaded = 'for m in dm_thin_pool dm_snapshot dm_mirror; do grep -q "^$m " /proc/modules || exit 1; done';

/** Each disk is where it belongs, whatever it is called today. */
const expectInPlace = async (node: VmNode, bricks: readonly string[] = ['brick1', 'brick2']): Promise<void> => {
  const n = node.name.slice(5);
  // The snapshot's filesystem has the brick's UUID and is active, too.
  const thin = await node.must(
    `readlink -f /dev/disk/gluster-disk /dev/disk/by-id/virtio-BRICK${n} | uniq | wc -l
    findmnt -n -o SOURCE,FSTYPE /data/brick1`,
  );
  expect(thin).toMatch(/^1\n\/dev\/mapper\/gluster_node_\d_data_brick1-brick +xfs\n$/);
  if (!bricks.includes('brick2')) return;
  const plain = await node.must(
    `{ readlink -f /dev/disk/second /dev/disk/by-id/virtio-SECOND${n}; findmnt -n -o SOURCE /data/brick2; } | uniq | wc -l`,
  );
  expect(plain).toBe('1\n');
};

beforeAll(async () => {
  desk = openDesk();
  lab = await openVms({
    name: 'disks',
    count: 3,
    disks,
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
  'the root disk, a mounted one and one in a foreign volume group are refused whatever is said',
  async () => {
    const node = lab.node('node-2');
    await node.must(
      `mkfs.ext4 -q /dev/vdd && mount /dev/vdd /mnt
      pvcreate -qq /dev/vdc && vgcreate -qq --autobackup n --setautoactivation n foreign /dev/vdc && udevadm settle`,
    );
    const wanted = ['/dev/vda', '/dev/vdc', '/dev/vdd'];
    const entries = wanted.map((device, i) => ({ device, use: 'xfs', mount: `/data/b${i}`, wipe: true }));
    desk.write(
      lab.clusterYaml({ node: ({ name }) => (name === 'node-2' ? { disks: entries } : {}), rest: { time: 'leave', firewall: 'leave' } }),
    );
    const confirm = ['pci-0000:00:12.0', 'SECOND2', 'BRICK2'].flatMap((serial) => ['--confirm', `node-2:${serial}`]);
    const { code, stderr } = await desk.run(['apply', '--yes', '--limit', 'node-2', ...confirm]);
    // LVM keeps its notes of a group there, and vgs would have made them.
    expect(await node.must('ls /etc/lvm')).not.toMatch(/archive|backup/);
    const left = await node.must(`vgs --noheadings --config '${ONLY_ASK}' -o vg_name; findmnt -n -o FSTYPE /mnt`);
    await node.must(
      `umount /mnt; vgremove -qq --config '${ONLY_ASK}' foreign; pvremove -qq /dev/vdc; wipefs -a -q /dev/vdd
      mkfs.ext4 -q -L old /dev/vdc; udevadm settle`,
    );
    expect(left.trim()).toMatch(/^foreign\s+ext4$/);
    expect(code).toBe(7);
    for (const [device, why] of [
      ['/dev/vda', 'system disk'],
      ['/dev/vdc \\(serial SECOND2\\)', 'LVM physical volume of group foreign'],
      ['/dev/vdd', 'mounted on /mnt'],
    ])
      expect(stderr).toMatch(new RegExp(`${device} is not taken for /data/b\\d[^]*?${why}`));
    expect(stderr.match(/refused whatever is said/g)).toHaveLength(3);
  },
  5 * MINUTES,
);

test(
  'who types another serial loses nothing',
  async () => {
    desk.write(yaml(true));
    const refused = await desk.run(['apply', '--yes']);
    expect(refused.code).toBe(7);
    for (const n of [1, 2]) expect(refused.stderr).toContain(`--confirm node-${n}:SECOND${n}`);

    const terminal = desk.terminal(['apply', '--confirm', 'node-1:SECOND1']);
    await terminal.expect('loses ext4 filesystem "old" on /dev/vdc', 3 * MINUTES);
    await terminal.expect('has no serial: /dev/disk/place leads to whatever disk is plugged in at');
    await terminal.expect('(d)etails:');
    terminal.type(`y${KEY.enter}`);
    await terminal.expect(/node-2: erase what is on \/dev\/vdc \(serial SECOND2\)\. Type the serial/);
    terminal.type(`SECOND1${KEY.enter}`);
    expect(await terminal.exit, terminal.text).toBe(1);
    expect(terminal.text).toContain('that is not the serial; nothing was done');
    expect((await lab.node('node-2').must('blkid -p -o value -s LABEL /dev/vdc')).trim()).toBe('old');
  },
  8 * MINUTES,
);

test(
  'three machines become a pool with a replica 3 volume on thin bricks; what is lost was named by its serial; then nothing is left to do',
  async () => {
    const terminal = desk.terminal(['apply', '--confirm', 'node-1:SECOND1']);
    await terminal.expect('(d)etails:', 3 * MINUTES);
    terminal.type(`y${KEY.enter}`);
    await terminal.expect('Type the serial');
    terminal.type(`SECOND2${KEY.enter}`);
    expect(await terminal.exit, terminal.text).toBe(0);
    await everywhere(expectInPlace);
    await everywhere((node) => node.must(modulesLoaded));

    expect(await ending(['apply', '--yes', '--json'])).toMatchObject({ result: 'converged', changed: 0, exit: 0 });
    expect(JSON.parse(await desk.must(['status', '--json']))).toMatchObject({ healthy: true });
  },
  30 * MINUTES,
);

test(
  'thin pools are laid out for their disks, with room for what repairs and extends their metadata',
  async () => {
    const laidOut = async (node: VmNode) => {
      const group = `gluster_${node.name.replace('-', '_')}_data_brick1`;
      const [pool, free, thin] = (
        await node.must(
          `o='--noheadings --nosuffix --units b --separator ,'
          lvs $o -o chunksize,lv_metadata_size,seg_monitor,zero ${group}/pool
          vgs $o -o vg_extent_size,vg_free,pe_start ${group}
          xfs_info /data/brick1 | tr -d ' \n'`,
        )
      )
        .split('\n')
        .map((line) => line.trim());
      const [chunk, metadata, monitored, zero] = pool?.split(',') ?? [];
      const [extent, left, start] = (free?.split(',') ?? []).map(Number);
      // What is left is one spare more: LVM has made its own already.
      expect(left).toBeGreaterThanOrEqual(Number(metadata));
      expect([monitored, zero]).toEqual(['monitored', '']);
      const [, inode, sunit, swidth, folders] =
        /isize=(\d+).*sunit=(\d+)swidth=(\d+)blks.*naming=version2bsize=(\d+)/.exec(thin ?? '') ?? [];
      return { chunk: Number(chunk), extent, start, inode, stripe: `${sunit} ${swidth}`, folders };
    };
    const [plain, raid] = [await laidOut(lab.node('node-1')), await laidOut(lab.node('node-2'))];
    expect(plain).toMatchObject({ chunk: 2 ** 18, extent: 2 ** 22, inode: '512', folders: '8192' });
    expect(Number(plain.start) % 2 ** 18).toBe(0);
    // RAID 6 of 4 disks: two hold data, 256 KiB are a full stripe.
    expect(raid).toMatchObject({ chunk: 2 ** 18, extent: 2 ** 20, inode: '512', stripe: '32 64', folders: '8192' });
    expect(Number(raid.start) % 2 ** 18).toBe(0);
  },
  2 * MINUTES,
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
    expect(pools.match(/ thin\b(?!-)/g)?.length).toBe(3);
    expect(pools).toContain('glusterctl-thin');
  },
  10 * MINUTES,
);

/** Stops all machines, gives them these disks, and starts them again. */
const rebootWith = async (disks: (node: VmNode) => readonly DiskSpec[], stop: (node: VmNode) => Promise<void>): Promise<void> => {
  await everywhere(stop);
  await everywhere((node) => node.changeDisks(disks(node)));
  await everywhere((node) => node.start());
  // Not before it has tried its mounts.
  await everywhere((node) => node.must('until systemctl is-active -q glusterd; do sleep 1; done', { timeout: 5 * MINUTES }));
};

test(
  'after a reboot with two disks swapped, one put in front and one missing all that is there is where it was, and nothing is written where it is not',
  async () => {
    const [one, two, three] = lab.nodes as [VmNode, VmNode, VmNode];
    const swapped = one.disks.map((disk) => ({ ...disk, slot: { brick: 17, second: 16 }[disk.name] ?? disk.slot }));
    const front = { name: 'front', size: 256, serial: 'FRONT', slot: 4 };
    const changed = new Map([
      [one, swapped.toSorted((a, b) => a.slot - b.slot)],
      [two, [front, ...two.disks]],
      [three, three.disks.filter(({ name }) => name !== 'second')],
    ]);
    await rebootWith(
      (node) => changed.get(node) as readonly DiskSpec[],
      (node) => node.stop(),
    );

    expect(await named(one, '/dev/disk/by-id/virtio-BRICK1')).toBe('/dev/vdc');
    expect(await named(two, '/dev/disk/by-id/virtio-FRONT')).toBe('/dev/vda');
    expect(await named(two, '/dev/disk/place')).toBe('/dev/vde');
    await everywhere(async (node) => {
      await expectInPlace(node, node === three ? ['brick1'] : ['brick1', 'brick2']);
      await node.must(modulesLoaded);
      expect((await node.must('cat /data/brick1/gv0/file')).trim()).toBe('first');
    });
    await desk.must(['plan', '--limit', 'node-1,node-2', '--detailed-exitcode']);

    expect((await three.exec('findmnt -n /data/brick2')).code).toBe(1);
    expect(await three.exec('touch /data/brick2/file')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Operation not permitted'),
    });
    const { code, stderr } = await desk.run(['plan', '--limit', 'node-3']);
    expect([code, stderr]).toEqual([7, expect.stringContaining('the disk of /data/brick2 is not there')]);
  },
  20 * MINUTES,
);

test(
  'after a power cut, with all disks back in their places and the one in front gone, nothing is left to do, and all is healthy',
  async () => {
    const atFirst = disks.map((disk, i) => ({ ...disk, slot: 16 + i }));
    await rebootWith(
      () => atFirst,
      (node) => node.powerCut(),
    );
    await everywhere((node) => expectInPlace(node));
    expect(await ending(['apply', '--yes', '--json'])).toMatchObject({ result: 'converged', changed: 0, exit: 0 });
    await expect.poll(async () => (await desk.run(['status', '--json'])).code, { timeout: 5 * MINUTES, interval: 5000 }).toBe(0);
  },
  20 * MINUTES,
);

test(
  'a disk that is pulled out and plugged in again is mounted without anybody asking',
  async () => {
    const node = lab.node('node-3');
    await node.must(
      `pci=$(readlink -f "/sys/class/block/$(basename "$(readlink -f /dev/disk/second)")/device")/..
      echo 1 >"$pci/remove"
      for i in $(seq 60); do findmnt -n /data/brick2 >/dev/null || break; sleep 1; done
      ! findmnt -n /data/brick2
      echo 1 >/sys/bus/pci/rescan
      for i in $(seq 60); do findmnt -n /data/brick2 >/dev/null && break; sleep 1; done`,
      { timeout: 4 * MINUTES },
    );
    await expectInPlace(node);
  },
  5 * MINUTES,
);

test(
  'a rollback leaves what holds data, and then leaves disks and /etc as they were',
  async () => {
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
    // Gluster deletes a clone's volume, and leaves what it was cloned into.
    const again = await desk.run(['rollback', '--yes']);
    expect(again.code).toBe(6);
    expect(again.stderr).toContain('the filesystem at /data/brick2 carries data and stays');
    expect(again.stderr).toContain('a clone leaves its thin volume behind when it is deleted');
    expect((await one.must('cat /data/brick2/file')).trim()).toBe('precious');
    await one.must('rm /data/brick2/file');
    await everywhere((node) =>
      node.must(
        `lvs --noheadings -o lv_dm_path | tr -d ' ' | grep -E -- '-[0-9a-f]{32}_[0-9]+$' | while read -r lv; do
          # Its brick may still be on its way out.
          for i in $(seq 30); do findmnt -n -S "$lv" >/dev/null || break; umount -A "$lv" || sleep 1; done
          lvremove -qq --yes "$lv"
        done`,
      ),
    );
    await desk.must(['rollback', '--yes']);

    await everywhere(async (node) => expect([node.name, await photograph(node)]).toEqual([node.name, before.get(node.name)]));
  },
  25 * MINUTES,
);

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { attachVms, downVms, openVms, type VmLab, type VmNode } from './index.ts';
import { exec } from './ssh.ts';

const MINUTES = 60_000;

let lab: VmLab;
let node: VmNode;

beforeAll(async () => {
  lab = await openVms({
    name: 'selftest',
    count: 2,
    disks: [
      { name: 'brick', size: 2048, serial: 'BRICK#' },
      { name: 'nameless', size: 512 },
      { name: 'volume', size: 512, serial: 'vol-#', bus: 'cloud-volume' },
    ],
  });
  node = lab.node('node-1');
  await lab.snapshot('fresh');
}, 30 * MINUTES);

afterAll(() => lab?.down(), MINUTES);

const byId = async (of: VmNode): Promise<Record<string, string>> => {
  const text = await of.must('cd /dev/disk/by-id && for l in *; do echo "$l $(readlink -f "$l")"; done');
  return Object.fromEntries(text.split('\n').flatMap((line) => (line.includes(' ') ? [line.split(' ') as [string, string]] : [])));
};

test('a machine is laid out like a cloud server: BIOS boot first on the disk, root behind it as partition 1', async () => {
  const table = JSON.parse(await node.must('sfdisk --json /dev/vda')) as {
    partitiontable: { label: string; partitions: { node: string; start: number; size: number }[] };
  };
  const { label, partitions } = table.partitiontable;
  expect(label).toBe('gpt');
  expect(partitions.toSorted((a, b) => a.start - b.start).map((p) => [p.node, p.start])).toEqual([
    ['/dev/vda2', 2048],
    ['/dev/vda1', 6144],
  ]);
  expect(partitions.find((p) => p.node === '/dev/vda2')?.size).toBe(4096);
  expect((await node.must('findmnt -n -o SOURCE,FSTYPE /')).trim()).toMatch(/^\/dev\/vda1 +ext4$/);
  // It was GRUB that booted it, not QEMU's -kernel.
  expect(await node.must('cat /proc/cmdline')).toContain('BOOT_IMAGE=/boot/vmlinuz');
});

test('logins: root, and ops with sudo; each machine has a name, a machine id and a host key of its own', async () => {
  expect(await node.exec('id -un; sudo -n id -un', { user: 'ops' })).toMatchObject({ stdout: 'ops\nroot\n', code: 0 });
  const own = await Promise.all(lab.nodes.map((n) => n.must('hostname; cat /etc/machine-id; cat /etc/ssh/ssh_host_ed25519_key.pub')));
  const [first = [], second = []] = own.map((text) => text.split('\n'));
  expect([first[0], second[0]]).toEqual(['node-1', 'node-2']);
  expect(first[1]).not.toBe(second[1]);
  expect(first[2]).not.toBe(second[2]);
  // Another machine's key at this address is refused.
  const swapped = join(lab.dir, 'swapped');
  writeFileSync(swapped, `[127.0.0.1]:${node.sshPort} ${second[2]}\n`);
  const refused = await exec({ ...node.login, knownHosts: swapped }, 'true');
  expect(refused.code).toBe(255);
  expect(refused.stderr).toContain('Host key verification failed');
});

test('a script that hangs is ended by the time limit', async () => {
  await expect(node.exec('sleep 600', { timeout: 5000 })).rejects.toThrow(/was stopped after 5 s/);
});

test(
  'the machines reach each other, and a Debian mirror',
  async () => {
    await node.must(`ping -c 2 -W 5 ${lab.node('node-2').storage}`);
    await node.must('apt-get update -qq && apt-cache show grml-rescueboot | grep -q ^Version', { timeout: 3 * MINUTES });
  },
  4 * MINUTES,
);

test('disks have the names that udev gives them on a cloud', async () => {
  expect(await byId(node)).toEqual({ 'virtio-BRICK1': '/dev/vdb', 'scsi-0DO_Volume_vol-1': '/dev/sda' });
  expect(await byId(lab.node('node-2'))).toMatchObject({ 'virtio-BRICK2': '/dev/vdb', 'scsi-0DO_Volume_vol-2': '/dev/sda' });
  expect(await node.must('udevadm info --query=property --property=ID_SERIAL --value /dev/vdc')).toBe('');
  expect((await node.must('udevadm info --query=property --property=ID_PATH --value /dev/vdc')).trim()).toBe('pci-0000:00:11.0');
  expect((await node.must('udevadm info --query=property --property=ID_SERIAL --value /dev/sda')).trim()).toBe('0DO_Volume_vol-1');
});

test(
  'a thin pool with XFS survives a reboot, and a power cut with a disk put in front; a restore undoes it all',
  async () => {
    await node.must(
      'modprobe -a dm_thin_pool dm_snapshot dm_mirror xfs fuse; for m in dm_thin_pool dm_snapshot dm_mirror; do test -d /sys/module/$m; done',
    );
    await node.must(
      `set -e
    pvcreate -q /dev/disk/by-id/virtio-BRICK1
    vgcreate -q bricks /dev/disk/by-id/virtio-BRICK1
    lvcreate -q --type thin-pool -L 1500M -n pool bricks
    lvcreate -q -V 1G -T bricks/pool -n brick
    mkfs.xfs -q -i size=512 -n size=8192 /dev/bricks/brick
    mkdir -p /data/brick
    echo "UUID=$(blkid -o value -s UUID /dev/bricks/brick) /data/brick xfs nofail 0 0" >>/etc/fstab
    systemctl daemon-reload
    mount /data/brick
    head -c 10000000 /dev/urandom >/data/brick/file
    sha256sum /data/brick/file >/root/sum
    sync`,
      { timeout: 3 * MINUTES },
    );
    const intact = () => node.must('findmnt -n -o FSTYPE /data/brick && sha256sum -c /root/sum');

    await node.reboot();
    expect(await intact()).toBe('xfs\n/data/brick/file: OK\n');

    await node.must('echo written >/data/brick/flushed && sync; echo lost >/data/brick/unflushed');
    await node.powerCut();
    expect(node.running).toBe(false);
    // In front of the root disk, and the two others swapped.
    const at = (name: string) => node.disks.find((disk) => disk.name === name) as (typeof node.disks)[number];
    const [brick, nameless] = [at('brick'), at('nameless')];
    await node.changeDisks([
      { name: 'front', size: 256, serial: 'FRONT', slot: 4 },
      { ...brick, slot: nameless.slot },
      { ...nameless, slot: brick.slot },
      at('volume'),
    ]);
    await node.start();
    expect(await byId(node)).toMatchObject({ 'virtio-FRONT': '/dev/vda', 'virtio-BRICK1': '/dev/vdd' });
    expect((await node.must('findmnt -n -o SOURCE /')).trim()).toBe('/dev/vdb1');
    expect(await intact()).toBe('xfs\n/data/brick/file: OK\n');
    expect(await node.must('cat /data/brick/flushed')).toBe('written\n');

    await lab.restore('fresh');
    expect(await byId(node)).toEqual({ 'virtio-BRICK1': '/dev/vdb', 'scsi-0DO_Volume_vol-1': '/dev/sda' });
    expect(await node.exec('test -e /root/sum || grep -q /data/brick /etc/fstab || pvs --noheadings | grep .')).toMatchObject({ code: 1 });
    const offset = Math.abs(Number(await node.must('date +%s')) - Date.now() / 1000);
    expect(offset).toBeLessThan(5);
  },
  15 * MINUTES,
);

test(
  'a restore puts a running machine back in seconds',
  async () => {
    await node.must('echo trace >/root/trace; rm /etc/hostname');
    const start = Date.now();
    await lab.restore('fresh');
    expect(Date.now() - start).toBeLessThan(60_000);
    expect(await node.must('cat /etc/hostname; ls /root')).toBe('node-1\n');
  },
  3 * MINUTES,
);

test(
  'a lab that was left behind is found by its name, and removed with its processes',
  async () => {
    const found = await attachVms(lab.name);
    expect(found.nodes.map((n) => [n.name, n.running, n.sshPort])).toEqual(lab.nodes.map((n) => [n.name, true, n.sshPort]));
    await downVms(lab.name);
    expect(lab.nodes.map((n) => n.running)).toEqual([false, false]);
    expect(existsSync(lab.dir)).toBe(false);
  },
  MINUTES,
);

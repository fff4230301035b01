import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildLiveIso, GRML } from './grml.ts';
import { openVms, type VmLab, type VmNode } from './index.ts';

const MINUTES = 60_000;

let lab: VmLab;
let node: VmNode;

/** Options for the live system: login by the node's own keys, everything in RAM, back to the normal system after a panic. */
const options = (root: string, more: string): string =>
  [
    `services=ssh myconfig=/dev/disk/by-uuid/${root} config=${GRML.isoFolder.slice(1)}/config`,
    `panic=10 noprompt noeject console=tty0 console=ttyS0,115200 ${more}`,
  ].join(' ');

/** The menu entry that grml-rescueboot made, with these boot options, is booted once. */
const armLive = async (more: string): Promise<void> => {
  const root = (await node.must('findmnt -n -o UUID /')).trim();
  await node.must(`echo 'CUSTOM_BOOTOPTIONS="${options(root, more)}"' >${GRML.settings} && update-grub 2>/dev/null`);
  const menu = await node.must('cat /boot/grub/grub.cfg');
  const entry = new RegExp(`menuentry "([^"]*${GRML.isoFile.replaceAll('.', '\\.')}[^"]*)"`).exec(menu)?.[1];
  expect(entry).toBeDefined();
  await node.must(`grub-reboot '${entry}' && grub-editenv list | grep -q '^next_entry=.'`);
};

const isLive = async (): Promise<boolean> => (await node.exec('test -e /etc/grml_version')).code === 0;

beforeAll(async () => {
  const iso = await buildLiveIso();
  lab = await openVms({ name: 'livetest', image: 'bare', memory: GRML.memory });
  node = lab.node('node-1');
  await node.must(
    `export DEBIAN_FRONTEND=noninteractive; apt-get update -qq && apt-get install -y -qq --no-install-recommends ${GRML.package}`,
    {
      timeout: 5 * MINUTES,
    },
  );
  await node.must(`mkdir -p ${GRML.isoFolder}`);
  await node.put(iso.path, `${GRML.isoFolder}/${GRML.isoFile}`);
  expect((await node.must(`sha256sum ${GRML.isoFolder}/${GRML.isoFile}`)).split(' ')[0]).toBe(iso.sha256);
  await node.must(
    `set -e
    cd ${GRML.isoFolder}
    mkdir -p -m 0700 config/root/.ssh config/etc/ssh
    cp -a /root/.ssh/authorized_keys config/root/.ssh/
    cp -a /etc/ssh/ssh_host_* config/etc/ssh/
    chmod 0755 config config/etc config/etc/ssh
    head -c 50000000 /dev/urandom >/root/large
    sha256sum /root/large >/root/sum
    sync`,
  );
  await lab.snapshot('iso');
}, 30 * MINUTES);

afterAll(() => lab?.down(), MINUTES);

test(
  'the live system boots once, in RAM, with the node host key, and the next power cycle is the normal system',
  async () => {
    await armLive(`toram=${GRML.flavour}.squashfs`);
    const start = Date.now();
    await node.reboot();
    process.stdout.write(`live system after ${((Date.now() - start) / 1000).toFixed(0)} s\n`);
    expect(await isLive()).toBe(true);

    // Nothing of the disk is in use, so that the root filesystem can be checked and resized.
    expect(await node.must('grep -c /dev/vda /proc/mounts || true; cat /sys/block/loop*/loop/backing_file')).toBe(
      `0\n/run/live/medium/${GRML.flavour}.squashfs\n`,
    );
    await node.must('e2fsck -f -n /dev/vda1');
    const grubenv = await node.must('mount -o ro /dev/vda1 /mnt && cat /mnt/boot/grub/grubenv && umount /mnt');
    expect(grubenv).not.toMatch(/^next_entry=./m);

    await node.powerCut();
    await node.start();
    expect(await isLive()).toBe(false);
    expect(await node.must('sha256sum -c /root/sum')).toBe('/root/large: OK\n');
  },
  10 * MINUTES,
);

test(
  'a static address is given by ip= in the form of the kernel',
  async () => {
    await lab.restore('iso');
    await armLive(`toram=${GRML.flavour}.squashfs ip=10.0.2.15::10.0.2.2:255.255.255.0:node-1:eth0:none dns=10.0.2.3`);
    await node.reboot();
    expect(await isLive()).toBe(true);
    expect(await node.must('cat /etc/network/interfaces')).toContain('iface eth0 inet manual');
    expect(await node.must('ip -4 -o address show eth0')).toMatch(/10\.0\.2\.15\/24/);
    expect(await node.must('pgrep -af "[d]hclient.*eth0" || echo none')).toBe('none\n');
  },
  10 * MINUTES,
);

test(
  'with panic=10, a live system that cannot start leads back to the normal one',
  async () => {
    await lab.restore('iso');
    const before = (await node.bootId()) as string;
    await armLive('toram=missing.squashfs');
    await node.must('systemctl --no-block reboot');
    const start = Date.now();
    await node.waitForLogin(before);
    process.stdout.write(`back in the normal system after ${((Date.now() - start) / 1000).toFixed(0)} s\n`);
    expect(await isLive()).toBe(false);
    expect(await node.must('sha256sum -c /root/sum')).toBe('/root/large: OK\n');
  },
  10 * MINUTES,
);

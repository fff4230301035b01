import { expect, test } from 'vitest';
import { CONFIRM, useShrinking, WAY } from '../helpers/shrinking.ts';

const MINUTES = 60_000;
const use = useShrinking('shrink');

test(
  'unattended: to the live system and back; then the partition is used, and not given back; then, empty again, it is',
  async () => {
    const shrinking = use();
    const { desk, node } = shrinking;
    const start = Date.now();
    const events = await shrinking.finish();
    process.stdout.write(`there and back in ${Math.round((Date.now() - start) / 1000)} s\n`);
    expect(events.filter(({ type }) => type === 'stage.started').map(({ stage }) => stage)).toEqual(['prepare', 'boot', 'live', 'after']);
    expect(events.at(-1)).toMatchObject({ result: 'changed', failed: 0 });

    // What comes after it: link, thin pool, brick.
    const prepare = ['node', 'prepare', 'node-1', '--yes'];
    const asked = await desk.run(prepare);
    expect([asked.code, asked.stderr]).toEqual([7, expect.stringContaining('it is blank, but belongs to the system disk')]);
    await desk.must([...prepare, '--confirm', 'node-1:pci-0000:00:08.0']);
    expect((await node.must('readlink -f /dev/disk/gluster-disk')).trim()).toBe('/dev/vda3');
    expect(await node.must('findmnt -n -o FSTYPE /data/brick1')).toBe('xfs\n');
    expect((await node.must('pvs --noheadings -o pv_name')).trim()).toBe('/dev/vda3');

    const runs = JSON.parse(await desk.must(['runs', '--json'])).runs as { run: string; verb: string }[];
    expect(runs.map(({ verb }) => verb)).toEqual(['node prepare', 'node shrink']);
    const [prepared, shrunk] = runs.map(({ run }) => run) as [string, string];
    expect(await desk.run(['rollback', shrunk, '--yes'])).toMatchObject({ code: 7 });
    await desk.must(['rollback', prepared, '--yes']);
    await node.must('mkfs.ext4 -q /dev/vda3');
    const refused = await desk.run(['rollback', shrunk, '--yes']);
    expect(refused.code).toBe(6);
    expect(refused.stderr).toMatch(/carries something and stays/);
    await node.must('wipefs -q -a /dev/vda3');
    await desk.must(['rollback', shrunk, '--yes']);
    await shrinking.expectIntact();
    await shrinking.expectTableAsBefore();
    expect(await node.must('ls /etc/cloud/cloud.cfg.d /etc/growroot-disabled 2>/dev/null || true')).not.toContain('grow');
    await node.reboot();
    await shrinking.expectIntact();
  },
  2 * WAY,
);

test(
  'a static address, and a user with sudo whom the live system does not know',
  async () => {
    const shrinking = use();
    const { node } = shrinking;
    await node.must(
      `printf '[Match]\\nName=eth0\\n[Network]\\nAddress=10.0.2.15/24\\nGateway=10.0.2.2\\nLinkLocalAddressing=no\\nIPv6AcceptRA=no\\n' >/etc/systemd/network/10-eth0.network
      networkctl reload; networkctl reconfigure eth0 || systemctl restart systemd-networkd`,
    );
    // A login that comes in that very moment is cut off.
    await node.waitForLogin();
    await node.must('ip -4 -o addr show eth0 | grep -v dynamic | grep -q 10.0.2.15/24');
    shrinking.write({ user: 'ops' });
    const { legs } = await shrinking.plan();
    expect(JSON.stringify(legs)).toContain('ip=10.0.2.15::10.0.2.2:255.255.255.0:node-1:eth0:none');
    await shrinking.finish();
  },
  WAY,
);

test(
  'what is refused, and with which numbers: nothing is done on the node',
  async () => {
    const shrinking = use();
    const { desk, node } = shrinking;
    const refusal = async (args: readonly string[]): Promise<string> => {
      const done = await desk.run(args);
      expect(done.code).toBe(7);
      return done.stderr;
    };
    const execute = ['node', 'shrink', 'node-1', '--execute'];
    expect(await refusal(execute)).toMatch(/--confirm node-1\n[\s\S]*--confirm node-1:none/);
    expect(await refusal([...execute, '--confirm', 'node-1'])).toMatch(/--confirm node-1:none/);
    shrinking.write({ sha256: 'a'.repeat(64) });
    expect(await refusal([...execute, ...CONFIRM])).toMatch(/is not the image that is wanted[\s\S]*its SHA-256 is/);
    shrinking.write({ rootSize: '1500MiB' });
    expect(await refusal([...execute, ...CONFIRM])).toMatch(
      /root is too full for 1\.46 GiB[\s\S]*resize2fs estimates at least \d\.\d\d GiB, the live system's image needs 0\.\d\d GiB; with room to live, at least \d\.\d\d GiB/,
    );
    expect(await node.must('ls -d /boot/grml /etc/cloud/cloud.cfg.d/99* 2>/dev/null || true')).toBe('');
    await shrinking.expectTableAsBefore();
  },
  10 * MINUTES,
);

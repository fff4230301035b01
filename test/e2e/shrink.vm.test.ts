import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { doScript } from '../../src/run/script.ts';
import { Sh } from '../../src/sh.ts';
import { GIB } from '../../src/shrink/size.ts';
import { type Desk, openDesk } from '../helpers/desk.ts';
import { errorsOf, eventsOf, type Line } from '../helpers/events.ts';
import { buildLiveIso, GRML } from '../lab/vm/grml.ts';
import { openVms, type VmLab, type VmNode } from '../lab/vm/index.ts';

const MINUTES = 60_000;
/** A whole way there and back; emulated, among busy neighbours. */
const WAY = 25 * MINUTES;

let lab: VmLab;
let node: VmNode;
let desk: Desk;
let iso: { path: string; sha256: string };
let table: string;

const CONFIRM = ['--confirm', 'node-1', '--confirm', 'node-1:none'];
const EXECUTE = ['node', 'shrink', 'node-1', '--execute', '--json', ...CONFIRM];

const write = ({ user = 'root', rootSize = '3GiB', sha256 = iso.sha256, bootOptions = '' } = {}): void =>
  desk.write(
    lab.clusterYaml({
      user: user as 'root' | 'ops',
      node: () => ({
        partition: { disk: '/dev/vda', rootSize, label: 'gluster', link: 'gluster-disk' },
        disks: [{ device: '/dev/disk/gluster-disk', use: 'thin', mount: '/data/brick1' }],
      }),
      rest: {
        time: 'leave',
        firewall: 'leave',
        grml: { iso: iso.path, sha256, bootOptions },
        volumes: [{ name: 'gv0', type: 'distribute', bricks: ['node-1:/data/brick1/gv0'] }],
      },
    }),
  );

beforeAll(async () => {
  iso = await buildLiveIso();
  desk = openDesk();
  lab = await openVms({ name: 'shrink', image: 'gluster', memory: GRML.memory });
  node = lab.node('node-1');
  await node.must(
    `mkdir -p /etc/cloud/cloud.cfg.d
    head -c 400000000 /dev/urandom >/root/large
    sha256sum /root/large >/root/sum
    cp -a /usr/share/doc /root/small
    find /root/small -type f -exec sha256sum {} + >/root/sums
    sync`,
    { timeout: 5 * MINUTES },
  );
  table = await node.must('sfdisk --dump /dev/vda');
  await lab.snapshot('fresh');
}, 40 * MINUTES);

afterAll(async () => {
  desk?.close();
  await lab?.down();
}, MINUTES);

beforeEach(async () => {
  await lab.restore('fresh');
  write();
}, 5 * MINUTES);

const intact = async (): Promise<void> => {
  await node.must('test ! -e /etc/grml_version');
  expect(
    await node.must('sha256sum --quiet -c /root/sum && sha256sum --quiet -c /root/sums && echo all there', { timeout: 5 * MINUTES }),
  ).toBe('all there\n');
};

/** The partition is there, root has what it should, and nothing of the way is left. */
const expectCut = async (): Promise<void> => {
  await intact();
  const json = JSON.parse(await node.must('sfdisk --json /dev/vda')).partitiontable as {
    partitions: { node: string; start: number; size: number; name?: string }[];
  };
  const root = json.partitions.find((p) => p.node === '/dev/vda1');
  const fresh = json.partitions.find((p) => p.name === 'gluster');
  expect((root?.size ?? 0) * 512).toBe(3 * GIB);
  expect(fresh?.start).toBe((root?.start ?? 0) + (root?.size ?? 0));
  expect((fresh?.size ?? 0) * 512).toBeGreaterThan(2.9 * GIB);
  const blocks = Number(await node.must(`dumpe2fs -h /dev/vda1 2>/dev/null | sed -n 's/^Block count: *//p'`));
  expect(blocks * 4096).toBe(3 * GIB);
  expect((await node.must('readlink -f /dev/disk/by-partlabel/gluster')).trim()).toBe(fresh?.node);
  expect(await node.must(`wipefs -n ${fresh?.node}`)).toBe('');
  expect(
    await node.must('ls -d /boot/grml /etc/default/grml-rescueboot 2>/dev/null || true; grep -ci grml /boot/grub/grub.cfg || true'),
  ).toBe('0\n');
  expect(await node.must('grub-editenv - list | grep next_entry= || true')).toMatch(/^(next_entry=\n)?$/);
  expect(await node.must('cat /etc/cloud/cloud.cfg.d/99-glusterctl-nogrow.cfg')).toContain('mode: "off"');
};

const plan = async () => JSON.parse(await desk.must(['node', 'shrink', 'node-1', '--json']));
const expectNothingLeft = async (): Promise<void> => expect((await plan()).legs).toEqual([]);

const finish = async (): Promise<Line[]> => {
  const done = await desk.run(EXECUTE);
  const events = eventsOf(done);
  expect(errorsOf(events)).toBe('');
  expect(done.code).toBe(0);
  await expectCut();
  await expectNothingLeft();
  return events;
};

/** Runs it until it says that a change begins, then does `deed` with the process that runs it. */
const until = async (id: string, deed: (child: ChildProcess) => Promise<void>) => {
  let child: ChildProcess | null = null;
  let said = '';
  let doing: Promise<void> | null = null;
  const done = await desk.run(EXECUTE, {
    onStart: (started) => {
      child = started;
    },
    onOutput: (text) => {
      said += text;
      if (doing === null && said.includes(`"type":"change.started"`) && new RegExp(`"change.started"[^\\n]*"id":"${id}"`).test(said))
        doing = deed(child as unknown as ChildProcess);
    },
  });
  expect(doing, said.slice(-2000)).not.toBeNull();
  await doing;
  return done;
};

test(
  'unattended: to the live system and back; then the partition is used, and not given back; then, empty again, it is',
  async () => {
    const start = Date.now();
    const events = await finish();
    process.stdout.write(`there and back in ${Math.round((Date.now() - start) / 1000)} s\n`);
    expect(events.filter(({ type }) => type === 'stage.started').map(({ stage }) => stage)).toEqual(['prepare', 'boot', 'live', 'after']);
    expect(events.at(-1)).toMatchObject({ result: 'changed', failed: 0 });

    // What comes after it: link, thin pool, brick.
    await desk.must(['node', 'prepare', 'node-1', '--yes']);
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
    await intact();
    expect(await node.must('sfdisk --dump /dev/vda')).toBe(table);
    expect(await node.must('ls /etc/cloud/cloud.cfg.d /etc/growroot-disabled 2>/dev/null || true')).not.toContain('grow');
    await node.reboot();
    await intact();
  },
  2 * WAY,
);

test(
  'a static address, and a user with sudo whom the live system does not know',
  async () => {
    await node.must(
      `printf '[Match]\\nName=eth0\\n[Network]\\nAddress=10.0.2.15/24\\nGateway=10.0.2.2\\nLinkLocalAddressing=no\\nIPv6AcceptRA=no\\n' >/etc/systemd/network/10-eth0.network
      networkctl reload; networkctl reconfigure eth0 || systemctl restart systemd-networkd`,
    );
    await node.must('ip -4 -o addr show eth0 | grep -v dynamic | grep -q 10.0.2.15/24');
    write({ user: 'ops' });
    const { legs } = await plan();
    expect(JSON.stringify(legs)).toContain('ip=10.0.2.15::10.0.2.2:255.255.255.0:node-1:eth0:none');
    await finish();
  },
  WAY,
);

test(
  'what is refused, and with which numbers: nothing is done on the node',
  async () => {
    const refusal = async (args: readonly string[]): Promise<string> => {
      const done = await desk.run(args);
      expect(done.code).toBe(7);
      return done.stderr;
    };
    const execute = ['node', 'shrink', 'node-1', '--execute'];
    expect(await refusal(execute)).toMatch(/--confirm node-1\n[\s\S]*--confirm node-1:none/);
    expect(await refusal([...execute, '--confirm', 'node-1'])).toMatch(/--confirm node-1:none/);
    write({ sha256: 'a'.repeat(64) });
    expect(await refusal([...execute, ...CONFIRM])).toMatch(/is not the image that is wanted[\s\S]*its SHA-256 is/);
    write({ rootSize: '1500MiB' });
    expect(await refusal([...execute, ...CONFIRM])).toMatch(
      /root is too full for 1\.46 GiB[\s\S]*resize2fs estimates at least \d\.\d\d GiB, the live system's image needs 0\.\d\d GiB; with room to live, at least \d\.\d\d GiB/,
    );
    expect(await node.must('ls -d /boot/grml /etc/cloud/cloud.cfg.d/99* 2>/dev/null || true')).toBe('');
    expect(await node.must('sfdisk --dump /dev/vda')).toBe(table);
  },
  10 * MINUTES,
);

/** Into the live system by the command itself, which is killed there. */
const strand = async (): Promise<{ legs: { id: string; changes: { id: string; do: string; verify: string }[] }[] }> => {
  const planned = await plan();
  const { code } = await until('check', async (child) => {
    child.kill('SIGKILL');
  });
  expect(code).toBeNull();
  await node.must('test -e /etc/grml_version');
  return planned;
};

test(
  'power cuts in every phase on the disk: the node boots, the data is there, a second run finishes',
  async () => {
    const { legs } = await strand();
    const changes = legs.find(({ id }) => id === 'live')?.changes ?? [];
    expect(changes.map(({ id }) => id)).toEqual(['check', 'filesystem', 'partition', 'create', 'fill', 'proof']);
    const script = (change: (typeof changes)[number]): string => doScript({ do: Sh.raw(change.do), verify: Sh.raw(change.verify) });
    await lab.snapshot('live');
    // The last first: what is cut late needs no second way to the live system.
    for (const [i, change] of [...changes.entries()].reverse()) {
      await lab.restore('live');
      for (const before of changes.slice(0, i)) await node.must(script(before), { timeout: 5 * MINUTES });
      const running = node.exec(script(change), { timeout: 5 * MINUTES }).catch(() => null);
      // The shrinking itself takes seconds: somewhere in the middle of it.
      await new Promise((resolve) => setTimeout(resolve, change.id === 'filesystem' ? 4000 : 1200));
      await node.powerCut();
      await running;
      await node.start();
      await intact();
      const left = (await plan()).legs as { id: string; changes: { id: string }[] }[];
      process.stdout.write(`cut in ${change.id}: left ${left.map((leg) => leg.id).join(', ')}\n`);
      const whole = ['prepare', 'boot', 'live', 'after'];
      expect([whole, ['online'], ['after']]).toContainEqual(left.map((leg) => leg.id));
      // Until the table has been written only the live system can go on; then never again.
      if (change.id === 'check' || change.id === 'filesystem') expect(left).toHaveLength(4);
      if (i > 2) expect(left).toHaveLength(1);
      await finish();
    }
  },
  4 * WAY,
);

test(
  'power cuts while the live system is prepared and while it boots: a second run finishes',
  async () => {
    await until('menu', async (child) => {
      child.kill('SIGKILL');
      await node.powerCut();
    });
    await node.start();
    await intact();
    expect(await node.must('sfdisk --dump /dev/vda')).toBe(table);

    const cut = await until('arm', async (child) => {
      const before = (await node.bootId()) as string;
      while ((await node.bootId()) === before) await new Promise((resolve) => setTimeout(resolve, 200));
      child.kill('SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 15_000));
      await node.powerCut();
    });
    expect(cut.code).toBeNull();
    await node.start();
    await intact();
    expect(await node.must('sfdisk --dump /dev/vda')).toBe(table);
    await finish();
  },
  2 * WAY,
);

test(
  'a node whose power fails under its eyes: it says in which state the node is, and what to do',
  async () => {
    const done = await until('filesystem', async () => {
      await node.powerCut();
      await node.start();
    });
    const events = eventsOf(done);
    expect(done.code).toBe(5);
    expect(errorsOf(events)).toMatch(/the node has rebooted by itself, and is in its normal system/);
    expect(errorsOf(events)).toMatch(
      /left to do: [\s\S]*next: run the same again: it finishes what is left. Or undo what was done: glusterctl rollback/,
    );
    await intact();
    await finish();
  },
  2 * WAY,
);

test(
  'nobody at work in the live system: the node boots back by itself, and is booted back by a second run',
  async () => {
    await strand();
    const before = (await node.bootId()) as string;
    await node.must('systemctl is-active glusterctl-dead-man');
    await lab.snapshot('live');
    // The same watch, for seconds instead of minutes.
    await node.must(
      `systemctl stop glusterctl-dead-man
      sed -i 's/-lt [0-9]*/-lt 20/' /run/glusterctl.dead-man
      systemd-run --quiet --unit=short sh /run/glusterctl.dead-man watch`,
    );
    await node.waitForLogin(before, 5 * MINUTES);
    await intact();
    await lab.restore('live');
    const events = await finish();
    expect(events.flatMap(({ type, text }) => (type === 'note' ? [String(text)] : [])).join('\n')).toMatch(
      /is in the live system of an earlier run/,
    );
  },
  2 * WAY,
);

import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { labId } from './down.ts';
import { attachLab, down, type Lab, type LabNode, openLab } from './index.ts';
import { linksOf } from './link.ts';
import { loopsOf } from './loops.ts';
import { project } from './paths.ts';
import { processId } from './process.ts';
import { run, until } from './run.ts';

const NAME = 'lab-test';
const id = labId(NAME);

let lab: Lab;
let one: LabNode;
let two: LabNode;

beforeAll(async () => {
  lab = await openLab({ name: NAME, ports: [2222] });
  [one, two] = lab.nodes as [LabNode, LabNode];
}, 600_000);

afterAll(async () => {
  await lab?.down();
});

const ok = async (node: LabNode, script: string): Promise<string> => {
  const { stdout, stderr, code } = await node.exec(script, { timeoutMs: 300_000 });
  expect({ script, code, stderr: code === 0 ? '' : stderr }).toEqual({ script, code: 0, stderr: '' });
  return stdout.trim();
};

const ssh = (node: LabNode, user: string, command: string, port = 22) =>
  run('ssh', ['-o', 'BatchMode=yes', ...lab.sshArgs(node.name, { user, port }), command], { timeoutMs: 20_000 });

/** By the mirror in `tree`, as a line in a sources list. */
const addRepository = (tree: string, release: string): string => `
  cat > /etc/apt/keyrings/gluster.asc <<'KEY'
${readFileSync(lab.repo.keyFile, 'utf8')}KEY
  echo 'deb [signed-by=/etc/apt/keyrings/gluster.asc] ${tree}/10/${release}/Debian/bookworm/amd64/apt bookworm main' \
    > /etc/apt/sources.list.d/gluster.list
  apt-get -q -o APT::Update::Error-Mode=any update`;

describe('a node', () => {
  test('runs a systemd without failed units', async () => {
    for (const node of lab.nodes) expect(await ok(node, 'systemctl is-system-running --wait')).toBe('running');
  });

  test('takes a login from each of its users', async () => {
    for (const user of ['root', 'ops', 'pat', 'eve']) {
      expect((await ssh(two, user, 'whoami; hostname')).stdout).toBe(`${user}\nnode-2\n`);
    }
    expect((await ssh(two, 'root', 'hostname', 2222)).stdout).toBe('node-2\n');
  });

  test('lets ops use sudo, asks pat for a password, and refuses eve', async () => {
    expect((await ssh(two, 'ops', 'sudo -n whoami')).stdout).toBe('root\n');
    expect((await ssh(two, 'pat', 'sudo -n whoami')).stderr).toContain('password is required');
    expect((await ssh(two, 'pat', `echo '${lab.password}' | sudo -S whoami`)).stdout).toBe('root\n');
    expect((await ssh(two, 'eve', `echo '${lab.password}' | sudo -S whoami`)).code).not.toBe(0);
  });

  test('lets pat in by password', async () => {
    const askpass = join(lab.dir, 'askpass');
    writeFileSync(askpass, `#!/bin/sh\necho '${lab.password}'\n`, { mode: 0o755 });
    const env = { ...process.env, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' };
    const args = ['-o', 'PreferredAuthentications=password', '-o', 'PubkeyAuthentication=no', ...lab.sshArgs(two.name, { user: 'pat' })];
    expect((await run('ssh', [...args, 'whoami'], { env, timeoutMs: 20_000 })).stdout).toBe('pat\n');
  });

  test('knows no other node by name, and reaches nothing outside', async () => {
    expect((await one.exec('getent hosts node-2')).code).toBe(2);
    expect(await ok(one, 'getent hosts node-1')).toContain(one.address);
    expect(await ok(one, 'ip route show default')).toBe('');
    expect((await one.exec(`ping -c 1 -W 1 ${two.address}`)).code).toBe(0);
  });

  test('shows its own disks only, and a mounted brick', async () => {
    expect(await ok(one, 'lsblk -nro NAME,SIZE,MOUNTPOINT')).toBe('vdb 2G \nvdc 4G /data/brick1');
    expect(await ok(one, 'findmnt -no SOURCE,FSTYPE /data/brick1')).toBe('/dev/vdc xfs');
    await ok(one, 'mkfs.ext4 -q /dev/vdb && blkid -s TYPE -o value /dev/vdb | grep -x ext4');
  });
});

describe('power', () => {
  test('a reboot keeps the files and the brick, and gives a new boot id', async () => {
    const before = await ok(one, 'cat /proc/sys/kernel/random/boot_id; echo kept > /root/a; echo kept > /data/brick1/a');
    await one.reboot();
    expect(await ok(one, 'cat /root/a /data/brick1/a')).toBe('kept\nkept');
    expect(await ok(one, 'cat /proc/sys/kernel/random/boot_id')).not.toBe(before);
    expect((await ssh(one, 'root', 'true')).code).toBe(0);
  });

  test('a filesystem in fstab is mounted at boot', async () => {
    await ok(one, 'mkdir /mnt/disk; echo "UUID=$(blkid -s UUID -o value /dev/vdb) /mnt/disk ext4 defaults 0 2" >> /etc/fstab');
    await one.reboot();
    expect(await ok(one, 'findmnt -no SOURCE /mnt/disk; systemctl is-system-running --wait')).toBe('/dev/vdb\nrunning');
  });

  test('a power cut ends everything at once, and it boots again', async () => {
    await ok(one, 'systemd-run --unit=busy sleep 1000');
    await one.powerCut();
    expect((await one.exec('systemctl is-active busy')).stdout).toBe('inactive\n');
    expect((await ssh(one, 'ops', 'true')).code).toBe(0);
  });

  test('a node stays off until it is switched on', async () => {
    await one.powerCut({ stayOff: true });
    await expect(one.exec('true')).rejects.toThrow('does not run');
    await one.powerOn();
    expect((await ssh(one, 'root', 'true')).code).toBe(0);
  });

  test('an unplugged node is not reached, over a reboot too, until it is plugged in', async () => {
    const reach = () => two.exec(`ping -c 1 -W 1 ${one.address}`);
    await one.unplug();
    expect((await reach()).code).not.toBe(0);
    await one.powerCut();
    expect((await reach()).code).not.toBe(0);
    await one.plug();
    expect((await reach()).code).toBe(0);
    expect((await ssh(one, 'root', 'true')).code).toBe(0);
  });
});

describe('storage', () => {
  test('a reset gives back the first boot, login included', async () => {
    await ok(one, 'echo x > /root/x; echo x > /data/brick1/x; rm /etc/hostname; echo x > /dev/vdb; touch /etc/sudoers.d/x');
    await one.reset();
    expect(await ok(one, 'ls -A /root /data/brick1 /etc/sudoers.d; cat /etc/hostname; blkid /dev/vdb || echo blank')).toMatch(
      /^\/data\/brick1:\n\n\/etc\/sudoers\.d:\nREADME\nops\npat\n\n\/root:\n\.bashrc\n\.profile\n\.ssh\nnode-1\nblank$/,
    );
    expect((await ssh(one, 'ops', 'sudo -n true')).code).toBe(0);
  });

  test('a snapshot is restored with files, attributes, removals, disk and brick', async () => {
    await ok(
      two,
      `echo one > /root/x; rm -rf /opt /etc/skel; mkdir /etc/skel; setfattr -n trusted.lab -v one /data/brick1
       echo one > /data/brick1/x; setfattr -n user.lab -v one /root/x; printf one > /dev/vdb; systemctl disable systemd-timesyncd`,
    );
    await two.snapshot('kept');
    const look = `cat /root/x /data/brick1/x; ls -A /etc/skel; ls -d /opt; getfattr -d -m- --absolute-names /root/x /data/brick1 2>&1
       head -c 3 /dev/vdb; systemctl is-enabled systemd-timesyncd`;
    const then = (await two.exec(look)).stdout;
    expect(then).toContain('trusted.lab="one"');
    await ok(two, 'echo two > /root/x; mkdir /opt; echo two > /data/brick1/x; printf two > /dev/vdb; touch /etc/skel/two');
    await two.restore('kept');
    expect((await two.exec(look)).stdout).toBe(then);
    await two.snapshot('again');
    await two.restore('again');
    expect((await two.exec(look)).stdout).toBe(then);
    await two.reset();
    expect((await two.exec('ls /opt /root/x')).stdout).toBe('/opt:\n');
  });
});

describe('packages', () => {
  test('an exact version is installed from the mirror, and carries a volume', async () => {
    await one.reset();
    await ok(one, addRepository(lab.repo.mirror, '10.3'));
    const names = ['server', 'client', 'common', 'cli'].map((part) => `glusterfs-${part}=10.3-1`).join(' ');
    const libraries = ['gfapi0', 'gfchangelog0', 'gfrpc0', 'gfxdr0', 'glusterd0', 'glusterfs0'].map((lib) => `lib${lib}=10.3-1`).join(' ');
    await ok(one, `DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends ${names} ${libraries}`);
    expect(await ok(one, `dpkg-query -W -f '\${Version}\\n' '*glusterfs*' 'libgf*' | sort -u`)).toBe('10.3-1');
    await ok(one, 'systemctl enable --now glusterd');
    await ok(one, `gluster --mode=script volume create gv0 ${one.address}:/data/brick1/gv0 && gluster volume start gv0`);
    expect(await ok(one, 'gluster --xml volume status gv0')).toContain('<status>1</status>');
    await ok(one, `mount -t glusterfs localhost:/gv0 /mnt && echo hello > /mnt/a && cat /data/brick1/gv0/a`);
    expect(await ok(one, 'systemctl is-system-running')).toBe('running');
  });

  test('a volume is mounted on first use, also after a reboot', async () => {
    const line = 'localhost:/gv0 /mnt/gv0 glusterfs noauto,x-systemd.automount,_netdev 0 0';
    await ok(one, `umount /mnt; mkdir /mnt/gv0; echo '${line}' >> /etc/fstab; systemctl daemon-reload; systemctl start mnt-gv0.automount`);
    expect(await ok(one, 'cat /mnt/gv0/a; findmnt -no FSTYPE /mnt/gv0')).toBe('hello\nautofs\nfuse.glusterfs');
    await one.reboot();
    expect(await ok(one, 'systemctl start mnt-gv0.automount; cat /mnt/gv0/a')).toBe('hello');
  });

  test('chrony runs without touching the clock', async () => {
    await ok(one, 'DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends chrony');
    expect(await ok(one, 'systemctl is-active chrony; systemctl is-system-running')).toBe('active\nrunning');
  });

  test('a snapshot of a node with a mounted volume comes back with it', async () => {
    await one.snapshot('volume');
    await one.reset();
    await one.restore('volume');
    await ok(
      one,
      'i=0; until gluster --xml volume status gv0 | grep -q "<status>1</status>"; do i=$((i+1)); [ $i -lt 50 ]; sleep 0.2; done',
    );
    await ok(one, `mount -t glusterfs localhost:/gv0 /media && cat /media/a`);
  });

  test('a mirror that keeps both releases offers 10.4 too, and 10.4 says so', async () => {
    await ok(two, addRepository(lab.repo.both, '10.3'));
    const madison = await ok(two, 'apt-cache madison glusterfs-server');
    expect(madison.match(/10\.[0-9]-[0-9]/g)).toEqual(['10.4-1', '10.3-5', '10.3-1']);
    await ok(two, 'DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends glusterfs-server');
    expect(await ok(two, 'gluster --version | head -1; systemctl start glusterd; gluster pool list | wc -l')).toMatch(
      /^glusterfs 10\.4\n2$/,
    );
    expect(await ok(two, 'dpkg --verify glusterfs-common glusterfs-server')).toBe('');
  });

  test('an unsigned tree and one with a wrong key are refused by apt', async () => {
    const three = lab.node('node-3');
    for (const tree of [lab.repo.unsigned, lab.repo.wrongKey]) {
      expect((await three.exec(addRepository(tree, '10.4'))).code).not.toBe(0);
    }
    expect((await three.exec(addRepository(lab.repo.mirror, 'LATEST'))).code).toBe(0);
  });

  test('the operator can fetch the key', async () => {
    const { stdout } = await run('curl', ['-sf', '--cacert', lab.caFile, `${lab.server}/pub/gluster/glusterfs/10/rsa.pub`]);
    expect(stdout).toBe(readFileSync(lab.repo.keyFile, 'utf8'));
  });
});

describe('down', () => {
  /** Every process of the lab: its namespaces, and the mounts in them, live as long as these. */
  const foreign = (of = id): string[] =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          const zombie = processId(Number(pid)) === undefined;
          return !zombie && readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(`glusterctl-lab-${of}`);
        } catch {
          return false;
        }
      });

  test('a second lab runs beside the first', async () => {
    const other = await openLab({ name: `${NAME}-2`, nodes: 1, brickMount: false, loopbackName: true });
    try {
      expect((await other.node('node-1').exec('grep node-1 /etc/hosts; ls /dev/vd?; findmnt /data/brick1')).stdout).toBe(
        '127.0.1.1 node-1\n/dev/vdb\n',
      );
      expect((await ssh(one, 'root', 'true')).code).toBe(0);
    } finally {
      await other.down();
    }
    expect((await ssh(one, 'root', 'true')).code).toBe(0);
  });

  test('what a killed lab has left goes too', async () => {
    const name = `${NAME}-3`;
    const crashed = await openLab({ name, nodes: 1 });
    const { holder } = JSON.parse(readFileSync(join(crashed.dir, 'state.json'), 'utf8')) as { holder: { pid: number } };
    process.kill(holder.pid, 'SIGKILL');
    rmSync(join(crashed.dir, 'state.json'));
    await down(name);
    expect(foreign(labId(name))).toEqual([]);
    expect(loopsOf(`${labId(name)}-`)).toEqual([]);
    expect(await linksOf(labId(name))).toEqual([]);
    expect(() => statSync(crashed.dir)).toThrow();
  });

  test('a lab ends with the process that opened it', async () => {
    const name = `${NAME}-4`;
    // Node 20 does not run TypeScript, but vite, which runs these tests, does.
    const script = `
      const { createServer } = await import('vite');
      const server = await createServer({ configFile: false, appType: 'custom', server: { middlewareMode: true, ws: false, watch: null } });
      const { openLab } = await server.ssrLoadModule('/test/lab/index.ts');
      await openLab({ name: '${name}', nodes: 1 });
      process.kill(process.pid, 'SIGKILL');`;
    const opener = await run('node', ['--input-type=module', '-e', script], { cwd: project, timeoutMs: 60_000 });
    expect(opener.stderr).not.toContain('Error');
    expect(opener.code).toBe(137);
    await until('the lab to end', 10_000, () => foreign(labId(name)).length === 0);
    expect(attachLab(name)).toBeUndefined();
    await down(name);
  });

  test('leaves no process, namespace, mount, loop device, interface or file', async () => {
    expect(foreign().length).toBeGreaterThan(20);
    expect(loopsOf(`${id}-`)).toHaveLength(6);
    await lab.down();
    expect(foreign()).toEqual([]);
    expect(loopsOf(`${id}-`)).toEqual([]);
    expect(await linksOf(id)).toEqual([]);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(lab.dir);
    expect(() => statSync(lab.dir)).toThrow();
    expect(attachLab(NAME)).toBeUndefined();
  });
});

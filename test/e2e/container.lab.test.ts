import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorsOf, eventsOf } from '../helpers/events.ts';
import { nodeState, stateDiff } from '../helpers/node-state.ts';
import { openScene, type Scene } from '../helpers/scene.ts';

const MOUNTS = 'mounts:\n  - { volume: gv0, path: /mnt/gv0, nodes: [node-1, node-2] }';

let scene: Scene;
const before = new Map<string, string>();

const states = async (): Promise<Map<string, string>> =>
  new Map(await Promise.all(scene.lab.nodes.map(async (node): Promise<[string, string]> => [node.name, await nodeState(node)])));
const finished = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
const on = async (name: string, script: string): Promise<string> => {
  const { code, stdout, stderr } = await scene.lab.node(name).exec(script, { timeoutMs: 90_000 });
  if (code !== 0) throw new Error(`${name}: ${stderr}`);
  return stdout;
};
const everywhere = (script: string): Promise<string[]> => Promise.all(scene.lab.nodes.map(({ name }) => on(name, script)));
const use = (image: string, version = '10.3'): void => {
  const yaml = scene.lab.clusterYaml({ clients: true, version, extra: MOUNTS });
  scene.write(yaml.replace('gluster:\n', `gluster:\n  use: container\n  image: ${image}\n`));
};

/** Overlayfs, which podman lays images on, does not go on the overlay of a lab node. */
const STORAGE = `
  mkfs.xfs -q /dev/vdc
  mkdir -p /var/lib/containers
  echo '/dev/vdc /var/lib/containers xfs nofail 0 0' >>/etc/fstab
  mount /var/lib/containers
  # systemd hears of it in its own time.
  until systemctl is-active -q var-lib-containers.mount; do sleep 0.2; done`;

beforeAll(async () => {
  scene = await openScene({ name: 'container', nodes: 2, disks: ['1G', '3G'], images: true });
  await everywhere(STORAGE);
  for (const [name, state] of await states()) before.set(name, state);
});
afterAll(() => scene?.close());

describe('glusterd in containers', () => {
  it('does not come from a registry that is not reached, nor from an image of another version', async () => {
    use('registry.invalid/glusterfs:10.3');
    const away = await scene.run(['apply', '--yes']);
    expect([away.code, away.stderr]).toEqual([5, expect.stringContaining('podman cannot fetch registry.invalid/glusterfs:10.3')]);
    use('registry.example/glusterfs:10.4');
    const other = await scene.run(['apply', '--yes']);
    expect([other.code, other.stderr]).toEqual([5, expect.stringContaining('has GlusterFS 10.4, and cluster.yaml wants 10.3')]);
  });

  it('come up as a pool with a started volume, mounted by clients from packages', async () => {
    use('registry.example/glusterfs:10.3');
    const { code, stdout, stderr } = await scene.run(['apply', '--yes', '--json']);
    expect(stderr).toBe('');
    expect([code, finished(stdout)]).toMatchObject([0, { result: 'changed', failed: 0 }]);
    await on('node-1', 'echo hello >/mnt/gv0/hello');
    expect(await on('node-2', 'cat /mnt/gv0/hello')).toBe('hello\n');
    expect(await everywhere('gluster --version | sed q; ! command -v glusterd')).toEqual(Array(2).fill('glusterfs 10.3\n'));
    expect(await on('node-1', 'podman ps --format "{{.Names}} {{.Image}}"')).toBe('glusterctl-glusterd registry.example/glusterfs:10.3\n');
  });

  it('are as wanted then, and healthy', async () => {
    const plan = await scene.run(['plan', '--json', '--detailed-exitcode']);
    expect([plan.code, JSON.parse(plan.stdout).changes]).toEqual([0, []]);
    const status = await scene.run(['status', '--json']);
    expect([status.code, JSON.parse(status.stdout)]).toMatchObject([0, { healthy: true, faults: [] }]);
    const check = await scene.run(['check', '--json']);
    expect([check.code, check.stderr]).toEqual([0, expect.anything()]);
  });

  it('are described by a file with which nothing is left to do', async () => {
    const { lab, dir } = scene;
    const [one] = lab.nodes;
    const login = ['--user', 'root', '--identity-file', lab.identityFile, '--known-hosts', lab.knownHosts];
    const file = join(dir, 'live.yaml');
    const made = await scene.run(['init', '--from-live', '--node', one?.address ?? '', ...login, '--no-input', '-o', file]);
    expect(made.code, made.stderr).toBe(0);
    expect(readFileSync(file, 'utf8')).toMatch(/use: container .*\n {2}image: registry\.example\/glusterfs:10\.3\n {2}engine: podman\n/);
    const plan = await scene.run(['plan', '-c', file, '--detailed-exitcode']);
    expect(plan.code, plan.stdout + plan.stderr).toBe(0);
  });

  it('see a disk that is mounted later, and one that goes and comes again', async () => {
    const seen = 'stat -c %d /data/late "/proc/$(cat /run/gluster/glusterd.pid)/root/data/late"';
    const look = async (script: string): Promise<string[]> => (await on('node-1', `${script} && ${seen}`)).trim().split('\n');
    const [before, inside] = await look('mkfs.xfs -q /dev/vdb && mkdir /data/late');
    expect(inside).toBe(before);
    const [mounted, late] = await look('mount /dev/vdb /data/late');
    expect(mounted).not.toBe(before);
    expect(late).toBe(mounted);
    // A container that kept it would keep the device busy.
    expect(await look('umount /data/late')).toEqual([before, before]);
    expect(await look('mount /dev/vdb /data/late')).toEqual([mounted, mounted]);
    await on('node-1', 'umount /data/late && rmdir /data/late && wipefs -qa /dev/vdb');
  });

  it('know a name that comes later', async () => {
    const found = `echo 192.0.2.7 late >/etc/hosts.new && cat /etc/hosts >>/etc/hosts.new && cp /etc/hosts /etc/hosts.old && mv /etc/hosts.new /etc/hosts
      nsenter -t "$(cat /run/gluster/glusterd.pid)" -m getent hosts late; mv /etc/hosts.old /etc/hosts`;
    expect(await on('node-1', found)).toMatch(/^192\.0\.2\.7 /);
  });

  it('are there again after a reboot, with their bricks', async () => {
    await scene.lab.node('node-2').reboot();
    const whole = `end=$(($(date +%s) + 80))
      until gluster volume status gv0 detail 2>/dev/null | grep -c '^Online *: Y' | grep -qx 2; do
        if [ "$(date +%s)" -ge "$end" ]; then { journalctl -b --no-pager -u glusterd | tail -n 5; findmnt --real; } >&2; exit 1; fi
        sleep 0.5
      done
      cat /mnt/gv0/hello`;
    expect(await on('node-2', whole)).toBe('hello\n');
    // Killed, as by a kernel that is out of memory.
    await on('node-2', 'kill -9 "$(cat /run/gluster/glusterd.pid)"');
    expect(await on('node-2', `sleep 2; ${whole}`)).toBe('hello\n');
    expect((await scene.run(['plan', '--detailed-exitcode'])).code).toBe(0);
  });

  it('are not mixed with packages', async () => {
    const yaml = readFileSync(scene.config, 'utf8');
    scene.write(yaml.replace(/ {2}use: .*\n {2}image: .*\n/, ''));
    const plan = await scene.run(['plan']);
    expect([plan.code, plan.stderr]).toEqual([7, expect.stringContaining('glusterd runs in a container here')]);
    scene.write(yaml);
  });

  it('move to another image one after the other, and a client that has the volume mounted does not lose it (voice 21)', async () => {
    use('registry.example/glusterfs:10.4', '10.4');
    const plan = JSON.parse((await scene.run(['plan', '--json'])).stdout);
    const restarts = plan.changes.filter(({ step }: { step: string }) => step === 'container-restart');
    expect(restarts).toMatchObject([
      { node: 'node-1', risk: 'disruptive' },
      { node: 'node-2', risk: 'disruptive' },
      { node: 'node-1', id: 'mesh', risk: 'safe' },
    ]);
    const apply = await scene.run(['apply', '--yes', '--json']);
    expect(apply.stderr).toBe('');
    const events = eventsOf(apply);
    expect(errorsOf(events)).toBe('');
    expect(events.at(-1)).toMatchObject({ result: 'changed', failed: 0, exit: 0 });
    expect(await everywhere('gluster --version | sed q; cat /mnt/gv0/hello')).toEqual(Array(2).fill('glusterfs 10.4\nhello\n'));
    expect((await scene.run(['plan', '--detailed-exitcode'])).code).toBe(0);
  });

  it('leave no trace after a rollback', async () => {
    await on('node-1', 'rm /mnt/gv0/hello');
    for (let i = 0; i < 5; i += 1) {
      const back = await scene.run(['rollback', '--yes']);
      if (back.stderr.includes('there is nothing to undo')) break;
      expect(back.stderr).toContain('Rolled back');
      expect(back.code).toBe(0);
    }
    const now = await states();
    for (const [name, state] of before) expect(stateDiff(state, now.get(name) ?? ''), name).toEqual([]);
  });
});

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeState, stateDiff } from '../helpers/node-state.ts';
import { openScene, type Scene } from '../helpers/scene.ts';

/*
 * Heketi itself could not be had (docs/kubernetes.md says what was tried): what answers here is a stand-in of its server and its
 * client, made after their API document. The nodes, the key, sshd, LVM and glusterd are real.
 */

let scene: Scene;
let archive: Buffer;
const before = new Map<string, string>();

const states = async (): Promise<Map<string, string>> =>
  new Map(await Promise.all(scene.lab.nodes.map(async (node): Promise<[string, string]> => [node.name, await nodeState(node)])));
const finished = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
const on = async (name: string, script: string): Promise<string> => {
  const { code, stdout, stderr } = await scene.lab.node(name).exec(script, { timeoutMs: 60_000 });
  if (code !== 0) throw new Error(`${name}: ${stderr}`);
  return stdout;
};
const everywhere = (script: string): Promise<string[]> => Promise.all(scene.lab.nodes.map(({ name }) => on(name, script)));
const go = async (...args: string[]): Promise<string> => {
  const { code, stdout, stderr } = await scene.run(args);
  if (code !== 0) throw new Error(`${args.join(' ')}: exit ${code}\n${stderr}\n${stdout}`);
  return stdout;
};

beforeAll(async () => {
  scene = await openScene({ name: 'heketi', nodes: 3 });
  const path = join(scene.dir, 'heketi.tar.gz');
  execFileSync('tar', ['-czf', path, '-C', 'test/heketi', '--transform', 's,^stand-in,heketi,', 'stand-in']);
  archive = readFileSync(path);
  const sha256 = createHash('sha256').update(archive).digest('hex');
  const yaml = scene.lab
    .clusterYaml({
      volumes: `heketi: { node: node-1, archive: /root/heketi.tar.gz, sha256: ${sha256} }`,
      extra: 'kubernetes: { volumes: [{ volume: dyn, claim: data, size: 1Gi, method: heketi }] }',
    })
    .replace(/(name: (node-\d), address: [^ ]+) \}/g, '$1, zone: rack-$2, disks: [{ device: /dev/vdb, use: heketi }] }');
  scene.write(yaml);
  await on('node-1', `base64 -d >/root/heketi.tar.gz <<'END'\n${archive.toString('base64')}\nEND`);
  // The stand-in makes no thin pool, so that the lab's kernel, which has no device mapper, may say that it has one.
  await everywhere(
    'd=/lib/modules/$(uname -r) && mkdir -p "$d" && : >"$d/modules.dep" && echo kernel/drivers/md/dm-thin-pool.ko >"$d/modules.builtin"',
  );
  // There is no udev: this is the name that it would give.
  await everywhere('mkdir -p /dev/disk/by-id && ln -s ../../vdb /dev/disk/by-id/virtio-BRICK');
  for (const [name, state] of await states()) before.set(name, state);
});
afterAll(() => scene?.close());

describe('Heketi on a pool', () => {
  let topology: string;

  it('is planned, and says once that its project is archived', async () => {
    const { code, stdout, stderr } = await scene.run(['plan', '--detailed-exitcode']);
    expect(code, stderr).toBe(10);
    expect(`${stdout}${stderr}`.match(/archived/g)).toHaveLength(1);
  });

  it('comes up with a key that it may log in with, and keys that nobody sees', async () => {
    const { code, stdout, stderr } = await scene.run(['apply', '--yes', '--json']);
    expect(stderr).toBe('');
    expect([code, finished(stdout)]).toMatchObject([0, { result: 'changed', failed: 0 }]);
    expect(await on('node-1', 'stat -c %a:%U /etc/heketi/heketi.json /etc/heketi/heketi_key')).toBe('600:heketi\n600:heketi\n');
    const keys = (await on('node-1', `grep -o '[0-9a-f]\\{64\\}' /etc/heketi/heketi.json`)).trim().split('\n');
    expect(new Set(keys).size).toBe(2);
    const told = [stdout, JSON.stringify(scene.journal()), (await scene.run(['plan', '--json', '--commands'])).stdout].join('\n');
    for (const key of keys) expect(told).not.toContain(key);
    // Kubernetes has to be told: the admin's, in the Secret, and nothing else.
    const { objects } = JSON.parse(await go('k8s', 'manifests', '--version', '1.25', '--json'));
    const secret = objects.find(({ kind }: { kind: string }) => kind === 'Secret');
    expect(Buffer.from(secret.data.key, 'base64').toString()).toBe(keys[0]);
    for (const line of await everywhere('tail -n 1 /root/.ssh/authorized_keys'))
      expect(line).toMatch(/^from="[^"]*",no-agent-forwarding,.* ecdsa-sha2-nistp256 \S+ glusterctl-heketi-/);
    expect(await everywhere('vgs --noheadings -o vg_name')).toEqual([1, 2, 3].map(() => expect.stringMatching(/^ *vg_[0-9a-f]{32}\n$/)));
  });

  it('is as wanted then: no change, no second load', async () => {
    const again = await scene.run(['plan', '--json', '--detailed-exitcode']);
    expect([again.code, JSON.parse(again.stdout).changes]).toEqual([0, []]);
    expect(finished(await go('heketi', 'load', '--yes', '--json'))).toMatchObject({ result: 'converged', changed: 0 });
  });

  it('knows what the nodes are: the topology from their facts is what it exports, byte for byte', async () => {
    topology = await go('heketi', 'topology');
    expect(JSON.parse(topology).clusters[0].nodes.map((n: { node: unknown; devices: unknown }) => [n.node, n.devices])).toEqual(
      scene.lab.nodes.map(({ name, address }, i) => [
        { hostnames: { manage: [name], storage: [address] }, zone: i + 1 },
        ['/dev/disk/by-id/virtio-BRICK'],
      ]),
    );
    expect(await go('heketi', 'export')).toBe(topology);
    const { address } = scene.lab.node('node-2');
    expect(await go('heketi', 'topology', '--format', 'ibm')).toContain(
      `  - k8sNodeName: node-2\n    k8sNodeIp: ${address}\n    devices:\n      - /dev/disk/by-id/virtio-BRICK\n`,
    );
  });

  it('gives its client to the operator, and explains what that refuses', async () => {
    expect(await go('heketi', 'cli', '--', 'cluster', 'list')).toMatch(/^Clusters:\nId:[0-9a-f]{32} /);
    const full = await scene.run(['heketi', 'cli', '--', 'volume', 'create', '--size=10']);
    expect(full.code).toBe(5);
    expect(full.stderr).toContain('Error: No space');
    expect(full.stderr).toContain('replica 3 needs three nodes');
  });

  it('starts again when what it reads has changed, and keeps its keys', async () => {
    const keys = await on('node-1', 'sha256sum /etc/heketi/heketi.json');
    await on('node-1', 'echo HEKETI_FSTAB=/etc/other >>/etc/heketi/heketi.env');
    expect(finished(await go('apply', '--yes', '--json'))).toMatchObject({ result: 'changed', changed: 2 });
    expect(await on('node-1', 'sha256sum /etc/heketi/heketi.json')).toBe(keys);
    expect(await go('heketi', 'export')).toBe(topology);
  });

  it('does not unpack an archive with another checksum than that of the file', async () => {
    const yaml = readFileSync(scene.config, 'utf8');
    const url = 'https://download.gluster.org/pub/gluster/glusterfs/10/rsa.pub';
    scene.write(yaml.replace('/root/heketi.tar.gz', url).replace(/sha256: ../, 'sha256: 00'));
    const { code, stderr } = await scene.run(['apply', '--yes']);
    expect([code, stderr]).toEqual([5, expect.stringMatching(/the archive has the checksum [0-9a-f]{64}, cluster\.yaml says 00/)]);
    scene.write(yaml);
    expect(finished(await go('apply', '--yes', '--json'))).toMatchObject({ exit: 0 });
  });

  it('takes a disk of another Heketi as little as one that is not blank', async () => {
    const group = (await on('node-2', 'vgs --noheadings -o vg_name')).trim();
    const other = `vg_${'0'.repeat(32)}`;
    await on('node-2', `vgrename ${group} ${other}`);
    const first = await scene.run(['plan']);
    expect([first.code, first.stderr]).toEqual([7, expect.stringContaining(`carries the group ${other} of a Heketi that is not this one`)]);
    await on('node-2', `vgrename ${other} data`);
    const second = await scene.run(['heketi', 'load', '--yes']);
    expect([second.code, second.stderr]).toEqual([7, expect.stringContaining('is not taken for use: heketi')]);
    await on('node-2', `vgrename data ${group}`);
  });

  it('leaves no trace after a rollback', async () => {
    for (let i = 0; i < 3; i += 1) {
      const back = await scene.run(['rollback', '--yes']);
      if (back.stderr.includes('there is nothing to undo')) break;
      expect(back.stderr).toContain('Rolled back');
      expect(back.code).toBe(0);
    }
    expect((await on('node-1', 'wipefs -n /dev/vdb; cat /root/.ssh/authorized_keys')).match(/LVM|heketi/)).toBe(null);
    const now = await states();
    for (const [name, state] of before) expect(stateDiff(state, now.get(name) ?? ''), name).toEqual([]);
  });
});

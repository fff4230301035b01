import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeState, stateDiff } from '../helpers/node-state.ts';
import { openScene, type Scene } from '../helpers/scene.ts';

let scene: Scene;
const before = new Map<string, string>();

const states = async (): Promise<Map<string, string>> =>
  new Map(await Promise.all(scene.lab.nodes.map(async (node): Promise<[string, string]> => [node.name, await nodeState(node)])));
const expectUnchanged = async (): Promise<void> => {
  const now = await states();
  for (const [name, state] of before) expect(stateDiff(state, now.get(name) ?? ''), name).toEqual([]);
};
const everywhere = async (script: string): Promise<string[]> =>
  Promise.all(scene.lab.nodes.map(async (node) => (await node.exec(script, { timeoutMs: 300_000 })).stdout.trim()));
const finished = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1) ?? '');

/** node-1 is Debian 12, node-2 and node-3 stand in for Rocky Linux 9; all are server and client. */
beforeAll(async () => {
  scene = await openScene({ name: 'el-mixed', nodes: 3, families: { 'node-2': 'el9', 'node-3': 'el9' } });
  const mounts = 'mounts:\n  - { volume: gv0, path: /mnt/gv0, nodes: [node-1, node-2, node-3] }';
  scene.write(scene.lab.clusterYaml({ clients: true, extra: mounts, user: 'ops' }));
  for (const [name, state] of await states()) before.set(name, state);
});
afterAll(() => scene?.close());

describe('a pool of Debian and EL nodes from one cluster file (voice 4)', () => {
  it('is planned without writing anything on the nodes', async () => {
    const plan = await scene.run(['plan', '--json', '--detailed-exitcode']);
    expect(plan.stderr).toBe('');
    expect(plan.code).toBe(10);
    const steps = (node: string): string[] => [
      ...new Set<string>(
        JSON.parse(plan.stdout)
          .changes.filter((c: { node: string }) => c.node === node)
          .map((c: { step: string }) => c.step),
      ),
    ];
    expect(steps('node-1')).toEqual(expect.arrayContaining(['apt-repository', 'apt-packages', 'glusterd', 'mount']));
    expect(steps('node-2')).toEqual(expect.arrayContaining(['dnf-repository', 'dnf-packages', 'glusterd', 'mount']));
    expect(steps('node-2').filter((step) => step.startsWith('apt'))).toEqual([]);
    await expectUnchanged();
  });

  it('comes up from bare to a started, mounted volume', async () => {
    const apply = await scene.run(['apply', '--yes', '--json']);
    expect(apply.stderr).toBe('');
    expect(finished(apply.stdout)).toMatchObject({ result: 'changed', failed: 0, exit: 0 });
    await scene.lab.node('node-1').exec('echo hello >/mnt/gv0/hello');
    expect(await everywhere('cat /mnt/gv0/hello')).toEqual(['hello', 'hello', 'hello']);
    expect(await everywhere('gluster volume info gv0 | grep -c "^Status: Started"')).toEqual(['1', '1', '1']);
  });

  it('has the version of the file everywhere, and an upgrade of the system does not move it (voice 7)', async () => {
    const version = "gluster --version | sed -n '1s/^glusterfs \\([0-9.]*\\).*/\\1/p'";
    expect(await everywhere(version)).toEqual(['10.3', '10.3', '10.3']);
    expect(await scene.lab.node('node-2').exec('dnf -q --showduplicates list glusterfs-server 2>&1')).toMatchObject({
      stdout: expect.stringContaining('10.3'),
    });
    expect(
      await scene.lab.node('node-2').exec('dnf -q --disableplugin=versionlock --showduplicates list glusterfs-server 2>&1'),
    ).toMatchObject({
      stdout: expect.stringContaining('10.4'),
    });
    await everywhere('if command -v dnf >/dev/null; then dnf -y upgrade; else apt-get -y dist-upgrade; fi');
    expect(await everywhere(version)).toEqual(['10.3', '10.3', '10.3']);
  });

  it('is as wanted then: 0 changes', async () => {
    const again = await scene.run(['apply', '--yes', '--json']);
    expect(finished(again.stdout)).toMatchObject({ result: 'converged', changed: 0, exit: 0 });
    expect((await scene.run(['plan', '--detailed-exitcode'])).code).toBe(0);
    expect(JSON.parse((await scene.run(['status', '--json'])).stdout)).toMatchObject({ healthy: true, faults: [] });
  });

  it('is what it was after a rollback', async () => {
    await scene.lab.node('node-1').exec('rm /mnt/gv0/hello');
    const back = await scene.run(['rollback', '--yes']);
    expect(back.stderr).toContain('Rolled back');
    expect(back.code).toBe(0);
    await expectUnchanged();
  });
});

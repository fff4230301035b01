import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeState, stateDiff } from '../helpers/node-state.ts';
import { openScene, type Scene } from '../helpers/scene.ts';

const MOUNTS = 'mounts:\n  - { volume: gv0, path: /mnt/gv0, nodes: [node-1, node-2, node-3] }';

let scene: Scene;
const before = new Map<string, string>();

const states = async (): Promise<Map<string, string>> =>
  new Map(await Promise.all(scene.lab.nodes.map(async (node): Promise<[string, string]> => [node.name, await nodeState(node)])));

const expectUnchanged = async (): Promise<void> => {
  const now = await states();
  for (const [name, state] of before) expect(stateDiff(state, now.get(name) ?? ''), name).toEqual([]);
};

/** Sessions that sshd has opened on a node since it was booted; LogLevel VERBOSE writes one line for each. */
const sessions = async (): Promise<number[]> =>
  Promise.all(
    scene.lab.nodes.map(async (node) =>
      Number((await node.exec("journalctl -u ssh --no-pager | grep -c 'Starting session: command' || true")).stdout),
    ),
  );

beforeAll(async () => {
  scene = await openScene({ name: 'main-job', nodes: 3, geoReplication: true });
  scene.write(scene.lab.clusterYaml({ clients: true, extra: MOUNTS }));
  for (const node of scene.lab.nodes)
    await node.exec("echo 'LogLevel VERBOSE' >/etc/ssh/sshd_config.d/verbose.conf && systemctl reload ssh");
  for (const [name, state] of await states()) before.set(name, state);
});
afterAll(() => scene?.close());

describe('three bare nodes', () => {
  let planned: { changes: { id: string; node: string; step: string; do: string; undo: string }[]; summary: { changes: number } };

  it('are planned without writing anything on them (voice 23)', async () => {
    const plan = await scene.run(['plan', '--json', '--detailed-exitcode']);
    expect(plan.stderr).toBe('');
    expect(plan.code).toBe(10);
    planned = JSON.parse(plan.stdout);
    expect(planned.summary.changes).toBeGreaterThan(20);
    const dry = await scene.run(['apply', '--dry-run', '--yes']);
    expect(dry.code).toBe(0);
    await expectUnchanged();
  });

  it('become a pool with a started, mounted volume, by the commands of the plan, byte for byte', async () => {
    const apply = await scene.run(['apply', '--yes', '--json']);
    expect(apply.stderr).toBe('');
    const events = apply.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(events.at(0)).toMatchObject({ type: 'version', v: 1 });
    expect(events.at(-1)).toMatchObject({ type: 'run.finished', result: 'changed', failed: 0, exit: 0, changed: planned.summary.changes });
    expect(apply.code).toBe(0);
    const begun = scene.journal().filter((line) => line.t === 'begin');
    const key = (c: Record<string, unknown>) => `${c.node}/${c.step}/${c.id}`;
    const deeds = new Map(planned.changes.map((c) => [key(c), c.do]));
    expect(begun.map((line) => [key(line), line.do])).toEqual(begun.map((line) => [key(line), deeds.get(key(line))]));
    expect(new Set(begun.map(key))).toEqual(new Set(deeds.keys()));
    await scene.lab.node('node-1').exec('echo hello >/mnt/gv0/hello');
    expect((await scene.lab.node('node-3').exec('cat /mnt/gv0/hello')).stdout).toBe('hello\n');
  });

  it('are then as wanted: 0 changes, exit 0, one exec per node (voice 1)', async () => {
    const then = await sessions();
    const plan = await scene.run(['plan', '--json', '--detailed-exitcode']);
    expect([plan.code, JSON.parse(plan.stdout).changes]).toEqual([0, []]);
    const now = await sessions();
    expect(now.map((n, i) => n - (then[i] ?? 0))).toEqual([1, 1, 1]);
    const again = await scene.run(['apply', '--yes', '--json']);
    expect(JSON.parse(again.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ result: 'converged', changed: 0, exit: 0 });
  });

  it('are as wanted by what they are, not by what was noted of them: without any journal there is nothing to do either (voice 13)', async () => {
    const plan = await scene.run(['plan', '--json', '--detailed-exitcode'], {
      env: { GLUSTERCTL_STATE_DIR: join(scene.dir, 'other-state') },
    });
    expect([plan.code, JSON.parse(plan.stdout).changes]).toEqual([0, []]);
  });

  it('are healthy', async () => {
    const status = await scene.run(['status', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ v: 1, healthy: true, faults: [] });
    expect(status.code).toBe(0);
  });

  it('keep a volume that holds files, whatever rollback is told', async () => {
    const back = await scene.run(['rollback', '--yes']);
    expect(back.code).toBe(6);
    expect(back.stderr).toContain('gv0');
    expect((await scene.lab.node('node-2').exec('cat /data/brick1/gv0/hello')).stdout).toBe('hello\n');
  });

  it('are what they were after a rollback, once the volume is empty', async () => {
    await scene.run(['apply', '--yes']);
    await scene.lab.node('node-1').exec('rm /mnt/gv0/hello');
    for (let i = 0; i < 2; i += 1) {
      const back = await scene.run(['rollback', '--yes']);
      if (back.stderr.includes('there is nothing to undo')) break;
      expect(back.stderr).toContain('Rolled back');
      expect(back.code).toBe(0);
    }
    await expectUnchanged();
  });
});

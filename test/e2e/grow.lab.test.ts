import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeState, stateDiff } from '../helpers/node-state.ts';
import { openScene, type Scene } from '../helpers/scene.ts';

const NODES = ['node-1', 'node-2', 'node-3'];
const MORE = ['node-1', 'node-2', 'node-4'];
const FILES = Array.from({ length: 40 }, (_, i) => `f${i}`).sort();

let scene: Scene;
const exec = async (name: string, script: string): Promise<string> => {
  const { code, stdout, stderr } = await scene.lab.node(name).exec(script);
  if (code !== 0) throw new Error(`${name}: ${script}: ${stderr}`);
  return stdout;
};
/** With a client's eyes, on a server. */
const inVolume = (script: string) =>
  exec(
    'node-1',
    `mkdir -p /run/look && mount -t glusterfs localhost:/gv0 /run/look && cd /run/look && ${script}; c=$?; cd /; umount /run/look; exit $c`,
  );
const volumeOf = (bricks: string[]) =>
  ['volumes:', '  - name: gv0', '    type: replicate', '    replica: 3', '    bricks:', ...bricks.map((b) => `      - ${b}`)].join('\n');
const first = NODES.map((name) => `${name}:/data/brick1/gv0`);
const second = MORE.map((name) => `${name}:/data/brick1/more`);
const planned = async () =>
  JSON.parse((await scene.run(['plan', '--json'])).stdout).changes as { id: string; step: string; node: string }[];

beforeAll(async () => {
  scene = await openScene({ name: 'grow', nodes: 4 });
  scene.write(scene.lab.clusterYaml({ nodes: NODES }));
  expect(await scene.run(['apply', '--yes'])).toMatchObject({ code: 0 });
  await inVolume(`for f in ${FILES.join(' ')}; do echo $f >$f; done; mkdir -p folder/inner; echo deep >folder/inner/deep`);
});
afterAll(() => scene?.close());

describe('a volume that gets a set of bricks, one of them on a new node (voice 22)', () => {
  let before: string;

  it('is grown by the apply that takes the node in: shown before, spread after, every file in reach', async () => {
    before = await nodeState(scene.lab.node('node-4'));
    scene.write(scene.lab.clusterYaml({ volumes: volumeOf([...first, ...second]) }));
    const plan = await planned();
    const ids = plan.filter(({ step }) => step === 'peers' || step === 'volume').map(({ node, id }) => `${node}/${id}`);
    expect(ids).toEqual(['node-1/probe:node-4', 'node-1/mesh', `node-1/grow:gv0:${second.join(' ')}`, 'node-1/rebalance:gv0']);
    expect(await scene.run(['apply', '--yes'])).toMatchObject({ code: 0 });
    expect(await exec('node-1', 'gluster volume info gv0')).toMatch(/Number of Bricks: 2 x 3 = 6/);
    expect(await planned()).toEqual([]);
    await expect.poll(() => exec('node-1', 'gluster volume rebalance gv0 status'), { timeout: 60_000 }).not.toMatch(/in progress/);
    expect(await inVolume('cat f[0-9]* folder/inner/deep')).toBe(`${FILES.join('\n')}\ndeep\n`);
    expect(Number(await exec('node-4', 'ls /data/brick1/more | grep -c ^f'))).toBeGreaterThan(5);
  });

  it('is spread by the next apply when the one that grew it was cut off in between', async () => {
    await exec('node-1', `gluster volume info gv0 | sed -n 's/^Volume ID: //p' >/run/id && mkdir -p /var/lib/glusterctl/rebalance`);
    await exec('node-1', 'cp /run/id /var/lib/glusterctl/rebalance/gv0');
    expect((await planned()).map(({ id }) => id)).toEqual(['rebalance:gv0']);
    expect(await scene.run(['apply', '--yes'])).toMatchObject({ code: 0 });
    expect(await planned()).toEqual([]);
  });

  it('is not made smaller by surprise: refused, with what to do', async () => {
    scene.write(scene.lab.clusterYaml({ volumes: volumeOf(first) }));
    const { code, stderr } = await scene.run(['apply', '--yes']);
    expect(code).toBe(7);
    expect(stderr).toMatch(/gluster volume remove-brick gv0 node-1:\/data\/brick1\/more node-2:\S+ node-4:\S+ start/);
    scene.write(scene.lab.clusterYaml({ volumes: volumeOf([...first, ...second]) }));
  });

  it('gets small again by rollback: the files move back first, and the new node is what it was', async () => {
    for (let i = 0; i < 2; i += 1) {
      const back = await scene.run(['rollback', '--yes']);
      expect([back.code, back.code === 0 ? '' : back.stderr]).toEqual([0, '']);
    }
    expect(await exec('node-1', 'gluster volume info gv0')).toMatch(/Number of Bricks: 1 x 3 = 3/);
    expect(await inVolume('cat f[0-9]* folder/inner/deep')).toBe(`${FILES.join('\n')}\ndeep\n`);
    expect(stateDiff(before, await nodeState(scene.lab.node('node-4')))).toEqual([]);
    expect(await exec('node-1', '[ ! -e /data/brick1/more ] && [ ! -e /var/lib/glusterctl/rebalance ] && echo gone')).toBe('gone\n');
    scene.write(scene.lab.clusterYaml({ nodes: NODES }));
    expect(await planned()).toEqual([]);
  });
});

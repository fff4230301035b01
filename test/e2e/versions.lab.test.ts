import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorsOf, eventsOf } from '../helpers/events.ts';
import { openScene, type Scene } from '../helpers/scene.ts';

let scene: Scene;

const cluster = (version: string): void => scene.write(scene.lab.clusterYaml({ version, mirror: scene.lab.repo.both }));
const onAll = async (script: string): Promise<string[]> =>
  Promise.all(
    scene.lab.nodes.map(async (node) => {
      const { stdout, stderr, code } = await node.exec(script, { timeoutMs: 300_000 });
      expect(code, stderr).toBe(0);
      return stdout.trim();
    }),
  );
const versions = (): Promise<string[]> =>
  onAll(`dpkg-query -W -f='\${Version} \${db:Status-Want}\n' glusterfs-server glusterfs-common | sort -u`);
const apply = async (): Promise<void> => {
  const ran = await scene.run(['apply', '--yes', '--json']);
  expect(ran.code, errorsOf(eventsOf(ran))).toBe(0);
};
const planned = async (): Promise<{ node: string; step: string; title: string; risk: string }[]> => {
  const { stdout, stderr, code } = await scene.run(['plan', '--json']);
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout).changes;
};

beforeAll(async () => {
  scene = await openScene({ name: 'e2e-versions', nodes: 2 });
});
afterAll(() => scene?.close());

describe('a repository that has 10.3 and 10.4', () => {
  it('voice 7: gives 10.3 where the file says so, and an upgrade of the system does not move it', async () => {
    cluster('10.3');
    await apply();
    expect(await versions()).toEqual(['10.3-1 hold', '10.3-1 hold']);
    await scene.lab.node('node-1').exec('mount -t glusterfs node-2:/gv0 /mnt && echo precious >/mnt/file && umount /mnt');
    const said = await onAll('apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get -y -q dist-upgrade 2>&1');
    expect(said.join('\n')).not.toMatch(/^(Setting up|Unpacking) gluster/m);
    expect(await versions()).toEqual(['10.3-1 hold', '10.3-1 hold']);
    expect(await planned()).toEqual([]);
  });

  it('moves all nodes when the file says 10.4', async () => {
    cluster('10.4');
    const changes = await planned();
    expect(changes.filter((c) => c.step === 'apt-packages' && c.title.startsWith('move')).map((c) => [c.node, c.title])).toEqual([
      ['node-1', 'move from 10.3-1 up to GlusterFS 10.4 (server)'],
      ['node-2', 'move from 10.3-1 up to GlusterFS 10.4 (server)'],
    ]);
    await apply();
    expect(await versions()).toEqual(['10.4-1 hold', '10.4-1 hold']);
    expect(await planned()).toEqual([]);
  });

  it('leaves them at it where the file names the series', async () => {
    cluster('10');
    expect((await planned()).filter((c) => !/^(create|update) \/etc\/apt|index/.test(c.title))).toEqual([]);
  });

  it('moves them back, shown as disruptive, and the data is where it was', async () => {
    cluster('10.3');
    const down = (await planned()).filter((c) => c.title.includes(' down to '));
    expect(down.map((c) => [c.node, c.risk])).toEqual([
      ['node-1', 'disruptive'],
      ['node-2', 'disruptive'],
    ]);
    await apply();
    expect(await versions()).toEqual(['10.3-1 hold', '10.3-1 hold']);
    expect((await onAll('cat /data/brick1/gv0/file')).join()).toBe('precious,precious');
    const status = await scene.run(['status']);
    expect(status.code, status.stdout).toBe(0);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorsOf, eventsOf } from '../helpers/events.ts';
import { openScene, type Scene } from '../helpers/scene.ts';

let scene: Scene;
const NODES = ['node-1', 'node-2', 'node-3'];

const exec = async (name: string, script: string): Promise<string> => {
  const { stdout, stderr, code } = await scene.lab.node(name).exec(script);
  expect(code, stderr).toBe(0);
  return stdout;
};
const apply = async () => {
  const ran = await scene.run(['apply', '--yes', '--json']);
  return { code: ran.code, said: errorsOf(eventsOf(ran)) };
};
const HOSTILE = `x'; touch /tmp/canary; '"$(touch /tmp/canary)" \`touch /tmp/canary\` & * > /tmp/canary`;
const pool = (): string => `${scene.lab.clusterYaml({ nodes: NODES })}    options: { user.note: ${JSON.stringify(HOSTILE)} }\n`;
const runs = async (): Promise<number> => JSON.parse((await scene.run(['runs', '--json'])).stdout).runs.length;

beforeAll(async () => {
  scene = await openScene({ name: 'e2e-pool', nodes: 4 });
  scene.write(pool());
  const { code, said } = await apply();
  expect(code, said).toBe(0);
});
afterAll(() => scene?.close());

it('a hostile value arrives as it is, and no shell has read it', async () => {
  expect(await exec('node-2', 'gluster volume info gv0')).toContain(`user.note: ${HOSTILE}\n`);
  for (const name of NODES) expect(await exec(name, 'ls /tmp')).not.toContain('canary');
  const plan = await scene.run(['plan', '--detailed-exitcode']);
  expect(plan.code, plan.stdout).toBe(0);
});

describe('what belongs to somebody else is refused before anything is done', () => {
  it('a node of a foreign pool', async () => {
    scene.write(scene.lab.clusterYaml({ nodes: ['node-3', 'node-4'], volumes: '' }));
    const was = await runs();
    const { code, said } = await apply();
    expect(code, said).toBe(7);
    expect(said).toMatch(/^node-3: belongs to a pool with .*node-1.*\n {2}why: .*\n {2}next: /s);
    expect(said).not.toContain('next: undefined');
    expect(await runs()).toBe(was);
    expect(await exec('node-4', 'command -v gluster || echo bare')).toBe('bare\n');
    scene.write(pool());
  });

  it('cloned UUIDs (voice 19)', async () => {
    const info = await exec('node-1', 'cat /var/lib/glusterd/glusterd.info');
    await exec(
      'node-2',
      `systemctl stop glusterd && cp /var/lib/glusterd/glusterd.info /root/info && printf %s '${info}' >/var/lib/glusterd/glusterd.info`,
    );
    const { code, said } = await apply();
    expect(code, said).toBe(7);
    expect(said).toMatch(/node-1 and node-2 have the same glusterd UUID/);
    expect(said).not.toContain('next: undefined');
    await exec('node-2', 'cp /root/info /var/lib/glusterd/glusterd.info && systemctl start glusterd');
    await expect.poll(async () => (await scene.run(['status'])).code, { timeout: 60_000, interval: 1000 }).toBe(0);
  });

  it('a brick with data of a deleted volume', async () => {
    await exec('node-1', 'mount -t glusterfs node-1:/gv0 /mnt && echo precious >/mnt/file && umount /mnt');
    await exec('node-1', 'gluster --mode=script volume stop gv0 && gluster --mode=script volume delete gv0');
    const { code, said } = await apply();
    expect(code, said).toBe(7);
    for (const name of NODES)
      expect(said).toMatch(new RegExp(`${name}: /data/brick1/gv0 is a brick of the volume with the id .*\\n {2}why: it holds file`));
    expect(said).not.toContain('next: undefined');
    for (const name of NODES) expect(await exec(name, 'cat /data/brick1/gv0/file')).toBe('precious\n');

    const back = await scene.run(['rollback', '--yes', '--json']);
    expect(back.code).toBe(6);
    expect(errorsOf(eventsOf(back))).toMatch(/the rollback of \S+ is not complete; still in effect:.*gv0.*next: mend what is said above/s);
    for (const name of NODES) expect(await exec(name, 'cat /data/brick1/gv0/file')).toBe('precious\n');
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorsOf, eventsOf } from '../helpers/events.ts';
import { openScene, type Scene } from '../helpers/scene.ts';

const PATH = '/data/brick1/gv0';
const FILES = Array.from({ length: 30 }, (_, i) => `f${i}`).sort();

let scene: Scene;
const exec = async (name: string, script: string): Promise<string> => {
  const { code, stdout, stderr } = await scene.lab.node(name).exec(script);
  if (code !== 0) throw new Error(`${name}: ${script}: ${stderr}`);
  return stdout;
};
/** With a client's eyes, on a server. */
const inVolume = (script: string, volume = 'gv0') =>
  exec(
    'node-1',
    `mkdir -p /run/look && mount -t glusterfs localhost:/${volume} /run/look && cd /run/look && ${script}; c=$?; cd /; umount /run/look; exit $c`,
  );
const volumeOf = (name: string, kind: string[], bricks: string[]) => [
  `  - name: ${name}`,
  ...kind.map((line) => `    ${line}`),
  '    options: { network.ping-timeout: "5" }',
  '    bricks:',
  ...bricks.map((node) => `      - ${node}:/data/brick1/${name}`),
];
const file = (nodes: string[], on: string[]) => {
  const gv0 = volumeOf('gv0', ['type: replicate', 'replica: 3'], on);
  const ec = volumeOf('ec', ['type: disperse', 'replica: { data: 2, redundancy: 1 }'], on);
  scene.write(scene.lab.clusterYaml({ nodes, volumes: ['volumes:', ...gv0, ...ec].join('\n') }));
};
/** How many files the brick of the disperse volume has. */
const parts = async (name: string) => Number(await exec(name, 'ls /data/brick1/ec | wc -l'));
const bricks = async () => [...(await exec('node-1', 'gluster volume info gv0')).matchAll(/^Brick\d+: (\S+):/gm)].map(([, node]) => node);
const members = async () =>
  (await exec('node-1', 'gluster pool list'))
    .split('\n')
    .slice(1, -1)
    .map((line) => line.split(/\s+/)[1]);
const replace = (...args: string[]) => scene.run(['node', 'replace', ...args, '--json']);
const changes = () =>
  scene.journal().flatMap((line) => (line.t === 'begin' && /^(replace|dead-peer|rejoin.*)$/.test(String(line.step)) ? [line.id] : []));

beforeAll(async () => {
  scene = await openScene({ name: 'replace', nodes: 4 });
  file(['node-1', 'node-2', 'node-3'], ['node-1', 'node-2', 'node-3']);
  expect(await scene.run(['apply', '--yes'])).toMatchObject({ code: 0 });
  for (const volume of ['gv0', 'ec']) await inVolume(`for f in ${FILES.join(' ')}; do echo $f >$f; done`, volume);
});
afterAll(() => scene?.close());

describe('a node is replaced (voice 14)', () => {
  it('alive, by one that is new: shown before, brick healed, node out of the pool', async () => {
    file(['node-1', 'node-2', 'node-3', 'node-4'], ['node-1', 'node-2', 'node-3']);
    const dry = eventsOf(await replace('node-3', '--with', 'node-4', '--dry-run'));
    expect(dry.at(-1)).toMatchObject({ result: 'converged', pending: expect.any(Number) });
    expect(await bricks()).toEqual(['node-1', 'node-2', 'node-3']);

    const done = await replace('node-3', '--with', 'node-4', '--yes');
    expect([errorsOf(eventsOf(done)), done.code]).toEqual(['', 0]);
    const moved = ['gv0', 'ec'].flatMap((name) => [`replace:${name}:/data/brick1/${name}`, `heal:${name}:/data/brick1/${name}`]).sort();
    expect([...changes()].sort()).toEqual(['detach:node-3', ...moved]);
    expect(await bricks()).toEqual(['node-1', 'node-2', 'node-4']);
    expect((await members()).sort()).toEqual(['localhost', 'node-2', 'node-4']);
    expect(await exec('node-4', `cat ${PATH}/f*`)).toBe(`${FILES.join('\n')}\n`);
    expect(await parts('node-4')).toBe(FILES.length);
    // An old copy is not put back: what is left of a rollback is said, and the same again finishes it.
    const back = await scene.run(['rollback', '--yes']);
    expect(back.code).toBe(6);
    expect(back.stderr).toMatch(
      /node-4:\S+ stays in gv0: what node-3 has .* is an old copy[\s\S]*node-4 carries bricks and stays in the pool/,
    );
    expect((await members()).sort()).toEqual(['localhost', 'node-2', 'node-3', 'node-4']);
    expect(await replace('node-3', '--with', 'node-4', '--yes')).toMatchObject({ code: 0 });
    expect(changes()).toEqual(['detach:node-3']);
    expect((await members()).sort()).toEqual(['localhost', 'node-2', 'node-4']);
    // What the pool is by now is what the file is to say.
    file(['node-1', 'node-2', 'node-4'], ['node-1', 'node-2', 'node-4']);
    expect(JSON.parse((await scene.run(['plan', '--json'])).stdout).changes.map(({ step }: { step: string }) => step)).toEqual(
      Array(3).fill('hosts'),
    );
  });

  it('never on top of data, and never given up without being named', async () => {
    file(['node-1', 'node-2', 'node-3', 'node-4'], ['node-1', 'node-3', 'node-4']);
    await exec('node-2', 'systemctl stop glusterd; pkill -9 glusterfsd; true');
    const taken = eventsOf(await replace('node-2', '--with', 'node-3', '--yes', '--confirm-dead', 'node-2'));
    expect(taken.at(-1)).toMatchObject({ result: 'refused', exit: 7 });
    expect(errorsOf(taken)).toMatch(/node-3: .*is a brick of the volume with the id/);
    await exec('node-3', `rm -rf ${PATH} /data/brick1/ec /var/lib/glusterctl`);
    const unnamed = eventsOf(await replace('node-2', '--with', 'node-3', '--yes'));
    expect(unnamed.at(-1)).toMatchObject({ result: 'refused', exit: 7 });
    expect(errorsOf(unnamed)).toMatch(/next: make sure that it is dead, then --confirm-dead node-2/);
    expect(await bricks()).toEqual(['node-1', 'node-2', 'node-4']);
  });

  it('dead, with its cable pulled, by one that was used before', async () => {
    await scene.lab.node('node-2').unplug();
    await inVolume('echo late >g');
    const done = await replace('node-2', '--with', 'node-3', '--yes', '--confirm-dead', 'node-2');
    expect([errorsOf(eventsOf(done)), done.code]).toEqual(['', 0]);
    expect(changes()).toEqual(expect.arrayContaining(['replace:ec:/data/brick1/ec', `replace:gv0:${PATH}`, `heal:gv0:${PATH}`]));
    expect(changes().at(-1)).toBe('detach:node-2');
    expect(await parts('node-3')).toBe(FILES.length);
    expect(await bricks()).toEqual(['node-1', 'node-3', 'node-4']);
    expect((await members()).sort()).toEqual(['localhost', 'node-3', 'node-4']);
    expect(await exec('node-3', `cat ${PATH}/f* ${PATH}/g`)).toBe(`${FILES.join('\n')}\nlate\n`);
  });

  it('is made anew under its own name: the host was set up again, and its brick is empty', async () => {
    file(['node-1', 'node-3', 'node-4'], ['node-1', 'node-3', 'node-4']);
    await scene.lab.node('node-4').reset();
    const done = await replace('node-4', '--yes');
    expect([errorsOf(eventsOf(done)), done.code]).toEqual(['', 0]);
    // Whether its peers have to be waited for is a matter of moments.
    expect(changes()).toEqual(expect.arrayContaining(['identity:node-4', `rejoin:gv0:${PATH}`, `heal:gv0:${PATH}`]));
    expect(await bricks()).toEqual(['node-1', 'node-3', 'node-4']);
    expect(await exec('node-4', `cat ${PATH}/f* ${PATH}/g`)).toBe(`${FILES.join('\n')}\nlate\n`);
    expect(await parts('node-4')).toBe(FILES.length);
    expect(JSON.parse((await scene.run(['plan', '--json'])).stdout).changes).toEqual([]);
    expect(await scene.run(['status'])).toMatchObject({ code: 0 });
  });
});

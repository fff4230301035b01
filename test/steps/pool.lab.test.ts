import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PoolChange } from '../../src/model/change.ts';
import type { Cluster, Volume } from '../../src/model/cluster.ts';
import { brickDirectory } from '../../src/steps/brick-directory.ts';
import { peers } from '../../src/steps/peers.ts';
import { volume } from '../../src/steps/volume.ts';
import { cluster, node } from '../helpers/cluster.ts';
import type { Lab } from '../lab/index.ts';
import { afresh, idsOf, listing, onLab, openGlusterLab } from './on-lab.ts';

const NODES = ['node-1', 'node-2', 'node-3'];
const PATH = '/data/brick1/gv0';
const gv0: Volume = {
  name: 'gv0',
  type: 'replicate',
  setSize: 3,
  redundancy: 0,
  bricks: NODES.map((name) => ({ node: name, path: PATH })),
  options: { 'network.ping-timeout': '10', 'auth.allow': '10.*,127.*' },
  group: 'virt',
  start: true,
  allow: [],
};
const STEPS = [brickDirectory, peers, volume];

let lab: Lab;
const wanted = (volumes: Volume[] = [gv0], names = NODES): Cluster =>
  cluster({ nodes: names.map((name) => node(name, { address: lab.node(name).address, storage: lab.node(name).address })), volumes });
const on = (...args: Parameters<typeof wanted>) => onLab(lab, wanted(...args));
const exec = async (name: string, script: string): Promise<string> => {
  const { code, stdout, stderr } = await lab.node(name).exec(script);
  if (code !== 0) throw new Error(`${name}: ${script}: ${stderr}`);
  return stdout;
};
const everywhere = <T>(what: (name: string) => Promise<T>): Promise<T[]> => Promise.all(NODES.map(what));
const listings = () => everywhere((name) => listing(lab.node(name)));
/** With a client's eyes, on a server. */
const inVolume = (name: string, script: string) =>
  exec(
    name,
    `mkdir -p /run/look && mount -t glusterfs localhost:/gv0 /run/look && cd /run/look && ${script}; c=$?; cd /; umount /run/look; exit $c`,
  );

const applyAll = async (work = on()): Promise<PoolChange[]> => {
  const done: PoolChange[] = [];
  for (const step of STEPS) done.push(...(await work.apply(step)));
  return done;
};

beforeAll(async () => {
  lab = await openGlusterLab('steps-pool', 4);
});
afterAll(() => lab?.down());

describe('from three nodes to a started volume, and back', () => {
  let before: string[];
  let plan: PoolChange[];
  let done: PoolChange[];

  it('does what was planned when nothing was there, byte for byte', async () => {
    before = await listings();
    plan = [];
    for (const step of STEPS) plan.push(...(await on().changes(step)));
    expect(await listings()).toEqual(before);
    expect(idsOf(plan)).toEqual([
      ...NODES.map((name) => `${name}/brick:${PATH}`),
      'node-1/probe:node-2',
      'node-1/probe:node-3',
      'node-2/name:node-1',
      'node-1/mesh',
      'node-1/create:gv0',
      'node-1/group:gv0',
      'node-1/option:gv0:network.ping-timeout',
      'node-1/option:gv0:auth.allow',
      'node-1/start:gv0',
    ]);
    done = await applyAll();
    expect(done.map((c) => [c.node, c.id, c.do.text])).toEqual(plan.map((c) => [c.node, c.id, c.do.text]));
  });

  it('has nothing left to do, and every script may run again', async () => {
    for (const step of STEPS) expect(await on().changes(step)).toEqual([]);
    for (const change of done) expect(await on().perform(change)).toMatchObject({ code: 0 });
    for (const step of STEPS) expect(await on().changes(step)).toEqual([]);
    expect(await exec('node-3', 'gluster volume info gv0')).toMatch(/Number of Bricks: 1 x 3 = 3[\s\S]*features.shard: on/);
    expect(await exec('node-3', 'gluster volume info gv0')).toMatch(/network.ping-timeout: 10/);
  });

  it('carries files from node to node', async () => {
    await inVolume('node-1', 'echo hello >greeting');
    expect(await inVolume('node-3', 'cat greeting')).toBe('hello\n');
  });

  it('starts bricks again that have died', async () => {
    await exec('node-2', 'pkill -9 glusterfsd');
    expect(idsOf(await on().apply(volume))).toEqual(['node-1/start:gv0']);
    expect(await on().changes(volume)).toEqual([]);
  });

  it('takes nothing back as long as files are there', async () => {
    const refusals: Record<string, string> = {};
    for (const change of [...done].reverse()) {
      const { code, stderr } = await on().undo(change);
      if (code !== 0) refusals[`${change.node}/${change.id}`] = stderr;
    }
    expect(Object.keys(refusals)).toEqual([
      'node-1/start:gv0',
      'node-1/create:gv0',
      'node-1/probe:node-3',
      'node-1/probe:node-2',
      ...NODES.map((name) => `${name}/brick:${PATH}`).reverse(),
    ]);
    expect(refusals['node-1/start:gv0']).toMatch(/the volume gv0 holds files: greeting/);
    expect(refusals['node-1/probe:node-2']).toMatch(/node-2 carries bricks and stays in the pool:\nnode-2:/);
    expect(refusals[`node-2/brick:${PATH}`]).toMatch(/is a brick of the volume gv0 and stays/);
    expect(await inVolume('node-2', 'cat greeting')).toBe('hello\n');
    for (const step of STEPS) expect(await on().changes(step)).toEqual([]);
  });

  it('takes all back when no file is there any more, twice if need be', async () => {
    await inVolume('node-2', 'rm greeting');
    await on().rollBack(done);
    expect(await listings()).toEqual(before);
    await on().rollBack(done);
    expect(await listings()).toEqual(before);
  });

  it('plans again what it planned at first', async () => {
    const again: PoolChange[] = [];
    for (const step of STEPS) again.push(...(await on().changes(step)));
    expect(again.map((c) => c.do.text)).toEqual(plan.map((c) => c.do.text));
  });
});

describe('other layouts', () => {
  beforeEach(() => afresh(lab));
  const four = ['node-1', 'node-2', 'node-3', 'node-4'];
  const at = (names: readonly string[], path: string) => names.map((name) => ({ node: name, path }));
  const simple = { options: {}, group: null };

  it('arbiter, disperse, distribute, and several bricks of a set on one node where that is allowed', async () => {
    const volumes: Volume[] = [
      { ...gv0, ...simple, name: 'arb', type: 'arbiter', bricks: at(['node-1', 'node-2', 'node-3'], '/data/brick1/arb') },
      { ...gv0, ...simple, name: 'ec', type: 'disperse', redundancy: 1, bricks: at(['node-2', 'node-3', 'node-4'], '/data/brick1/ec') },
      { ...gv0, ...simple, name: 'dist', type: 'distribute', setSize: 1, bricks: at(['node-1', 'node-4'], '/data/brick1/dist') },
      {
        ...gv0,
        ...simple,
        name: 'root',
        type: 'replicate',
        setSize: 2,
        bricks: ['/srv/r/a', '/srv/r/b'].map((path) => ({ node: 'node-4', path })),
        allow: ['replica-2', 'same-node', 'root-partition'],
      },
    ];
    const work = on(volumes, four);
    const done = await applyAll(work);
    for (const step of STEPS) expect(await work.changes(step)).toEqual([]);
    expect(await exec('node-1', 'gluster volume info arb')).toMatch(/1 x \(2 \+ 1\) = 3/);
    expect(await exec('node-1', 'gluster volume info ec')).toMatch(/1 x \(2 \+ 1\) = 3[\s\S]*node-4/);
    const create = done.find((c) => c.id === 'create:root');
    expect(create?.do.text).toMatch(/volume create root replica 2 \S+ \S+ force/);

    const moved = on([{ ...volumes[2], bricks: at(['node-1', 'node-3'], '/data/brick1/dist') } as Volume], four);
    const { reasons } = await moved.plan(volume);
    expect(reasons[0]?.why).toBe(
      'there: distribute: node-1:/data/brick1/dist node-4:/data/brick1/dist\nin the file: distribute: node-1:/data/brick1/dist node-3:/data/brick1/dist',
    );
    await work.rollBack(done);
  });

  it('puts the options of a volume back that was there before', async () => {
    const work = on([{ ...gv0, ...simple, options: { 'network.ping-timeout': '15' } }]);
    const base = await applyAll(work);
    const options = () => exec('node-1', 'gluster volume info gv0 | sed -n "/Options/,\\$p" | sort');
    const was = await options();
    const done = await on([{ ...gv0, options: { 'network.ping-timeout': '10', 'auth.allow': '10.*' } }]).apply(volume);
    expect(idsOf(done)).toEqual(['node-1/group:gv0', 'node-1/option:gv0:network.ping-timeout', 'node-1/option:gv0:auth.allow']);
    expect(await options()).toMatch(/network.ping-timeout: 10/);
    await work.rollBack(done);
    // The profile has it, and gluster cannot unset it: said, and left.
    expect(await options()).toBe(was.replace('transport.', 'user.cifs: off\ntransport.').split('\n').sort().join('\n').trim().concat('\n'));
    await work.rollBack(base);
  });
});

describe('bricks', () => {
  beforeEach(() => afresh(lab));
  const reasonsOf = async (work: ReturnType<typeof on>, step: (typeof STEPS)[number] = brickDirectory) =>
    (await work.plan(step)).reasons.map((r) => `${r.node}: ${r.what} | ${r.why}`);

  it('clears what a create that failed has left, and gets to the volume', async () => {
    const work = on();
    const pool = await work.apply(peers);
    await everywhere((name) => exec(name, name === 'node-3' ? ':' : `mkdir ${PATH}`));
    const { stdout } = await lab.node('node-1').exec(
      `gluster --mode=script --xml volume create gv0 replica 3 ${NODES.slice(0, 2)
        .map((n) => `${n}:${PATH}`)
        .join(' ')} node-3:/data/brick1/no/gv0`,
    );
    expect(stdout).toMatch(/<opRet>-1/);
    expect(await exec('node-1', `getfattr --absolute-names -m volume-id ${PATH}`)).toMatch(/volume-id/);
    const planned = idsOf(await work.changes(volume));
    expect(planned).toContain(`node-1/remains:${PATH}`);
    const done = await applyAll(work);
    expect(idsOf(done)).toEqual(expect.arrayContaining(planned));
    for (const step of STEPS) expect(await work.changes(step)).toEqual([]);
    await work.rollBack(done);
    await work.rollBack(pool);
    // The two directories were there before, and are as they were.
    expect(await exec('node-1', `ls -A ${PATH}; getfattr --absolute-names -m '^trusted' ${PATH}`)).toBe('');
    await everywhere((name) => exec(name, name === 'node-3' ? `[ ! -e ${PATH} ]` : `rmdir ${PATH}`));
  });

  it('never takes one with data of a deleted volume', async () => {
    const done = await applyAll();
    await inVolume('node-1', 'echo precious >file');
    await exec('node-1', 'gluster --mode=script volume stop gv0 && gluster --mode=script volume delete gv0');
    const list = await reasonsOf(on());
    expect(list).toHaveLength(3);
    expect(list[0]).toMatch(
      /node-1: \/data\/brick1\/gv0 is a brick of the volume with the id [0-9a-f-]{36}, which this node does not know \| it holds file; the volume was deleted/,
    );
    for (const change of done.filter((c) => c.id.startsWith('brick:'))) {
      const { code, stderr } = await on().undo(change);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/carries data and stays; in it:\nfile/)]);
    }
    expect(await exec('node-3', `cat ${PATH}/file`)).toBe('precious\n');
    await everywhere((name) => exec(name, `rm -rf ${PATH} /var/lib/glusterctl`));
    await on().rollBack(done.filter((c) => c.id.startsWith('probe:')));
  });

  it('voice 20: refuses the root filesystem when the disk is not mounted, at the plan and at the deed', async () => {
    const [planned] = await on().changes(brickDirectory);
    if (!planned) throw new Error('nothing planned');
    await exec('node-1', 'umount /data/brick1');
    try {
      expect(await reasonsOf(on())).toEqual([expect.stringMatching(/node-1: .* lies on the root filesystem/)]);
      expect(await on().perform(planned)).toMatchObject({ code: 1, stderr: expect.stringMatching(/would lie on the root filesystem/) });
      const disk = {
        select: { by: 'device' as const, value: '/dev/vdz' },
        link: null,
        use: 'xfs' as const,
        mount: '/data/brick1',
        raid: null,
        wipe: false,
      };
      const awaited = onLab(lab, { ...wanted(), nodes: wanted().nodes.map((n) => ({ ...n, disks: [disk] })) });
      const [change] = await awaited.changes(brickDirectory);
      expect(change && (await awaited.perform(change))).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/nothing is mounted at \/data\/brick1/),
      });
      expect(await exec('node-1', 'ls -A /data/brick1')).toBe('');
    } finally {
      await lab.node('node-1').reboot();
    }
    expect(idsOf(await on().changes(brickDirectory))).toHaveLength(3);
  });
});

describe('peers that are not to be had', () => {
  beforeEach(() => afresh(lab));
  const probe = async () => {
    const [change] = await on([], ['node-1', 'node-2']).changes(peers);
    if (!change) throw new Error('nothing planned');
    return on([], ['node-1', 'node-2']).perform(change);
  };

  it('voice 17, T1: says which it is: no daemon, no way, no name', async () => {
    await exec('node-2', 'systemctl stop glusterd');
    expect(await probe()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^node-2 \(\S+\) refuses port 24007: glusterd does not run there/),
    });
    await exec('node-2', 'systemctl start glusterd');
    await lab.node('node-2').unplug();
    expect(await probe()).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^node-2 \(\S+\) (does not answer on|cannot be reached on) port 24007/),
    });
    await lab.node('node-2').plug();
    await exec('node-1', 'cp /etc/hosts /root/hosts; grep -v node-2 /root/hosts >/etc/hosts');
    expect(await probe()).toMatchObject({ code: 1, stderr: expect.stringMatching(/^the name node-2 does not resolve on this node/) });
    await exec('node-1', 'sed "s/.* node-2/127.0.1.1 node-2/" /root/hosts >/etc/hosts');
    expect(await probe()).toMatchObject({ code: 1, stderr: expect.stringMatching(/leads to 127.0.1.1 here/) });
    await exec('node-1', 'cat /root/hosts >/etc/hosts; rm /root/hosts');
    expect(await exec('node-1', 'gluster pool list | wc -l')).toBe('2\n');
  });

  it('T36: the first node is known by its name, also where addresses lead back to no name', async () => {
    // node-2 cannot tell the name of the address that probes it.
    await exec('node-2', "cp /etc/hosts /root/hosts; sed '/ node-1$/d' /root/hosts >/etc/hosts");
    const work = on([]);
    const [first, ...rest] = await work.changes(peers);
    expect(first && (await work.perform(first))).toMatchObject({ code: 0 });
    expect(await exec('node-2', 'gluster pool list')).not.toMatch(/node-1/);
    await exec('node-2', 'cat /root/hosts >/etc/hosts; rm /root/hosts');
    for (const change of rest) expect(await work.perform(change)).toMatchObject({ code: 0 });
    expect(await work.changes(peers)).toEqual([]);
    for (const name of ['node-2', 'node-3']) expect(await exec(name, 'gluster --xml pool list')).toMatch(/<hostname>node-1</);
    if (first) await work.rollBack([first, ...rest]);
  });

  it('a foreign pool and a cloned UUID are seen before anything is done', async () => {
    await exec('node-3', 'gluster --mode=script peer probe node-4');
    await expect.poll(() => exec('node-4', 'cat /var/lib/glusterd/peers/*'), { timeout: 20_000 }).toMatch(/state=3/);
    expect((await on([]).plan(peers)).reasons).toEqual([
      expect.objectContaining({ node: 'node-3', what: expect.stringMatching(/belongs to a pool with node-4, and no other/) }),
    ]);
    await exec('node-3', 'gluster --mode=script peer detach node-4');

    await exec('node-1', 'gluster --mode=script --xml pool list >/dev/null');
    const info = await exec('node-1', 'cat /var/lib/glusterd/glusterd.info');
    await exec('node-2', `cp /var/lib/glusterd/glusterd.info /root/info; printf %s '${info}' >/var/lib/glusterd/glusterd.info`);
    expect((await on([]).plan(peers)).reasons).toEqual([
      expect.objectContaining({ what: expect.stringMatching(/^node-1 and node-2 have the same glusterd UUID/) }),
    ]);
    await exec('node-2', 'mv /root/info /var/lib/glusterd/glusterd.info');
  });
});

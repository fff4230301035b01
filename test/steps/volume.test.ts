import { describe, expect, it } from 'vitest';
import type { VolumeInfo } from '../../src/gluster/volume-info.ts';
import type { Answers } from '../../src/model/fact.ts';
import { faultsOf } from '../../src/steps/brick/judge.ts';
import type { BrickState } from '../../src/steps/brick/state.ts';
import { volume } from '../../src/steps/volume.ts';
import { cluster, file, node, reasons } from './answers.ts';
import { brickState, PATH, volumeInfo } from './pool-answers.ts';

const NODES = ['node-1', 'node-2', 'node-3'];
const brick = (name: string, mount: string | null = null) => ({ node: name, path: PATH, mount });
const want = {
  name: 'gv0',
  type: 'replicate' as 'replicate' | 'arbiter' | 'disperse' | 'distribute',
  setSize: 3,
  redundancy: 0,
  bricks: NODES.map((name) => brick(name)),
  options: {} as Record<string, string>,
  group: null as string | null,
  start: true,
  allow: [] as ('replica-2' | 'root-partition' | 'same-node')[],
};
type Is = Answers<ReturnType<typeof volume.facts>>;

const info = (over: Partial<VolumeInfo> = {}): VolumeInfo =>
  volumeInfo({ options: new Map([['transport.address-family', 'inet']]), ...over });
const state = (over: Partial<BrickState> = {}): BrickState => brickState({ taken: true, ...over });
const none = state({ kind: 'none', missing: [PATH], content: null, taken: false });

/** Neither the profile nor the folder of profiles: GlusterFS is not installed. */
const noProfile = { ...file(null), parent: false };

interface Over {
  volumes?: readonly VolumeInfo[] | null;
  brick?: BrickState;
  running?: boolean;
  profile?: ReturnType<typeof file>;
  disk?: string[];
}
const facts = (name: string, { volumes = [], brick: at = state(), running = false, profile = noProfile, disk = [] }: Over = {}): Is => ({
  disk: { uuid: `uuid-of-${name}`, peers: [], volumes: disk, glusterd2: false, machineId: null },
  volumes:
    volumes === null ? { ok: false, problem: { code: 'daemon-down', text: '', cause: '', remedy: '' } } : { ok: true, value: volumes },
  bricks: new Map([[PATH, at]]),
  running: new Set(running ? [PATH] : []),
  profile,
  owed: null,
});
const all = (o: Over = {}) => Object.fromEntries(NODES.map((name) => [name, facts(name, o)]));
const up = (volumeInfo = info(), o: Over = {}) =>
  all({ volumes: [volumeInfo], running: true, brick: state({ volume: 'gv0', member: 'gv0', content: null }), ...o });

const plan = (is: Record<string, Is>, more: Partial<typeof want> = {}) => volume.plan({ ...want, ...more }, is);
const ids = (is: Record<string, Is>, more: Partial<typeof want> = {}) => plan(is, more).map((c) => `${c.node}/${c.id}`);
const why = (is: Record<string, Is>, more: Partial<typeof want> = {}) => reasons(() => plan(is, more));
const command = (is: Record<string, Is>, more: Partial<typeof want> = {}) =>
  /g (volume create .*) 2>&1/.exec(String(plan(is, more).find((c) => c.id === 'create:gv0')?.do))?.[1];

describe('volume', () => {
  it('is one job for each volume, on the nodes of its bricks in the order of the file', () => {
    const c = cluster({
      nodes: NODES.map((name) => node(name)),
      volumes: [{ ...want, bricks: ['node-3', 'node-1'].map((name) => ({ node: name, path: PATH })) }],
    });
    const [job] = volume.jobs(c);
    expect(job?.nodes).toEqual(['node-1', 'node-3']);
    expect(job?.want.bricks).toEqual([brick('node-3'), brick('node-1')]);
    expect(volume.want.parse(job?.want)).toEqual(job?.want);
  });

  it('plans the same for bare nodes and in a whole pool, byte for byte', () => {
    const options = { 'network.ping-timeout': '20', 'auth.allow': '10.*' };
    const bare = plan(all({ volumes: null, brick: none }), { options, group: 'virt' });
    expect(bare.map((c) => `${c.node}/${c.id}`)).toEqual([
      'node-1/create:gv0',
      'node-1/group:gv0',
      'node-1/option:gv0:network.ping-timeout',
      'node-1/option:gv0:auth.allow',
      'node-1/start:gv0',
    ]);
    const profile = file('network.ping-timeout=30\n');
    expect(plan(all({ profile }), { options, group: 'virt' })).toEqual(bare);
  });

  it('has nothing to do where it is and runs', () => expect(plan(up())).toEqual([]));

  it('goes on where a run was cut off', () => {
    const options = { 'network.ping-timeout': '20', 'auth.allow': '10.*' };
    const half = up(info({ status: 'created', options: new Map([['network.ping-timeout', '20']]) }), { running: false });
    expect(ids(half, { options })).toEqual(['node-1/option:gv0:auth.allow', 'node-1/start:gv0']);
    const scripts = plan(all(), { options }).map((c) => String(c.do));
    for (const change of plan(half, { options })) expect(scripts).toContain(String(change.do));
  });

  it('says the layout in gluster’s words, never with force', () => {
    const bricks = NODES.map((name) => `${name}:${PATH}`).join(' ');
    expect(command(all())).toBe(`volume create gv0 replica 3 ${bricks}`);
    expect(command(all(), { type: 'arbiter' })).toBe(`volume create gv0 replica 3 arbiter 1 ${bricks}`);
    expect(command(all(), { type: 'disperse', redundancy: 1 })).toBe(`volume create gv0 disperse-data 2 redundancy 1 ${bricks}`);
    expect(command(all(), { type: 'distribute', setSize: 1 })).toBe(`volume create gv0 ${bricks}`);
    expect(command(all(), { allow: ['same-node', 'root-partition'] })).toBe(`volume create gv0 replica 3 ${bricks}`);
  });

  it('forces only what is allowed and is the case', () => {
    const onRoot = all({ brick: { ...none, onRoot: true } });
    expect(command(onRoot, { allow: ['root-partition'] })).toMatch(/ force$/);
    // A disk of the file will be mounted there.
    expect(command(onRoot, { allow: ['root-partition'], bricks: NODES.map((name) => brick(name, '/data/brick1')) })).not.toMatch(/force/);
    const one = [1, 2, 3].map((i) => ({ node: 'node-1', path: `/data/brick${i}/gv0`, mount: null }));
    expect(command({ 'node-1': facts('node-1') }, { allow: ['same-node'], bricks: one })).toMatch(/ force$/);
    const dirty = all({ brick: { ...state({ taken: false }), onRoot: true, content: 'data', sample: ['photo.jpg'] } });
    expect(why(dirty, { allow: ['root-partition'] })).toHaveLength(3);
  });

  it('judges the layout before anything is sent (T11, T12, T13)', () => {
    expect(why(all(), { setSize: 2 })).toEqual([
      expect.stringMatching(/splits its brain/),
      expect.stringMatching(/do not make whole sets/),
    ]);
  });

  it('clears what a failed create has left, on the node of the brick, before it creates', () => {
    const left = state({ taken: false, trace: true, marks: [{ path: PATH, volumeId: 'a-b', gfid: null }] });
    const is = { ...all(), 'node-2': facts('node-2', { brick: left }) };
    expect(ids(is)).toEqual([`node-2/remains:${PATH}`, 'node-1/create:gv0', 'node-1/start:gv0']);
    // It is a brick by now: nothing is cleared.
    expect(ids(up(info(), { brick: left }))).toEqual([]);
  });

  it('starts what is stopped, and bricks that are down; undoes only a start', () => {
    const [start, ...more] = plan(up(info({ status: 'stopped' }), { running: false }));
    expect([start?.id, more]).toEqual(['start:gv0', []]);
    expect(String(start?.undo)).toContain('volume stop gv0');
    const down = { ...up(), 'node-3': facts('node-3', { volumes: [info()] }) };
    expect(plan(down).map(({ id, title, undo }) => [id, title, undo])).toEqual([
      ['start:gv0', 'start the bricks of gv0 that are down', 'nothing'],
    ]);
    expect(String(plan(down)[0]?.do)).toBe(String(start?.do));
  });

  it('does not stop what the file does not want started', () => {
    expect(plan(up(), { start: false })).toEqual([]);
    expect(volume.notes?.({ ...want, start: false }, up())).toEqual([expect.stringMatching(/start: false; it is not stopped/)]);
    expect(ids(all(), { start: false })).toEqual(['node-1/create:gv0']);
  });

  it('takes the word of any node for the volume, and of the files of glusterd when none speaks', () => {
    const one = { ...up(info(), { volumes: null }), 'node-3': facts('node-3', { volumes: [info()], running: true }) };
    expect(plan(one)).toEqual([]);
    expect(ids(all({ volumes: null, disk: ['gv0'] }), { options: { 'auth.allow': '*' } })).toEqual(['node-1/start:gv0']);
  });
});

describe('a volume that grows (voice 22)', () => {
  const SET = ['node-1', 'node-2', 'node-4'];
  const added = SET.map((name) => ({ ...brick(name), path: '/data/brick2/gv0' }));
  const fresh = () => facts('node-4', { volumes: [] });
  const grown = (o: Over = {}) => ({ ...up(info(), o), 'node-4': fresh() });
  const more = { bricks: [...want.bricks, ...added] };
  const name = 'grow:gv0:node-1:/data/brick2/gv0 node-2:/data/brick2/gv0 node-4:/data/brick2/gv0';

  it('gets whole new sets, wherever they stand in the file, and then has its files spread', () => {
    const list = plan(grown(), more);
    expect(list.map((c) => [`${c.node}/${c.id}`, c.risk])).toEqual([
      [`node-1/${name}`, 'safe'],
      ['node-1/rebalance:gv0', 'disruptive'],
    ]);
    expect(String(list[0]?.do)).toMatch(
      /volume add-brick gv0 node-1:\/data\/brick2\/gv0 node-2:\/data\/brick2\/gv0 node-4:\/data\/brick2\/gv0 2>&1/,
    );
    expect(String(list[0]?.undo)).toMatch(/volume remove-brick gv0 .* start[\s\S]*volume remove-brick gv0 .* commit/);
    expect(String(list[0]?.undo)).not.toMatch(/remove-brick .* force/);
    expect(plan(grown(), { bricks: [...added, ...want.bricks] }).map((c) => String(c.do))).toEqual(list.map((c) => String(c.do)));
  });

  it('starts bricks that are down before; has no rebalance as long as it is not to run', () => {
    expect(ids({ ...grown(), 'node-3': facts('node-3', { volumes: [info()] }) }, more)).toEqual([
      'node-1/start:gv0',
      `node-1/${name}`,
      'node-1/rebalance:gv0',
    ]);
    const idle = { ...grown({ volumes: [info({ status: 'created' })] }) };
    expect(ids(idle, { ...more, start: false })).toEqual([`node-1/${name}`]);
  });

  it('is spread by the next run when one was cut off, and only when it is the same volume', () => {
    const all = [...info().bricks, ...SET.map((host) => ({ host, path: '/data/brick2/gv0', hostUuid: `uuid-of-${host}`, arbiter: false }))];
    const there = (owed: string | null): Record<string, Is> =>
      Object.fromEntries(
        [...NODES, 'node-4'].map((node) => [
          node,
          {
            ...facts(node, { volumes: [info({ bricks: all })] }),
            running: new Set([PATH, '/data/brick2/gv0']),
            owed: node === 'node-2' ? owed : null,
          },
        ]),
      );
    expect(ids(there(info().id), more)).toEqual(['node-2/rebalance:gv0']);
    expect(ids(there('another'), more)).toEqual([]);
    expect(ids(there(null), more)).toEqual([]);
  });

  it('judges new sets as those of a new volume (voice 18)', () => {
    const same = added.map((b, i) => ({ ...b, node: 'node-1', path: `/data/brick2/${i}` }));
    expect(why(grown(), { bricks: [...want.bricks, ...same] })).toEqual([expect.stringMatching(/set 1 has 3 bricks on node-1/)]);
    const forced = plan(grown(), { bricks: [...want.bricks, ...same], allow: ['same-node'] });
    expect(String(forced[0]?.do)).toMatch(/volume add-brick gv0 \S+ \S+ \S+ force /);
  });

  it('clears what a failed attempt has left on a new brick, and takes none that was a brick before and holds files', () => {
    const marks = [{ path: '/data/brick2/gv0', volumeId: info().id, gfid: null }];
    const left = state({ volume: 'gv0', trace: true, marks });
    const on = (brick: BrickState) => ({ ...grown(), 'node-4': { ...fresh(), bricks: new Map([['/data/brick2/gv0', brick]]) } });
    expect(ids(on(left), more)).toEqual(['node-4/remains:/data/brick2/gv0', `node-1/${name}`, 'node-1/rebalance:gv0']);
    expect(faultsOf('/data/brick2/gv0', 'gv0', { ...left, content: 'data', sample: ['photo'], taken: false })).toEqual([
      expect.objectContaining({ what: expect.stringMatching(/was a brick of the volume gv0 before/) }),
    ]);
  });

  it.each([
    ['half a set', [...want.bricks, ...added.slice(0, 2)], /whole new sets/],
    ['a set less', want.bricks.slice(0, 0).concat(added), /remove-brick gv0 node-1:\S+ node-2:\S+ node-3:\S+ start/],
    ['a brick elsewhere', [...want.bricks.slice(0, 2), { ...brick('node-4') }], /glusterctl node replace/],
  ])('is not changed otherwise: %s, and the reason says what to do', (_what, bricks, next) => {
    expect(why(grown(), { bricks })).toEqual([expect.stringMatching(next)]);
  });
});

describe('a volume that is there', () => {
  it('with another layout is not touched; both layouts are shown', () => {
    const bricks = info().bricks.map((b) => ({ ...b, path: '/data/other' }));
    const [reason, ...more] = why(up(info({ bricks })));
    expect(reason).toMatch(/there: replicate 3: node-1:\/data\/other .*\nin the file: replicate 3: node-1:\/data\/brick1\/gv0/);
    expect(more).toEqual([]);
    expect(why(up(info({ type: 'arbiter' })))[0]).toMatch(/there: arbiter 3/);
    expect(why(up(info({ type: 'other', typeText: 'Stripe [NOT SUPPORTED from v6.0]' })))[0]).toMatch(/there: Stripe/);
    expect(why(up(info({ bricks: info().bricks.slice(0, 2), setSize: 2 })))[0]).toMatch(/another layout/);
  });

  it('is the same whatever name the pool has for a node, and whatever order a set has', () => {
    const byAddress = info().bricks.map((b, i) => ({ ...b, host: `10.0.0.${i + 1}` }));
    expect(plan(up(info({ bricks: byAddress })))).toEqual([]);
    expect(plan(up(info({ bricks: [...info().bricks].reverse() })))).toEqual([]);
  });

  it('is another one when the arbiter is elsewhere', () => {
    const reversed = [...info().bricks].reverse();
    expect(plan(up(info({ type: 'arbiter' })), { type: 'arbiter' })).toEqual([]);
    expect(why(up(info({ type: 'arbiter', bricks: reversed })), { type: 'arbiter' })).toHaveLength(1);
  });

  it('gets the options that differ, and its old ones back', () => {
    const is = up(
      info({
        options: new Map([
          ['a.same', 'enable'],
          ['a.other', '1'],
        ]),
      }),
    );
    const list = plan(is, { options: { 'a.same': 'on', 'a.other': '2', 'a.new': 'x y' } });
    expect(list.map((c) => c.id)).toEqual(['option:gv0:a.other', 'option:gv0:a.new']);
    expect(String(list[0]?.undo)).toContain('volume set gv0 a.other 1');
    expect(String(list[1]?.undo)).toContain('volume reset gv0 a.new');
    expect(String(list[1]?.do)).toContain("volume set gv0 a.new 'x y'");
  });

  it('gets its profile again when it differs, and then what the file says itself', () => {
    const profile = file('a.one=on\na.two=5\n');
    const set = (two: string) =>
      up(
        info({
          options: new Map([
            ['a.one', 'enable'],
            ['a.two', two],
            ['a.three', '3'],
          ]),
        }),
        { profile },
      );
    const mine = { group: 'virt', options: { 'a.two': '7', 'a.three': '3' } };
    expect(ids(set('7'), mine)).toEqual([]);
    expect(ids(set('5'), mine)).toEqual(['node-1/option:gv0:a.two']);
    const drifted = up(
      info({
        options: new Map([
          ['a.one', 'off'],
          ['a.two', '7'],
          ['a.three', '3'],
        ]),
      }),
      { profile },
    );
    expect(ids(drifted, mine)).toEqual(['node-1/group:gv0', 'node-1/option:gv0:a.two']);
    expect(String(plan(drifted, mine)[0]?.undo)).toContain('volume set gv0 a.one off');
  });

  it('wants a profile that there is', () => {
    expect(why(up(info(), { profile: file(null) }), { group: 'vrit' })).toEqual([expect.stringMatching(/no profile vrit/)]);
  });

  it('keeps its shards', () => {
    const sharded = info({ options: new Map([['features.shard', 'on']]) });
    expect(why(up(sharded), { options: { 'features.shard': 'off' } })).toEqual([expect.stringMatching(/cannot be switched off/)]);
    const [on] = plan(up(), { options: { 'features.shard': 'on' } });
    expect(String(on?.undo)).toContain('must_be_empty');
  });
});

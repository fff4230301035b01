import { describe, expect, it } from 'vitest';
import { parseVolumes, type VolumeInfo } from '../../src/gluster/volume-info.ts';
import type { Cluster, Volume } from '../../src/model/cluster.ts';
import type { Answers } from '../../src/model/fact.ts';
import { consentMissing, deathUnsaid, unconfirmedDead } from '../../src/run/consent.ts';
import { deadPeer } from '../../src/steps/dead-peer.ts';
import { healNote, reaches } from '../../src/steps/replace/facts.ts';
import { pairsOf } from '../../src/steps/replace/pairs.ts';
import { replaced } from '../../src/steps/replace/shape.ts';
import type { Views } from '../../src/steps/replace/view.ts';
import { replace } from '../../src/steps/replace.ts';
import { recorded } from '../gluster/recorded.ts';
import { cluster, node, reasons } from './answers.ts';
import { PATH, peersOf, uuid, volumeInfo } from './pool-answers.ts';

const brick = (host: string, path = PATH, arbiter = false) => ({ host, path, hostUuid: uuid(host), arbiter });
const gv0: Volume = {
  name: 'gv0',
  type: 'replicate',
  setSize: 3,
  redundancy: 0,
  bricks: ['node-1', 'node-2', 'node-3'].map((name) => ({ node: name, path: PATH })),
  options: {},
  group: null,
  start: true,
  allow: [],
};
const FOUR = ['node-1', 'node-2', 'node-3', 'node-4'];
const inFile = (volumes: Volume[] = [gv0], nodes = FOUR) => cluster({ nodes: nodes.map((name) => node(name)), volumes });
const shaped = (c: Cluster = inFile(), old = 'node-3', by = 'node-4'): Cluster => {
  const made = replaced(c, old, by);
  if ('wrong' in made) throw new Error(made.wrong.what);
  return made.cluster;
};
const wantOf = (c = shaped()) => {
  const [job] = replace.jobs(c);
  if (!job) throw new Error('no job');
  return job;
};

interface Over {
  info?: VolumeInfo[];
  pool?: string[];
  away?: string[];
  reached?: boolean | null;
  up?: boolean;
  owed?: string[];
  strangers?: string[];
}
type Is = Answers<ReturnType<typeof replace.facts>>;
const seen = (
  name: string,
  {
    info = [volumeInfo()],
    pool = ['node-1', 'node-2', 'node-3'],
    away = [],
    reached = true,
    up = true,
    owed = [],
    strangers = [],
  }: Over = {},
): Is => {
  const mine = pool.includes(name);
  const peers = peersOf(name, [...pool, ...strangers], away);
  return {
    disk: {
      uuid: uuid(name),
      peers: mine ? pool.filter((peer) => peer !== name).map((peer) => ({ uuid: uuid(peer), state: 3, names: [peer] })) : [],
      volumes: [],
      glusterd2: false,
      machineId: null,
    },
    pool: { ok: true, value: { peers: mine ? peers : [] } },
    volumes: { ok: true, value: mine ? info : [] },
    up: new Set(up ? [`gv0 ${name}-data-brick1-gv0.pid`] : []),
    owed: new Set(owed),
    reached,
  };
};
const views = (o: Over = {}, per: Record<string, Over> = {}): Views =>
  Object.fromEntries(['node-1', 'node-2', 'node-4'].map((name) => [name, seen(name, { ...o, ...per[name] })]));
const plan = (is: Views, c = shaped()) => replace.plan(wantOf(c).want, is);
const why = (is: Views, c = shaped()) => reasons(() => plan(is, c));
const dead = { reached: false, away: ['node-3'] };

describe('the cluster as it is to be', () => {
  it('has the bricks on the new node, and asks the others only', () => {
    const c = shaped();
    expect(c.volumes[0]?.bricks.map((b) => b.node)).toEqual(['node-1', 'node-2', 'node-4']);
    expect(wantOf(c).nodes).toEqual(['node-1', 'node-2', 'node-4']);
    expect(replace.want.parse(wantOf(c).want)).toEqual(wantOf(c).want);
    expect(replace.jobs(inFile())).toEqual([]);
  });

  it.each([
    ['node-9', 'node-4', /no node "node-9"/],
    ['node-3', 'node-9', /no node "node-9"/],
    ['node-3', 'node-1', /has a brick at the same path already: gv0: node-1:\/data\/brick1\/gv0/],
  ])('%s by %s is wrong', (old, by, what) =>
    expect(replaced(inFile(), old, by)).toMatchObject({ wrong: { what: expect.stringMatching(what) } }),
  );
});

describe('pairsOf', () => {
  const of = (b: { host: string }) => b.host;
  const wanted = (names: string[], over: Partial<Volume> = {}) => ({
    ...gv0,
    bricks: names.map((name) => ({ node: name, path: PATH })),
    ...over,
  });

  it('finds the place of a brick, in recorded answers too', () => {
    expect(pairsOf(wanted(['node-1', 'node-2', 'node-4']), volumeInfo(), uuid('node-3'), of)).toEqual([
      expect.objectContaining({ from: brick('node-3'), to: { node: 'node-4', path: PATH }, others: [brick('node-1'), brick('node-2')] }),
    ]);
    const answer = parseVolumes(recorded('info-all'));
    const real = answer.ok ? answer.value.find(({ type }) => type === 'arbiter') : undefined;
    if (!real) throw new Error('no arbiter recorded');
    const [first] = real.bricks;
    const moved = real.bricks.map((b, i) => ({ node: i === 0 ? 'fresh' : b.host, path: b.path }));
    const pairs = pairsOf({ ...gv0, name: real.name, type: 'arbiter', bricks: moved }, real, first?.hostUuid ?? '', of);
    expect(pairs?.[0]?.to.node).toBe('fresh');
  });

  it('takes an arbiter for an arbiter only', () => {
    const info = volumeInfo({ type: 'arbiter', bricks: [brick('node-1'), brick('node-2'), brick('node-3', PATH, true)] });
    expect(pairsOf(wanted(['node-1', 'node-2', 'node-4'], { type: 'arbiter' }), info, uuid('node-3'), of)).toHaveLength(1);
    expect(pairsOf(wanted(['node-4', 'node-1', 'node-2'], { type: 'arbiter' }), info, uuid('node-3'), of)).toBe(null);
  });

  it('is null where the layout differs otherwise', () => {
    expect(pairsOf(wanted(['node-1', 'node-5', 'node-4']), volumeInfo(), uuid('node-3'), of)).toBe(null);
    expect(pairsOf(wanted(['node-1', 'node-2', 'node-4'], { type: 'arbiter' }), volumeInfo(), uuid('node-3'), of)).toBe(null);
  });
});

describe('replace (voice 14)', () => {
  it('moves the brick, waits for its heal, and takes the node out; the same on bare nodes and in the pool', () => {
    const list = plan(views());
    expect(list.map((c) => [`${c.node}/${c.id}`, c.risk, c.lost])).toEqual([
      [`node-1/replace:gv0:${PATH}`, 'disruptive', undefined],
      [`node-1/heal:gv0:${PATH}`, 'safe', undefined],
      ['node-1/detach:node-3', 'disruptive', undefined],
    ]);
    expect(String(list[0]?.do)).toContain('volume replace-brick gv0 node-3:/data/brick1/gv0 node-4:/data/brick1/gv0 commit force');
    const joined = plan(views({ pool: FOUR }));
    expect(joined.map((c) => String(c.do))).toEqual(list.map((c) => String(c.do)));
  });

  it('takes a dead one out only when that was said', () => {
    const changes = plan(views(dead)).map((c) => ({ ...c, key: c.id, step: 'replace', stage: 'replace' }));
    const whole = {
      v: 1 as const,
      cluster: '',
      nodes: [],
      changes,
      summary: { nodes: 0, steps: 0, changes: 0, destructive: 0 },
      fingerprint: {},
      notes: [],
    };
    expect(unconfirmedDead(whole, [])).toEqual(['node-3']);
    expect(unconfirmedDead(whole, ['node-3'])).toEqual([]);
    expect(deathUnsaid(['node-3'])[0]?.next).toContain('--confirm-dead node-3');
    expect(consentMissing([])).toEqual([]);
    expect(String(changes.at(-1)?.do)).toContain('peer detach node-3 force');
    expect(String(plan(views()).at(-1)?.do)).not.toContain('peer detach node-3 force');
  });

  it('has glusterd look anew where it takes a dead node for connected, and only there', () => {
    const ids = (o: Over, per: Record<string, Over> = {}) => deadPeer.plan(wantOf().want, views(o, per)).map((c) => `${c.node}/${c.id}`);
    expect(ids({ reached: false })).toEqual(['node-1/notice:node-3', 'node-1/mesh']);
    expect(ids(dead)).toEqual([]);
    expect(ids({})).toEqual([]);
    expect(ids({ reached: null })).toEqual([]);
    // There a restart would stop bricks, too.
    const contained = { ...wantOf().want, container: true };
    expect(reasons(() => deadPeer.plan(contained, views({ reached: false })))[0]).toMatch(/takes node-3 for connected/);
  });

  it('waits on for a heal that a run was cut off in, and has nothing to do when all is done', () => {
    const done = volumeInfo({ bricks: ['node-1', 'node-2', 'node-4'].map((name) => brick(name)) });
    const now = { info: [done], pool: ['node-1', 'node-2', 'node-4'] };
    expect(plan(views({ ...now, owed: [] }))).toEqual([]);
    expect(plan(views(now, { 'node-1': { owed: [healNote('gv0', PATH)] } })).map((c) => c.id)).toEqual([`heal:gv0:${PATH}`]);
    // Bricks are moved already, the peer is still there.
    expect(plan(views({ ...now, pool: FOUR })).map((c) => c.id)).toEqual(['detach:node-3']);
  });

  it.each<[string, Views, RegExp]>([
    ['a brick of the set is down', views({}, { 'node-2': { up: false } }), /too few bricks .*down: node-2:\/data\/brick1\/gv0/],
    ['another member is away', views({ away: ['node-5'], strangers: ['node-5'] }), /is in the pool and not connected/],
    [
      'the quorum is lost',
      views({ ...dead, away: ['node-3', 'node-5', 'node-6', 'node-7'], strangers: ['node-5', 'node-6', 'node-7'] }),
      /lost its quorum: 2 of 6/,
    ],
    ['the network is cut', views({}, { 'node-1': { reached: false } }), /does not reach glusterd of node-3, and node-2 does/],
    ['the volume is stopped', views({ info: [volumeInfo({ status: 'stopped' })] }), /does not run/],
    [
      'distribute',
      views({ info: [volumeInfo({ type: 'distribute', typeText: 'Distribute', setSize: 1 })] }),
      /cannot be replaced .*remove-brick gv0 node-3/,
    ],
    ['a volume that the file does not have', views({ info: [volumeInfo({ name: 'other' })] }), /which the file does not name/],
  ])('is refused when %s', (_what, is, text) => expect(why(is).join('\n')).toMatch(text));

  it('is refused when all copies were on it, and when two bricks of a set would be on one node', () => {
    const lost = volumeInfo({ bricks: [brick('node-3', '/a'), brick('node-3', '/b'), brick('node-3', '/c')] });
    const c = shaped(inFile([{ ...gv0, allow: ['same-node'], bricks: ['/a', '/b', '/c'].map((path) => ({ node: 'node-3', path })) }]));
    expect(why(views({ ...dead, info: [lost] }), c)[0]).toMatch(/too few .*3 of its 3 bricks were on the node that is lost .* backup/);
    const same = shaped(inFile([{ ...gv0, bricks: [...gv0.bricks.slice(0, 2), { node: 'node-1', path: '/data/x' }] }]), 'node-3', 'node-1');
    expect(why(views(), same)[0]).toMatch(/set 1 has 2 bricks on node-1/);
  });

  it('keeps a hostile name a name', () => {
    const bad = "n;touch /tmp/x'$(id)";
    expect(reaches(bad).read.text).toContain(`'n;touch /tmp/x'\\''$(id)'`);
  });
});

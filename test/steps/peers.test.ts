import { describe, expect, it } from 'vitest';
import type { Peer, Pool } from '../../src/gluster/pool.ts';
import type { PeerFacts, PeerViews } from '../../src/steps/peers/view.ts';
import { peers } from '../../src/steps/peers.ts';
import { type GlusterdState, glusterdState } from '../../src/steps/pool/glusterd-state.ts';
import { cluster, node, reasons } from './answers.ts';

const NODES = ['node-1', 'node-2', 'node-3'];
const want = { nodes: NODES, hosts: 'manage' as const };
const uuid = (name: string) => `uuid-of-${name}`;
const disk = (over: Partial<GlusterdState> = {}): GlusterdState => ({
  uuid: null,
  peers: [],
  volumes: [],
  glusterd2: false,
  machineId: null,
  ...over,
});
const facts = (over: Partial<PeerFacts> = {}): PeerFacts => ({
  disk: disk(),
  pool: { ok: true, value: { peers: [] } },
  names: new Map(),
  ...over,
});

/** A node that is in a pool with others: as glusterd keeps it on disk, and as it tells it. */
const member = (
  self: string,
  others: readonly string[],
  over: { names?: Record<string, string[]>; state?: number; connected?: boolean; disk?: Partial<GlusterdState> } = {},
): PeerFacts => {
  const { state = 3, connected = true } = over;
  const namesOf = (name: string) => over.names?.[name] ?? [name];
  const seen: Peer[] = others.map((name) => ({
    uuid: uuid(name),
    hostname: namesOf(name)[0] ?? '',
    hostnames: namesOf(name),
    connected,
    state,
    stateText: '',
    self: false,
  }));
  const own: Peer = {
    uuid: uuid(self),
    hostname: 'localhost',
    hostnames: ['localhost'],
    connected: true,
    state: null,
    stateText: '',
    self: true,
  };
  const pool: Pool = { peers: [...seen, own] };
  return facts({
    disk: disk({ uuid: uuid(self), peers: others.map((name) => ({ uuid: uuid(name), state, names: namesOf(name) })), ...over.disk }),
    pool: { ok: true, value: pool },
  });
};
const alone = (name: string, over: Partial<GlusterdState> = {}) => facts({ disk: disk({ uuid: uuid(name), ...over }) });
const bare: PeerViews = Object.fromEntries(NODES.map((name) => [name, facts()]));
const whole: PeerViews = Object.fromEntries(
  NODES.map((name) => [
    name,
    member(
      name,
      NODES.filter((n) => n !== name),
    ),
  ]),
);

const plan = (is: PeerViews, over: Partial<typeof want> | { hosts: 'leave' } = {}) =>
  peers.plan({ ...want, ...over }, is).map((c) => `${c.node}/${c.id}`);
const why = (is: PeerViews, over: Partial<typeof want> | { hosts: 'leave' } = {}) => reasons(() => peers.plan({ ...want, ...over }, is));
const notes = (is: PeerViews, over: { hosts?: 'leave' } = {}) => peers.notes?.({ ...want, ...over }, is) ?? [];

describe('peers', () => {
  it('is one job for all servers', () => {
    const c = cluster({ nodes: [node('a'), node('b', { roles: ['client'] }), node('c', { roles: ['server', 'client'] })] });
    expect(peers.jobs(c)).toEqual([{ nodes: ['a', 'c'], want: { nodes: ['a', 'c'], hosts: 'manage' } }]);
    expect(peers.jobs(cluster({ nodes: [node('b', { roles: ['client'] })] }))).toEqual([]);
  });

  const full = ['node-1/probe:node-2', 'node-1/probe:node-3', 'node-2/name:node-1', 'node-1/mesh'];

  it('plans the same for bare nodes and for fresh daemons, byte for byte', () => {
    const fresh = Object.fromEntries(NODES.map((name) => [name, alone(name)]));
    expect(plan(bare)).toEqual(full);
    expect(plan(fresh)).toEqual(full);
    expect(peers.plan(want, fresh)).toEqual(peers.plan(want, bare));
  });

  it('has nothing to do in a whole pool, and in one of a single node', () => {
    expect(plan(whole)).toEqual([]);
    expect(peers.plan({ nodes: ['node-1'], hosts: 'manage' }, { 'node-1': facts() })).toEqual([]);
  });

  it('goes on where a run was cut off', () => {
    const half = {
      'node-1': member('node-1', ['node-2']),
      'node-2': member('node-2', ['node-1'], { names: { 'node-1': ['10.0.0.1'] } }),
      'node-3': alone('node-3'),
    };
    expect(plan(half)).toEqual(['node-1/probe:node-3', 'node-2/name:node-1', 'node-1/mesh']);
    const list = peers.plan(want, half);
    for (const change of list) expect(peers.plan(want, bare)).toContainEqual(change);
  });

  it('probes from a node that is in the pool already, or that has volumes', () => {
    const pool = { 'node-1': alone('node-1'), 'node-2': member('node-2', ['node-3']), 'node-3': member('node-3', ['node-2']) };
    expect(plan(pool)).toEqual(['node-2/probe:node-1', 'node-1/name:node-2', 'node-2/mesh']);
    expect(plan({ ...bare, 'node-3': alone('node-3', { volumes: ['gv0'] }) })[0]).toBe('node-3/probe:node-1');
  });

  it('only waits where a daemon does not answer or a peer is not connected', () => {
    const down = { ...whole, 'node-2': { ...whole['node-2'], pool: { ok: false } } } as unknown as PeerViews;
    expect(plan(down)).toEqual(['node-1/mesh']);
    expect(plan({ ...whole, 'node-3': member('node-3', ['node-1', 'node-2'], { connected: false }) })).toEqual(['node-1/mesh']);
  });

  it('T36: has a node that is known by its address known by its name', () => {
    const byAddress = { ...whole, 'node-1': member('node-1', ['node-2', 'node-3'], { names: { 'node-3': ['10.0.0.3'] } }) };
    expect(plan(byAddress)).toEqual(['node-1/name:node-3', 'node-1/mesh']);
  });

  it('undoes a probe by a detach, and nothing else', () => {
    expect(peers.plan(want, bare).map((c) => (c.undo === 'nothing' ? '-' : /peer detach (\S+)/.exec(String(c.undo))?.[1]))).toEqual([
      'node-2',
      'node-3',
      '-',
      '-',
    ]);
  });
});

describe('what is told apart before any probe', () => {
  it('a foreign pool', () => {
    const [reason, ...more] = why({ ...bare, 'node-3': member('node-3', ['db-1', 'db-2']) });
    // The only pool there is: node-3 is where one would probe from.
    expect(reason).toMatch(/belongs to a pool with db-1 and db-2, and no other node of the file does/);
    expect(more).toEqual([]);
    const two = { 'node-1': member('node-1', ['node-2']), 'node-2': member('node-2', ['node-1']), 'node-3': member('node-3', ['db-1']) };
    expect(why(two)).toEqual([
      expect.stringMatching(/belongs to another pool, with db-1.*node-1, from which it would be probed, does not know it/),
    ]);
  });

  it('a pool that is larger than the file: a remark, nobody is detached', () => {
    const larger = Object.fromEntries(NODES.map((name) => [name, member(name, [...NODES.filter((n) => n !== name), 'old-1'])]));
    expect(plan(larger)).toEqual([]);
    expect(notes(larger)).toEqual([expect.stringMatching(/does not name, and keeps them: old-1/)]);
  });

  it('volumes on two nodes that are in no pool', () => {
    const both = { ...bare, 'node-1': alone('node-1', { volumes: ['a'] }), 'node-2': alone('node-2', { volumes: ['b', 'c'] }) };
    expect(why(both)).toEqual([expect.stringMatching(/has volumes of its own: b and c/)]);
  });

  it('voice 19: cloned UUIDs, with the node that may be given a new one', () => {
    const clones = { ...bare, 'node-1': member('node-1', ['x']), 'node-2': alone('node-1'), 'node-3': alone('node-3') };
    expect(why(clones)).toEqual([
      expect.stringMatching(/^node-1 and node-2 have the same glusterd UUID.*such as node-2: systemctl stop glusterd; rm /),
    ]);
  });

  it('a node that was set up anew', () => {
    const anew = { ...whole, 'node-3': facts() };
    expect(why(anew)).toEqual([expect.stringMatching(/is known to the pool of node-1 with another UUID \(uuid-of-node-3\)/)]);
  });

  it('T5: a rejected peer, explained and not forced', () => {
    const rejected = { ...whole, 'node-1': member('node-1', ['node-2', 'node-3'], { state: 6 }) };
    const list = why(rejected);
    expect(list).toHaveLength(2);
    expect(list[0]).toMatch(/is rejected by node-1.*different definitions of a volume.*Cksums/);
  });

  it('GlusterD 2', () =>
    expect(why({ ...bare, 'node-2': facts({ disk: disk({ glusterd2: true }) }) })).toEqual([expect.stringMatching(/GlusterD 2/)]));

  it('names that lead nowhere or to the node itself, where they are not managed', () => {
    const good = new Map(NODES.map((name, i) => [name, [`10.0.0.${i + 1}`]]));
    const is = {
      'node-1': facts({ names: new Map([...good, ['node-3', []]]) }),
      'node-2': facts({ names: new Map([...good, ['node-1', ['127.0.1.1']]]) }),
      'node-3': facts({ names: new Map([...good, ['node-3', ['127.0.1.1']]]) }),
    };
    expect(why(is, { hosts: 'leave' })).toEqual([
      expect.stringMatching(/^cannot resolve node-3/),
      expect.stringMatching(/^takes node-1 for itself: the name leads to 127.0.1.1/),
    ]);
    expect(notes(is, { hosts: 'leave' })).toEqual([expect.stringMatching(/^node-3: its own name leads to loopback/)]);
    expect(plan(is)).toHaveLength(4);
  });

  it('equal machine-ids: a remark', () => {
    const twins = { ...bare, 'node-1': facts({ disk: disk({ machineId: 'm' }) }), 'node-3': facts({ disk: disk({ machineId: 'm' }) }) };
    expect(notes(twins)).toEqual([expect.stringMatching(/^node-1 and node-3 have the same machine-id/)]);
    expect(notes(whole)).toEqual([]);
  });

  it('all of it at once', () => {
    const bad = { 'node-1': facts({ disk: disk({ glusterd2: true }) }), 'node-2': alone('node-1'), 'node-3': alone('node-1') };
    expect(why(bad)).toHaveLength(2);
  });
});

describe('what glusterd keeps of its pool', () => {
  it('is read from its files', () => {
    const stdout =
      'uuid 9d7a\npeer\nid 2500\nstate 3\nname node-2\nname 10.0.0.2\npeer\nid 1000\nstate 6\nname node-1\nvolume gv0\nglusterd2\nmachine abc\n';
    expect(glusterdState.parse({ stdout, code: 0 })).toEqual({
      uuid: '9d7a',
      peers: [
        { uuid: '1000', state: 6, names: ['node-1'] },
        { uuid: '2500', state: 3, names: ['node-2', '10.0.0.2'] },
      ],
      volumes: ['gv0'],
      glusterd2: true,
      machineId: 'abc',
    });
    expect(glusterdState.parse({ stdout: '', code: 1 })).toEqual(disk());
  });
});

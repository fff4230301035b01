import { describe, expect, it } from 'vitest';
import type { VolumeInfo } from '../../src/gluster/volume-info.ts';
import type { Cluster } from '../../src/model/cluster.ts';
import type { Answers } from '../../src/model/fact.ts';
import type { BrickState } from '../../src/steps/brick/state.ts';
import { rejoin } from '../../src/steps/rejoin.ts';
import { rejoinIdentity } from '../../src/steps/rejoin-identity.ts';
import { healNote } from '../../src/steps/replace/facts.ts';
import { replaced } from '../../src/steps/replace/shape.ts';
import { cluster, node, reasons } from './answers.ts';
import { brickState, PATH, peersOf, uuid, VOLUME_ID, volumeInfo } from './pool-answers.ts';

const NODES = ['node-1', 'node-2', 'node-3'];
const info = volumeInfo();
const bare = brickState();
const marked = { ...bare, marks: [{ path: PATH, volumeId: VOLUME_ID, gfid: null }] };

const wanted = (): Cluster => {
  const made = replaced(
    cluster({
      nodes: NODES.map((name) => node(name)),
      volumes: [
        {
          name: 'gv0',
          type: 'replicate',
          setSize: 3,
          redundancy: 0,
          bricks: NODES.map((name) => ({ node: name, path: PATH })),
          options: {},
          group: null,
          start: true,
          allow: [],
        },
      ],
    }),
    'node-3',
    'node-3',
  );
  if ('wrong' in made) throw new Error(made.wrong.what);
  return made.cluster;
};
const job = rejoin.jobs(wanted())[0];
const identity = rejoinIdentity.jobs(wanted())[0];
if (!job || !identity) throw new Error('no job');

interface Over {
  brick?: BrickState;
  /** What node-3 has for a UUID, peers and volumes. */
  own?: { uuid: string | null; peers: string[]; volumes: string[] };
  up?: boolean;
  away?: string[];
  volume?: Partial<VolumeInfo>;
  owed?: string[];
}
type Is = Answers<ReturnType<typeof rejoin.facts>> & Answers<ReturnType<typeof rejoinIdentity.facts>>;
const fresh = { uuid: null, peers: [] as string[], volumes: [] as string[] };
const back = { uuid: uuid('node-3'), peers: ['node-1', 'node-2'], volumes: ['gv0'] };
const views = ({ brick = bare, own = fresh, up = true, away = ['node-3'], volume = {}, owed = [] }: Over = {}): Record<string, Is> =>
  Object.fromEntries(
    NODES.map((name) => {
      const known = name === 'node-3' ? own : { uuid: uuid(name), peers: NODES.filter((n) => n !== name), volumes: ['gv0'] };
      const list = peersOf(name, [...(known.uuid === null ? [] : [name]), ...known.peers], away);
      return [
        name,
        {
          disk: {
            uuid: known.uuid,
            peers: known.peers.map((peer) => ({ uuid: uuid(peer), state: 3, names: [peer] })),
            volumes: known.volumes,
            glusterd2: false,
            machineId: null,
          },
          pool: { ok: true, value: { peers: list } },
          volumes: { ok: true, value: name === 'node-3' && own === fresh ? [] : [{ ...info, ...volume }] },
          names: new Map(),
          opVersion: name === 'node-3' ? null : 100000,
          up: new Set(up && name !== 'node-3' ? [`gv0 ${name}-data-brick1-gv0.pid`] : []),
          owed: new Set(name === 'node-3' ? owed : []),
          bricks: new Map([[PATH, brick]]),
        } satisfies Is,
      ];
    }),
  );
const plan = (o: Over = {}) => rejoin.plan(job.want, views(o));
const ids = (o: Over = {}) => plan(o).map((c) => `${c.node}/${c.id}`);
const name = (o: Over = {}) => rejoinIdentity.plan(identity.want, views(o));

describe('a host of the same name (voice 14)', () => {
  it('gets the UUID that the pool has for it, and the names of all members', () => {
    const [change, ...more] = name();
    expect([change?.node, change?.id, more]).toEqual(['node-3', 'identity:node-3', []]);
    expect(String(change?.do)).toMatch(/hostname1=%s\\n' uuid-of-node-1 node-1 >.*\n?.*uuid-of-node-2 node-2/);
    expect(String(change?.do)).toContain("'UUID=%s\\noperating-version=%s\\n' uuid-of-node-3 100000");
    expect(name({ own: back, away: [] })).toEqual([]);
    // A glusterd that was started once has made up another one, and has nothing yet.
    expect(name({ own: { ...fresh, uuid: 'made-up' } }).map((c) => c.id)).toEqual(['identity:node-3']);
  });

  it('is not taken out of another pool, and keeps its volumes', () => {
    expect(reasons(() => name({ own: { uuid: 'x', peers: ['elsewhere'], volumes: [] } }))[0]).toMatch(/belongs to another pool/);
    expect(reasons(() => name({ own: { uuid: 'x', peers: [], volumes: ['mine'] } }))[0]).toMatch(/has volumes of its own: mine/);
    expect(reasons(() => name({ away: ['node-2', 'node-3'] })).join('\n')).toMatch(/lost its quorum: 1 of 3[\s\S]*not connected/);
  });

  it('gets its bricks anew, and waits for their heal; the same before it is in the pool and after', () => {
    expect(ids()).toEqual(['node-1/mesh', `node-3/rejoin:gv0:${PATH}`, `node-3/heal:gv0:${PATH}`]);
    const later = plan({ own: back, away: [], brick: { ...bare, member: 'gv0' } });
    expect(later.map((c) => c.id)).toEqual([`rejoin:gv0:${PATH}`, `heal:gv0:${PATH}`]);
    expect(later.map((c) => String(c.do))).toEqual(
      plan()
        .slice(1)
        .map((c) => String(c.do)),
    );
  });

  it('keeps a brick whose disk was kept, and waits on where a run was cut off', () => {
    expect(ids({ brick: marked })).toEqual(['node-1/mesh']);
    expect(ids({ own: back, away: [], brick: marked })).toEqual([]);
    expect(ids({ own: back, away: [], brick: marked, owed: [healNote('gv0', PATH)] })).toEqual([`node-3/heal:gv0:${PATH}`]);
  });

  it.each<[string, Over, RegExp]>([
    [
      'data lies there',
      { brick: { ...bare, content: 'data', sample: ['photo'] } },
      /is not empty, and is no brick of gv0 \| it holds photo/,
    ],
    [
      'another volume lies there',
      { brick: { ...bare, marks: [{ path: PATH, volumeId: 'a-b', gfid: null }] } },
      /marked for the volume with the id a-b/,
    ],
    ['its disk is missing', { brick: { ...bare, onRoot: true } }, /lies on the root filesystem/],
    ['no other brick runs', { up: false }, /too few bricks of the set of node-3:.*down: node-1:\S+, node-2:/],
    ['no brick has a copy', { volume: { type: 'distribute', typeText: 'Distribute', setSize: 1 } }, /no other brick of gv0 has its files/],
    ['the volume is stopped', { volume: { status: 'stopped' } }, /gv0 does not run/],
  ])('is refused when %s', (_what, o, text) => expect(reasons(() => plan(o)).join('\n')).toMatch(text));
});

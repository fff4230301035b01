import { describe, expect, it } from 'vitest';
import { type Covering, covering, parseMounts } from '../../src/facts/mounts.ts';
import { isRemains } from '../../src/steps/brick/judge.ts';
import type { BrickState } from '../../src/steps/brick/state.ts';
import { brickDirectory } from '../../src/steps/brick-directory.ts';
import { cluster, ids, node, reasons } from './answers.ts';

const PATH = '/data/brick1/gv0';
const ID = '5e276a11-7b82-408f-8945-89aae3ed8ae8';
const mounts = parseMounts(
  ['1 0 8:1 / / rw - ext4 /dev/sda1 rw', '2 1 8:2 / /data/brick1 rw - xfs /dev/sdb1 rw', '3 1 8:3 / /data/ro ro - xfs /dev/sdc1 ro'].join(
    '\n',
  ),
);
const on = (path: string, table = mounts): Covering => covering(path, table);
const none: BrickState = {
  kind: 'none',
  missing: [PATH],
  onRoot: false,
  marks: [],
  volume: null,
  member: null,
  content: null,
  trace: false,
  sample: [],
  taken: false,
};
const empty: BrickState = { ...none, kind: 'directory', missing: [], content: 'empty' };
const want = { volume: 'gv0', path: PATH, mount: null as string | null, onRoot: false };
const plan = (state: BrickState, over: Partial<typeof want> = {}, where = on(PATH)) =>
  brickDirectory.plan({ ...want, ...over }, { state, on: where });
const why = (state: BrickState, over: Partial<typeof want> = {}, where = on(PATH)) => reasons(() => plan(state, over, where));

const mark = (volumeId: string | null, gfid: string | null = null, path = PATH) => ({ path, volumeId, gfid });
/** What glusterfs 10.3 leaves after a create that failed, and after a volume that was used and deleted. */
const failedCreate: BrickState = { ...empty, trace: true, marks: [mark(ID)] };
const used: BrickState = { ...empty, trace: true, content: 'metadata', marks: [mark(ID, '00000000000000000000000000000001')] };

describe('brick-directory', () => {
  it('is for each brick of a node, and knows the disk that it lies on', () => {
    const disk = (mount: string) => ({
      select: { by: 'device' as const, value: '/dev/vdb' },
      link: null,
      use: 'xfs' as const,
      mount,
      raid: null,
      wipe: false,
    });
    const volume = { type: 'distribute' as const, setSize: 1, redundancy: 0, options: {}, group: null, start: true };
    const c = cluster({
      nodes: [node('a', { disks: [disk('/data'), disk('/data/brick1')] }), node('b')],
      volumes: [
        { ...volume, name: 'v1', bricks: ['a', 'b'].map((n) => ({ node: n, path: '/data/brick1/v1' })), allow: ['root-partition'] },
        { ...volume, name: 'v2', bricks: [{ node: 'a', path: '/srv/v2' }], allow: [] },
      ],
    });
    expect(brickDirectory.jobs(c)).toEqual([
      { node: 'a', want: { volume: 'v1', path: '/data/brick1/v1', mount: '/data/brick1', onRoot: true } },
      { node: 'a', want: { volume: 'v2', path: '/srv/v2', mount: null, onRoot: false } },
      { node: 'b', want: { volume: 'v1', path: '/data/brick1/v1', mount: null, onRoot: true } },
    ]);
  });

  it('makes what is not there, takes what is there and empty, and then has nothing to do', () => {
    expect(ids(plan(none))).toEqual([`brick:${PATH}`]);
    expect(ids(plan(empty))).toEqual([`brick:${PATH}`]);
    expect(plan({ ...empty, taken: true })).toEqual([]);
    expect(plan({ ...used, volume: 'gv0', member: 'gv0', content: null })).toEqual([]);
    // A brick in use is none of this step's business, wherever it lies.
    expect(plan({ ...used, volume: 'gv0', member: 'gv0', content: null, onRoot: true }, {}, on('/srv/b'))).toEqual([]);
  });

  it('does the same before and after the disk is mounted, and undoes only what is on the disk', () => {
    const bare = on(PATH, mounts.slice(0, 1));
    const before = plan({ ...none, onRoot: true, missing: [PATH, '/data/brick1', '/data'] }, { mount: '/data/brick1' }, bare);
    const after = plan(none, { mount: '/data/brick1' });
    expect(String(before[0]?.do)).toBe(String(after[0]?.do));
    expect(String(before[0]?.undo)).toBe(String(after[0]?.undo));
    expect(String(before[0]?.do)).toContain('mountpoint -q');
  });

  it('T8: refuses the root filesystem unless it is allowed', () => {
    const [reason, ...more] = why({ ...none, onRoot: true }, {}, on('/srv/gv0'));
    expect(reason).toMatch(/lies on the root filesystem.*allow: \[root-partition\] in volume gv0/);
    expect(more).toEqual([]);
    expect(ids(plan({ ...none, onRoot: true }, { onRoot: true }, on('/srv/gv0')))).toEqual([`brick:${PATH}`]);
  });

  it('T9: refuses the root of a mount, also of one that is yet to come', () => {
    expect(why(empty, { path: '/data/brick1' }, on('/data/brick1'))[0]).toMatch(/is itself a mount point.*\/data\/brick1\/gv0/);
    expect(why({ ...none, onRoot: true }, { path: '/x', mount: '/x' }, on('/x'))[0]).toMatch(/is itself a mount point/);
  });

  it.each<[string, BrickState, RegExp]>([
    ['a file', { ...none, kind: 'other', missing: [] }, /is not a directory/],
    ['data of nobody', { ...empty, content: 'data', sample: ['photo.jpg'] }, /is not empty \| it holds photo.jpg/],
    [
      'data of a deleted volume',
      { ...used, content: 'data', sample: ['a', 'b', 'c', 'd'] },
      new RegExp(`id ${ID}.*it holds a, b, c and more; the volume was deleted, or belongs to another pool`),
    ],
    ['the metadata of a used volume', used, /which this node does not know/],
    ['a brick of another volume of the pool', { ...used, volume: 'gv9', content: null }, /is a brick of the volume gv9/],
    ['T7: a brick above it', { ...none, marks: [mark(ID, null, '/data/brick1')] }, /\/data\/brick1, above the brick .* is itself marked/],
    [
      'T34: an empty filesystem where a brick should be',
      { ...empty, member: 'gv0' },
      /should be a brick of the volume gv0.*does not carry the mark.*reset-brick/,
    ],
    ['T34: no filesystem where a brick should be', { ...none, member: 'gv0' }, /should be a brick of the volume gv0.*is not there/],
  ])('refuses %s', (_what, state, text) => {
    const list = why(state);
    expect(list).toHaveLength(1);
    expect(list[0]).toMatch(text);
  });

  it('refuses a filesystem that is mounted read-only, and the folder of glusterd', () => {
    expect(why(none, {}, on('/data/ro/b'))[0]).toMatch(/mounted read-only/);
    expect(why(none, { onRoot: true }, on('/var/lib/glusterd/b'))[0]).toMatch(/glusterd's own/);
  });

  it('takes remains of a failed create, which the step volume clears', () => expect(ids(plan(failedCreate))).toEqual([`brick:${PATH}`]));
});

describe('the remains of a failed create', () => {
  it.each<[string, BrickState, boolean]>([
    ['the mark and an empty .glusterfs', failedCreate, true],
    ['the mark alone', { ...failedCreate, trace: false }, true],
    ['an empty directory', empty, false],
    ['a gfid beside the mark', { ...failedCreate, marks: [mark(ID, '01')] }, false],
    ['a gfid alone', { ...failedCreate, marks: [mark(null, '01')] }, false],
    ['metadata', used, false],
    ['metadata in a directory that was taken empty', { ...used, taken: true }, true],
    ['data in a directory that was taken empty', { ...used, taken: true, content: 'data' }, false],
    ['a taken, clean directory', { ...empty, taken: true }, false],
    ['a brick of the pool', { ...failedCreate, volume: 'gv0', content: null }, false],
    ['no getfattr, an empty .glusterfs', { ...empty, marks: null, trace: true }, true],
    ['no getfattr, an empty directory', { ...empty, marks: null }, false],
  ])('%s: %j', (_what, state, is) => expect(isRemains(PATH, state)).toBe(is));
});

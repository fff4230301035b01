import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sh } from '../../../src/sh.ts';
import { brickFunctions } from '../../../src/steps/brick/scripts.ts';
import { brickState, brickStates, recordOf } from '../../../src/steps/brick/state.ts';
import { askHere } from '../../facts/here.ts';
import { run } from '../answers.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'glusterctl-brick-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const at = (...parts: string[]) => join(root, ...parts);
const folder = (...parts: string[]) => mkdirSync(at(...parts), { recursive: true });
const put = (...parts: string[]) => {
  folder(...parts.slice(0, -1));
  writeFileSync(at(...parts), 'x');
};
const look = (path: string) => askHere({ state: brickState(path) }).state;

describe('the state of a brick, asked of this machine', () => {
  it('tells what has to be made, the brick first', () => {
    expect(look(at('a', 'b', 'c'))).toMatchObject({
      kind: 'none',
      missing: [at('a', 'b', 'c'), at('a', 'b'), at('a')],
      content: null,
      taken: false,
      volume: null,
      member: null,
    });
  });

  it('tells an empty directory, a file and a link that leads nowhere apart', () => {
    folder('brick');
    put('file');
    expect(look(at('brick'))).toMatchObject({ kind: 'directory', missing: [], content: 'empty', trace: false, sample: [] });
    expect(look(at('file')).kind).toBe('other');
  });

  it("tells data from Gluster's own metadata", () => {
    folder('brick', '.glusterfs');
    expect(look(at('brick'))).toMatchObject({ content: 'empty', trace: true });
    folder('brick', '.glusterfs', '00', '00');
    folder('brick', '.glusterfs-anonymous-inode-5e276a11');
    folder('brick', '.shard', '.remove_me');
    expect(look(at('brick'))).toMatchObject({ content: 'metadata', sample: [] });
    put('brick', 'photo.jpg');
    expect(look(at('brick'))).toMatchObject({ content: 'data', sample: ['photo.jpg'] });
  });

  it.each([
    ['a file whose name is lost', ['.glusterfs', 'ab', 'cd', 'abcd0000-0000-0000-0000-000000000000']],
    ['a shard', ['.shard', 'abcd.1']],
    ['what self-heal has put aside', ['.glusterfs-anonymous-inode-5e276a11', 'abcd']],
    ['a hidden file', ['.profile']],
  ])('takes %s for data', (_what, path) => {
    put('brick', ...path);
    expect(look(at('brick')).content).toBe('data');
  });

  it('names at most five things, and asks about several bricks at once', () => {
    for (const name of 'abcdefgh') put('one', name);
    folder('two');
    const { states } = askHere({ states: brickStates([at('two'), at('one')]) });
    expect(states.get(at('one'))?.sample).toHaveLength(5);
    expect(states.get(at('two'))?.content).toBe('empty');
  });
});

describe('the answer about a brick', () => {
  const id = '5e276a11-7b82-408f-8945-89aae3ed8ae8';
  const parse = (stdout: string) => brickState('/data/b').parse({ stdout, code: 0 });

  it('holds the marks, its own first', () => {
    const state = parse(
      `directory\n=marks\n# file: /data/b\ntrusted.gfid=0x00000000000000000000000000000001\ntrusted.glusterfs.volume-id=0x${id.replaceAll('-', '')}\n\n# file: /data\ntrusted.glusterfs.volume-id=0x${id.replaceAll('-', '')}\n\n=end\n`,
    );
    expect(state.marks).toEqual([
      { path: '/data/b', volumeId: id, gfid: '00000000000000000000000000000001' },
      { path: '/data', volumeId: id, gfid: null },
    ]);
  });

  it('does not take marks that cannot be read for none', () => {
    expect(parse('directory\nunreadable\n=marks\n\n=end\n').marks).toBeNull();
    expect(parse('directory\n=marks\n=end\n').marks).toEqual([]);
  });

  it('says nothing of what is in a brick that is in use', () => {
    expect(parse('directory\nvolume gv0\nmember gv0\n=marks\n=end\n')).toMatchObject({ volume: 'gv0', member: 'gv0', content: null });
  });

  it('has a record of its own for each path', () => expect(recordOf('/data/b1/gv0')).toBe('/var/lib/glusterctl/bricks/data,b1,gv0'));
});

describe('strip', () => {
  it("removes what is Gluster's and nothing else", () => {
    folder('brick', '.glusterfs', '00', '00');
    folder('brick', '.glusterfs-anonymous-inode-5e276a11');
    put('brick', 'photo.jpg');
    const { code } = run(sh`
      set -eu
      ${brickFunctions}
      strip ${at('brick')}`);
    expect(code).toBe(0);
    expect(look(at('brick'))).toMatchObject({ content: 'data', sample: ['photo.jpg'], trace: false });
  });
});

import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as command from '../../src/gluster/command.ts';
import { sh } from '../../src/sh.ts';

const bricks = ['n1', 'n2', 'n3'].map((node) => ({ node, path: '/data/brick1/gv0' }));
const list = 'n1:/data/brick1/gv0 n2:/data/brick1/gv0 n3:/data/brick1/gv0';

describe('gluster commands', () => {
  it.each([
    [{ type: 'replicate' as const, setSize: 3, redundancy: 0 }, 'replica 3 '],
    [{ type: 'arbiter' as const, setSize: 3, redundancy: 0 }, 'replica 3 arbiter 1 '],
    [{ type: 'disperse' as const, setSize: 3, redundancy: 1 }, 'disperse-data 2 redundancy 1 '],
    [{ type: 'distribute' as const, setSize: 1, redundancy: 0 }, ''],
  ])('create a volume: $type', (layout, words) => {
    const volume = { name: 'gv0', bricks, ...layout };
    expect(command.volumeCreate(volume).text).toBe(`volume create gv0 ${words}${list}`);
    expect(command.volumeCreate(volume, { force: true }).text).toBe(`volume create gv0 ${words}${list} force`);
  });

  it('are run without questions, read as XML, with no log written', () => {
    expect(command.cli(command.peerProbe('n2')).text).toBe(
      'gluster --mode=script --xml --log-file=/dev/null peer probe n2 2>&1 </dev/null',
    );
  });

  it('give every value as one word, whatever is in it', () => {
    const word = fc.string({ unit: 'binary', maxLength: 30 }).map((t) => t.replaceAll('\0', ''));
    fc.assert(
      fc.property(word, word, word, (volume, option, value) => {
        const script = sh`printf '%s\0' ${command.volumeSet(volume, option, value)}`;
        const out = spawnSync('dash', ['-c', script.text], { encoding: 'utf8' });
        expect(out.stdout.split('\0').slice(0, -1)).toEqual(['volume', 'set', volume, option, value]);
      }),
      { numRuns: 30 },
    );
  });
});

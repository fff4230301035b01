import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { begin, end, ownNames, withBlock } from '../../src/steps/hosts-file.ts';

const entries = [
  { address: '10.0.0.11', names: ['node-1'] },
  { address: '10.0.0.12', names: ['node-2'] },
];
const block = '# BEGIN glusterctl prod\n10.0.0.11 node-1\n10.0.0.12 node-2\n# END glusterctl prod\n';
const edit = (text: string, list = entries) => withBlock(text, 'prod', 'node-1', list);

describe('the block', () => {
  it('is put at the end, after a last line that had no newline', () => {
    expect(edit('127.0.0.1 localhost\n').text).toBe(`127.0.0.1 localhost\n${block}`);
    expect(edit('127.0.0.1 localhost').text).toBe(`127.0.0.1 localhost\n${block}`);
    expect(edit('').text).toBe(block);
  });

  it('is replaced where it stands, stale lines and second copies included', () => {
    const stale = '# BEGIN glusterctl prod\n10.0.0.9 node-9\n# END glusterctl prod\n';
    expect(edit(`# top\n${stale}# middle\n${stale}192.0.2.1 other\n`).text).toBe(`# top\n${block}# middle\n192.0.2.1 other\n`);
  });

  it('leaves the block of another cluster alone', () => {
    const other = '# BEGIN glusterctl test\n10.9.0.1 t-1\n# END glusterctl test\n';
    expect(edit(other).text).toBe(other + block);
  });

  it('with its end cut off is not touched, but said', () => {
    const text = '127.0.0.1 localhost\n# BEGIN glusterctl prod\n10.0.0.9 node-9\n192.0.2.1 precious\n';
    expect(edit(text)).toEqual({ text, conflicts: [], open: 2 });
  });

  it('is found between Windows line ends, which other lines keep', () => {
    const text = '127.0.0.1 localhost\r\n# BEGIN glusterctl prod\r\n10.0.0.9 x\r\n# END glusterctl prod\r\n192.0.2.1 other\r\n';
    expect(edit(text).text).toBe(`127.0.0.1 localhost\r\n${block}192.0.2.1 other\r\n`);
  });
});

describe("the node's own name", () => {
  it.each([
    ['127.0.1.1 node-1\n', ''],
    ['127.0.1.1\tnode-1 # set by the installer\n', ''],
    ['127.0.1.1 node-1.example.com node-1\n', ''],
    ['127.0.0.1 localhost node-1\n', '127.0.0.1 localhost\n'],
    ['127.0.0.1  localhost  NODE-1\tapp.test  # mine\r\n', '127.0.0.1  localhost\tapp.test  # mine\r\n'],
    ['::1 node-1 localhost ip6-localhost\n', '::1 localhost ip6-localhost\n'],
    ['127.0.1.1 node-10 node-1x\n', '127.0.1.1 node-10 node-1x\n'],
    ['# 127.0.1.1 node-1\n', '# 127.0.1.1 node-1\n'],
    ['127.0.1.1 localhost # node-1\n', '127.0.1.1 localhost # node-1\n'],
  ])('leaves a loopback line: %j', (line, left) => {
    expect(edit(line)).toEqual({ text: left + block, conflicts: [], open: null });
  });

  it('takes its domain along, so that `hostname -f` stays what it was, also the next time', () => {
    expect(ownNames('127.0.1.1 node-1.example.com node-1\n', 'prod', 'node-1')).toEqual(['node-1.example.com', 'node-1']);
    const once = edit('127.0.1.1 node-1.example.com node-1\n', [{ address: '10.0.0.11', names: ['node-1.example.com', 'node-1'] }]).text;
    expect(ownNames(once, 'prod', 'node-1')).toEqual(['node-1.example.com', 'node-1']);
    expect(ownNames('127.0.1.1 n node-1\n', 'prod', 'node-1')).toEqual(['node-1']);
    expect(ownNames('127.0.1.1 web.example.com web\n', 'prod', 'web.example.com')).toEqual(['web.example.com', 'web']);
  });
});

describe('a line that leads a name elsewhere', () => {
  it('is told with its number and kept', () => {
    const text = '127.0.0.1 localhost\n192.0.2.12 www node-2 # old\n192.0.2.11 node-1\n';
    const { conflicts, text: after } = edit(text);
    expect(conflicts).toEqual([
      { line: 2, name: 'node-2', address: '192.0.2.12', wanted: '10.0.0.12' },
      { line: 3, name: 'node-1', address: '192.0.2.11', wanted: '10.0.0.11' },
    ]);
    expect(after.startsWith(text)).toBe(true);
  });
  it('is one on loopback, of another node', () => expect(edit('::1 node-2\n').conflicts).toHaveLength(1));
  it('is none when it says the same, or is of the other address family', () => {
    expect(edit('10.0.0.12 node-2 web\nfd00::12 node-2\n').conflicts).toEqual([]);
  });
});

describe('whatever stands in the file', () => {
  const line = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      begin('prod'),
      end('prod'),
      begin('x'),
      '127.0.1.1 node-1',
      '127.0.0.1 localhost node-1 #c',
      '10.0.0.12 node-2',
      '\t',
      '\r',
    ),
  );
  const text = fc.tuple(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.boolean()).map(([l, nl, last]) => l.join(nl) + (last ? nl : ''));

  it('a second time changes nothing, and the block is there once', () => {
    fc.assert(
      fc.property(text, (before) => {
        const once = edit(before);
        if (once.open !== null) return once.text === before;
        return edit(once.text).text === once.text && once.text.split(block).length === 2;
      }),
    );
  });

  it('lines without a name of ours stay, byte for byte and in order', () => {
    const foreign = fc.array(fc.string({ unit: 'binary' }).map((s) => s.replaceAll('\n', ' ')));
    fc.assert(
      fc.property(foreign, foreign, (a, b) => {
        const top = a.map((l) => `${l}\n`).join('');
        const bottom = b.map((l) => `${l}\n`).join('');
        return edit(`${top}# BEGIN glusterctl prod\nold\n# END glusterctl prod\n${bottom}`).text === top + block + bottom;
      }),
    );
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { output } from '../../src/transport/output.ts';

const text = fc.string({ unit: fc.constantFrom('a', '\n', 'ü', '漢', '\u{1F600}', ' ', '\r', 'mark', 'mar') });
const noise = text.filter((s) => !s.includes('mark\n') && !`${s}mark\n`.slice(0, -5).includes('mark\n'));

/** The same bytes, cut anywhere. */
const chunks = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const at = [0, ...cuts.map((c) => c % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
};

test('however the bytes are cut, text, lines and what stands before the mark come out the same', () => {
  fc.assert(
    fc.property(noise, text, fc.array(fc.nat(), { maxLength: 30 }), (before, after, cuts) => {
      const lines: string[] = [];
      const stream = output('mark', (line) => lines.push(line));
      for (const chunk of chunks(Buffer.from(`${before}mark\n${after}`), cuts)) stream.push(chunk);
      stream.end();
      expect(stream.begun).toBe(true);
      expect(stream.before).toBe(before);
      expect(stream.text).toBe(after);
      const whole = after.split('\n');
      if (whole.at(-1) === '') whole.pop();
      expect(lines).toEqual(whole);
    }),
    { numRuns: 1000 },
  );
});

test('without the mark nothing is told', () => {
  const lines: string[] = [];
  const stream = output('mark', (line) => lines.push(line));
  stream.push(Buffer.from('sudo: a password is required\nmar'));
  stream.end();
  expect(stream).toMatchObject({ begun: false, before: 'sudo: a password is required\nmar', text: '' });
  expect(lines).toEqual([]);
});

test('bytes that are no UTF-8 become one sign each, and a byte order mark stays', () => {
  const stream = output('mark');
  stream.push(Buffer.concat([Buffer.from('mark\n\uFEFFa'), Buffer.from([0xff]), Buffer.from('b'), Buffer.from([0xe2, 0x82])]));
  stream.end();
  expect(stream.text).toBe('\uFEFFa\uFFFDb\uFFFD');
});

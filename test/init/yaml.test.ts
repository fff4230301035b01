import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { address, scalar } from '../../src/init/yaml.ts';

it.each([
  'true',
  'No',
  'null',
  '~',
  '1e3',
  '0x10',
  '.5',
  '10.3',
  '10.10',
  '007',
  'a: b',
  '- x',
  '#x',
  '',
  ' x',
  'x ',
  '*a',
  '&a',
  '!t',
  '2001:db8::1',
  "it's",
  'a\u0085b',
  '1:30',
  '2024-01-01',
])('%j stays text in YAML 1.1 and 1.2', (text) => {
  expect(parse(`k: ${scalar(text)}`)).toEqual({ k: text });
  expect(parse(`k: ${scalar(text)}`, { version: '1.1' })).toEqual({ k: text });
  expect(parse(`k: { a: ${scalar(text)}, b: 1 }`)).toEqual({ k: { a: text, b: 1 } });
});

it.each(['/data/brick1', '~/.ssh/id_ed25519', 'node-1', 'https://mirror.example/pub/gluster', 'ops@bastion:22'])(
  '%s needs no quotes',
  (text) => {
    expect(scalar(text)).toBe(text);
    expect(parse(`k: { a: ${text} }`)).toEqual({ k: { a: text } });
  },
);

it('says any text so that it is read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(parse(`k: { a: ${scalar(text)} }`)).toEqual({ k: { a: text } });
      expect(parse(`- ${scalar(text)}`)).toEqual([text]);
    }),
  );
});

it('leaves IPv4 addresses plain', () => {
  expect(parse(`k: ${address('192.0.2.1')}`)).toEqual({ k: '192.0.2.1' });
  expect(parse(`k: { a: ${address('2001:db8::1')} }`)).toEqual({ k: { a: '2001:db8::1' } });
});

import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { jsonSchema } from '../../src/config/json-schema.ts';
import { ClusterFileError } from '../../src/config/problem.ts';
import { fixture, load } from './fixtures.ts';

type Json = { [key: string]: unknown };
type Path = (string | number)[];

/** Every place in the schema that takes free text; `*` is any item, `{}` any key and `{key}` a key's own name. */
const textPlaces = (schema: Json, path: Path = []): Path[] => {
  const places: Path[] = [];
  if (schema.type === 'string' && schema.enum === undefined && schema.const === undefined) places.push(path);
  for (const [key, inner] of Object.entries((schema.properties ?? {}) as Json)) places.push(...textPlaces(inner as Json, [...path, key]));
  if (schema.items) places.push(...textPlaces(schema.items as Json, [...path, '*']));
  if (typeof schema.additionalProperties === 'object') {
    places.push([...path, '{key}'], ...textPlaces(schema.additionalProperties as Json, [...path, '{}']));
  }
  for (const inner of (schema.anyOf ?? []) as Json[]) places.push(...textPlaces(inner, path));
  return places;
};

/** Where in the full file a place is: the first item that has it; undefined where the file has another form there. */
const put = (holder: unknown, path: Path, text: string): boolean => {
  const [step, ...rest] = path;
  if (holder === null || typeof holder !== 'object') return false;
  if (step === '*') {
    if (!Array.isArray(holder)) return false;
    if (rest.length > 0) return holder.some((item) => put(item, rest, text));
    holder[0] = text;
    return true;
  }
  const object = holder as Json;
  if (step === '{key}')
    return Object.defineProperty(object, text, { value: 'x', enumerable: true, configurable: true, writable: true }) !== null;
  const key = step === '{}' ? (Object.keys(object)[0] ?? '') : String(step);
  if (!(key in object)) return false;
  if (rest.length > 0) return put(object[key], rest, text);
  object[key] = text;
  return true;
};

const textsIn = (value: unknown): string[] =>
  typeof value === 'string'
    ? [value]
    : value !== null && typeof value === 'object'
      ? Object.entries(value).flatMap(([key, inner]) => [key, ...textsIn(inner)])
      : [];

const HOSTILE = [
  '$(reboot)',
  '`reboot`',
  '; reboot #',
  "' ; reboot ; '",
  '" ; reboot ; "',
  'a\nb',
  'a\r\nb: c',
  'a\u0000b',
  '-rf',
  '--option=x',
  '../../etc/passwd',
  '/etc/../../x',
  '*',
  '~root/x',
  '%n%s',
  '\u001b[31m',
  '\u202ex',
  '\ufeffx',
  '__proto__',
  'constructor',
  '',
  ' ',
  ' lead',
  'trail ',
  'a b',
  'ä/ö',
  'a|b',
  'a&b',
  'a>b',
  '$IFS;x',
  'x'.repeat(5000),
];

const full = fixture('good', 'full.yaml');
const fullData = parse(full) as Json;
const places = textPlaces(jsonSchema() as Json).map((path) => [path.join('.'), path] as const);

/** What is read, not kept: sizes, and hexadecimal digits with their blanks and capitals. */
const READ = /Size$|stripeUnit$|sha256$|fingerprint(\.(deb|rpm))?$/i;

describe('a text is refused, or kept as it is', () => {
  test('the schema has as many free texts as the last time someone looked', () => {
    expect(places.length).toBe(65);
  });

  test.each(places)('%s', (name, path) => {
    const tryOne = (text: string): void => {
      const data = structuredClone(fullData);
      if (!put(data, path, text)) return;
      let found: string[];
      try {
        found = textsIn(load(JSON.stringify(data)));
      } catch (error) {
        expect(error).toBeInstanceOf(ClusterFileError);
        return;
      }
      // Paths on this machine are kept as the absolute path that they mean.
      const meant = [text, resolve('/srv/prod', text), join('/home/ops', text.slice(1))];
      const kept = found.filter((each) => meant.some((form) => each.includes(form)));
      if (!READ.test(name)) expect(kept).not.toEqual([]);
      // It goes into files with one line per entry, and into argument lists; relative paths are absolute by now.
      expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(kept.filter((each) => each.startsWith('--'))).toEqual([]);
    };
    for (const text of HOSTILE) tryOne(text);
    fc.assert(fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 12 }), tryOne), { numRuns: 10 });
  });

  test('the full file has every place, so that each was really tried', () => {
    const missing = places.filter(([, path]) => !put(parse(full), path, 'x')).map(([name]) => name);
    expect(missing).toEqual([]);
  });
});

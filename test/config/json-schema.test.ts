import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { jsonSchema } from '../../src/config/json-schema.ts';
import { SELECTORS } from '../../src/config/schema/node.ts';
import { ClusterFile } from '../../src/config/schema.ts';
import { fixture, fixtureNames } from './fixtures.ts';

const schema = jsonSchema();
const fits: ValidateFunction = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true }).compile(schema);

/** Rules of single fields that a pattern cannot tell: zod alone refuses these files. */
const BEYOND = /an IPv4 or IPv6 address|a whole number of bytes/;

/** The file as data, or undefined where it is not even YAML. */
const dataOf = (text: string): unknown => {
  try {
    return parse(text, { logLevel: 'silent' }) as unknown;
  } catch {
    return undefined;
  }
};

test('is draft-07, and describes every field', () => {
  expect(schema.$schema).toBe('http://json-schema.org/draft-07/schema#');
  const bare: string[] = [];
  const visit = (part: Record<string, unknown>, path: string): void => {
    for (const [key, inner] of Object.entries((part.properties ?? {}) as Record<string, Record<string, unknown>>)) {
      if (typeof inner.description !== 'string') bare.push(`${path}.${key}`);
      visit(inner, `${path}.${key}`);
    }
    if (part.items) visit(part.items as Record<string, unknown>, `${path}[]`);
    for (const inner of (part.anyOf ?? []) as Record<string, unknown>[]) visit(inner, path);
  };
  visit(schema, '');
  expect(bare).toEqual([]);
});

test.each(fixtureNames('good'))('takes %s', (name) => {
  fits(dataOf(fixture('good', name)));
  expect(fits.errors).toBeNull();
});

describe('agrees with the schema that glusterctl checks with', () => {
  test.each(fixtureNames('wrong'))('on %s', (name) => {
    const data = dataOf(fixture('wrong', name));
    if (data === undefined) return;
    const issues = ClusterFile.safeParse(data).error?.issues ?? [];
    const expressible = issues.filter(({ message }) => !BEYOND.test(message));
    const refused = !fits(data);
    // That a disk is chosen in exactly one way is a rule of checks/, said with its place; here it is oneOf.
    const byDisk = fits.errors?.some(({ keyword }) => keyword === 'oneOf') ?? false;
    expect(refused).toBe(expressible.length > 0 || byDisk);
  });

  test('on a disk that is chosen in no way, in one, in two', () => {
    const disk = (...keys: string[]) => {
      const values = { device: '/dev/vdb', serial: 'S', wwn: '0x5', path: 'pci-1', match: { limit: 1 } };
      const chosen = Object.fromEntries(keys.map((key) => [key, values[key as keyof typeof values]]));
      const file = dataOf(fixture('good', 'minimal.yaml')) as { nodes: { disks?: unknown }[] };
      return fits({ ...file, nodes: [{ ...file.nodes[0], disks: [{ ...chosen, use: 'heketi' }] }] });
    };
    expect(disk()).toBe(false);
    for (const key of SELECTORS) expect(disk(key)).toBe(true);
    expect(disk('device', 'serial')).toBe(false);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapePath, unitValue } from '../../../src/steps/mount/escape.ts';

/** What systemd-escape 252 --path prints; test/steps/mount.lab.test.ts asks the real one about more. */
const REAL: readonly [string, string][] = [
  ['/', '-'],
  ['/mnt/gv0', 'mnt-gv0'],
  ['/mnt/.hid', 'mnt-.hid'],
  ['/.a/b', '\\x2ea-b'],
  ['/a-b/c', 'a\\x2db-c'],
  ['/a//b/', 'a-b'],
  ['/a/./b', 'a-b'],
  ['/ä b/ü', '\\xc3\\xa4\\x20b-\\xc3\\xbc'],
  ['/x@y=1+2', 'x\\x40y\\x3d1\\x2b2'],
  ['/a_b:c', 'a_b:c'],
  ['/a\\b', 'a\\x5cb'],
  ["/q'uo", 'q\\x27uo'],
];

const pathOf = (name: string): string =>
  `/${Buffer.from(
    name.replaceAll('-', '/').replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString()}`;

describe('the unit name of a path', () => {
  it.each(REAL)('%s is %s', (path, name) => expect(escapePath(path)).toBe(name));

  it.each(['rel', '/a/../b', '..', ''])('%j has none', (path) => expect(() => escapePath(path)).toThrow(TypeError));

  it('leads back to the path, and holds nothing a unit name cannot', () => {
    const part = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 }).filter((s) => !/[/\0]/.test(s) && s !== '.' && s !== '..');
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const path = `/${parts.join('/')}`;
        const name = escapePath(path);
        expect(name).toMatch(/^[A-Za-z0-9:_.\\-]+$/);
        expect(pathOf(name)).toBe(path);
      }),
    );
  });

  it('keeps specifiers out of unit files', () => expect(unitValue('/mnt/100%h')).toBe('/mnt/100%%h'));
});

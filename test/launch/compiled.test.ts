import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compiled } from '../../src/launch/compiled.ts';

const TEXT = '(function () { function double(n) { return 2 * n; } return double(21); })';
/** One name a script: V8 remembers in the process what it has compiled under the same name. */
const script = (cachedData?: Buffer, filename = `${Math.random()}.cjs`) => new Script(TEXT, { filename, cachedData });

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-compiled-'));
  path = join(dir, 'cache', 'compiled');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const keep = (names: readonly string[], verb = 'plan', all = names) => {
  const scripts = new Map(names.map((name) => [name, script()]));
  for (const one of scripts.values()) one.runInThisContext()();
  compiled(path, verb).keep(scripts, all);
};

describe('compiled code', () => {
  it('is there in the next run, for this user alone', () => {
    expect(compiled(path, 'plan').of('a')).toBeUndefined();
    keep(['a', 'b']);
    const code = compiled(path, 'plan').of('a');
    const again = script(code);
    expect(again.cachedDataRejected).toBe(false);
    expect(again.runInThisContext()()).toBe(42);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'cache')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(dir, 'cache'))).toEqual(['compiled']);
  });

  it('is not taken with a bit that has flipped: V8 would die of it', () => {
    keep(['a', 'b']);
    const bytes = readFileSync(path);
    const at = bytes.length - 40;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    expect(compiled(path, 'plan').of('a')).toBeDefined();
    expect(compiled(path, 'plan').of('b')).toBeUndefined();
  });

  it.each(['', 'nonsense', 'glusterctl-compiled-1\n{'])('is none in a file that holds %j, which is written anew', (text) => {
    keep(['a']);
    writeFileSync(path, text);
    expect(compiled(path, 'plan').of('a')).toBeUndefined();
    keep(['a']);
    expect(compiled(path, 'plan').of('a')).toBeDefined();
  });

  it('is not taken out of a file that others may write', () => {
    keep(['a']);
    chmodSync(path, 0o666);
    expect(compiled(path, 'plan').of('a')).toBeUndefined();
  });

  it('is not put into a folder that others may write', () => {
    keep(['a']);
    rmSync(path);
    chmodSync(join(dir, 'cache'), 0o777);
    keep(['a']);
    expect(readdirSync(join(dir, 'cache'))).toEqual([]);
  });

  it('is written again for another verb and for another chunk only', () => {
    keep(['a']);
    const first = statSync(path).ino;
    const code = () => new Map([['a', script(compiled(path, 'plan').of('a'))]]);
    const again = compiled(path, 'plan');
    again.of('a');
    again.keep(code(), ['a']);
    expect(statSync(path).ino).toBe(first);
    const other = compiled(path, 'status');
    other.of('a');
    other.keep(code(), ['a']);
    expect(statSync(path).ino).not.toBe(first);
  });

  it('keeps what this run had no use for, and forgets what another build was made of', () => {
    keep(['a', 'old']);
    keep(['b'], 'status', ['a', 'b']);
    expect(['a', 'b', 'old'].map((name) => compiled(path, 'plan').of(name) !== undefined)).toEqual([true, true, false]);
  });

  it('is done without where nothing can be written', () => {
    writeFileSync(join(dir, 'cache'), 'a file');
    keep(['a']);
    expect(existsSync(path)).toBe(false);
  });
});

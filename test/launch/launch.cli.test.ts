import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'glusterctl-launch-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const version = (env: Record<string, string> = {}) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['bin/glusterctl.js', '--version'], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', HOME: home, ...env },
    timeout: 20_000,
  });
  return { status, stdout: stdout.trim(), stderr };
};
const works = { status: 0, stdout: JSON.parse(readFileSync('package.json', 'utf8')).version, stderr: '' };
const cache = () => join(home, '.cache/glusterctl');

describe('starting glusterctl', () => {
  it('keeps what was compiled, and starts with it', () => {
    expect(version()).toEqual(works);
    expect(readdirSync(cache())).toEqual([`compiled-${process.version}-${process.arch}`]);
    expect(version()).toEqual(works);
  });

  it('gets over a cache that was damaged anywhere', () => {
    version();
    const file = join(cache(), readdirSync(cache())[0] ?? '');
    const bytes = readFileSync(file);
    for (let at = 3; at < bytes.length; at += 997) bytes[at] = (bytes[at] ?? 0) ^ 0x55;
    writeFileSync(file, bytes);
    expect(version()).toEqual(works);
  });

  // In /proc mkdir says ENOENT, over which Node's recursive one never ends.
  it.each(['/proc', '/dev/null', '/nonexistent/home'])('does without where the home is %s', (HOME) => {
    expect(version({ HOME })).toEqual(works);
    expect(existsSync('/nonexistent')).toBe(false);
  });

  it.each(['CI', 'NODE_DISABLE_COMPILE_CACHE'])('keeps nothing where %s is set', (name) => {
    expect(version({ [name]: '1' })).toEqual(works);
    expect(existsSync(cache())).toBe(false);
  });
});

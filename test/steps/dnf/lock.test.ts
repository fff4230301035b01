import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RpmPackage } from '../../../src/facts/packages.ts';
import type { Sh } from '../../../src/sh.ts';
import { hold, isExact, isLocked, type Lock, lock, release } from '../../../src/steps/dnf/lock.ts';
import { run } from '../answers.ts';

const rpm = (name: string): RpmPackage => ({
  name,
  epoch: 0,
  version: '10.3',
  release: '1.el9',
  architecture: 'x86_64',
  source: 'glusterfs-10.3-1.el9.src.rpm',
});
const there = ['glusterfs-server', 'glusterfs', 'libgfapi0'].map(rpm);
const KINDS = ['yum', 'dnf4', 'dnf5'] as const;

let dir = '';
let list = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lock-'));
  list = join(dir, 'list');
});
afterEach(() => rmSync(dir, { recursive: true }));

/** The script on a node where yum, dnf 4 or dnf 5 is the manager and three packages of Gluster are installed, and another one. */
const on = (kind: (typeof KINDS)[number], script: Sh | 'nothing') => {
  if (script === 'nothing') throw new Error('no script');
  const programs: Record<string, string> = {
    rpm: `case $1 in -qa) ;; *) exit 1 ;; esac
      for name in glusterfs-server glusterfs libgfapi0; do echo "$name 0:10.3-1.el9 x86_64 glusterfs-10.3-1.el9.src.rpm"; done
      echo 'glusterfs-selinux 0:2.0.1-1.el9 noarch glusterfs-selinux-2.0.1-1.el9.src.rpm'`,
    dnf: `echo ${kind === 'dnf5' ? 'dnf5 version 5.2.8' : '4.14.0'}`,
  };
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(dir, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  if (kind === 'yum') rmSync(join(dir, 'dnf'));
  const at = script.text.replaceAll(
    /\/etc\/(yum\/pluginconf.d\/versionlock.list|dnf\/plugins\/versionlock.list|dnf\/versionlock.toml)/g,
    list,
  );
  return run({ ...script, text: at } as Sh, { env: { PATH: `${dir}:/usr/bin:/bin` } });
};
const state = (kind: (typeof KINDS)[number], text: string | null): Lock => ({ kind, path: list, text });
const read = () => readFileSync(list, 'utf8');

describe.each(KINDS)('the locks of %s', (kind) => {
  it('are of what is installed, are recognised when they are exact, and leave the rest of the file as it is', () => {
    writeFileSync(list, '# mine\nkernel-0:5.14.0-1.el9.*\n', { mode: 0o640 });
    const change = hold('lock', state(kind, read()));
    expect(on(kind, change.verify).code).not.toBe(0);
    expect(on(kind, change.do)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(on(kind, change.verify).code).toBe(0);
    const locked = read();
    expect(locked.startsWith('# mine\nkernel-0:5.14.0-1.el9.*\n# GlusterFS, locked by glusterctl: begin\n')).toBe(true);
    expect(locked).not.toContain('selinux');
    expect(isLocked(state(kind, locked)) && isExact(state(kind, locked), there)).toBe(true);
    expect(isExact(state(kind, locked), there.slice(1))).toBe(false);
    expect(isExact(state(kind, locked.replace('10.3', '10.4')), there)).toBe(false);
    expect(statSync(list).mode & 0o777).toBe(0o640);

    expect(on(kind, change.do).code).toBe(0);
    expect(read()).toBe(locked);
    expect(on(kind, change.undo).code).toBe(0);
    expect(on(kind, change.undo).code).toBe(0);
    expect(read()).toBe('# mine\nkernel-0:5.14.0-1.el9.*\n');
  });

  it('of an earlier version come back at the undo, and go when they are no longer wanted', () => {
    writeFileSync(list, '');
    on(kind, hold('lock', state(kind, '')).do);
    const locked = read().replaceAll('10.3', '10.1');
    writeFileSync(list, locked);
    const change = hold('lock', state(kind, locked));
    on(kind, change.do);
    expect(read()).toContain('10.3');
    on(kind, change.undo);
    expect(read()).toBe(locked);
    const gone = release(state(kind, locked));
    expect(on(kind, gone.verify).code).not.toBe(0);
    on(kind, gone.do);
    expect(on(kind, gone.verify).code).toBe(0);
    on(kind, gone.undo);
    expect(read()).toBe(locked);
  });
});

it('one line each, as the plugins write them', () => {
  const lines = (kind: 'yum' | 'dnf4') => {
    writeFileSync(list, '');
    on(kind, hold('lock', state(kind, '')).do);
    return read().split('\n').slice(1, 4);
  };
  expect(lines('yum')).toEqual(['0:glusterfs-10.3-1.el9.*', '0:glusterfs-server-10.3-1.el9.*', '0:libgfapi0-10.3-1.el9.*']);
  expect(lines('dnf4')).toEqual(['glusterfs-0:10.3-1.el9.*', 'glusterfs-server-0:10.3-1.el9.*', 'libgfapi0-0:10.3-1.el9.*']);
});

it('a file that dnf 5 did not have goes again', () => {
  const change = hold('lock', state('dnf5', null));
  on('dnf5', change.do);
  expect(read()).toMatch(/^version = "1.0"\n# GlusterFS.*\n\[\[packages\]\]\nname = "glusterfs"\n/);
  on('dnf5', change.undo);
  expect(() => read()).toThrow('ENOENT');
});

it('what the node says of its locks is read', () => {
  const body = Buffer.from('kernel-0:1-1.*\n').toString('base64');
  expect(lock.parse({ stdout: `dnf4 /etc/dnf/plugins/versionlock.list\n${body}`, code: 0 })).toEqual({
    kind: 'dnf4',
    path: '/etc/dnf/plugins/versionlock.list',
    text: 'kernel-0:1-1.*\n',
  });
  expect(lock.parse({ stdout: 'yum /etc/yum/pluginconf.d/versionlock.list\n', code: 0 })).toMatchObject({ kind: 'yum', text: null });
  expect(lock.parse({ stdout: '', code: 3 })).toBeNull();
});

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sh } from '../../src/sh.ts';
import { selinux } from '../../src/steps/selinux.ts';
import { selinuxLabels } from '../../src/steps/selinux-labels.ts';
import { cluster, file, ids, node, run } from './answers.ts';

type Mode = 'enforcing' | 'permissive' | 'absent';

const CONFIG =
  '# This file controls the state of SELinux on the system.\n# SELINUX= can take one of these three values:\nSELINUX=enforcing\nSELINUXTYPE=targeted\n';
const of = (mode: Mode, text: string | null = CONFIG, switches: [string, boolean][] = []) => ({
  selinux: { mode, configured: 'enforcing' },
  config: file(text),
  switches: new Map(switches),
});

describe('the step selinux', () => {
  const want = { permissive: true, booleans: ['virt_use_fusefs', 'nosuch'] };

  it('asks nothing of a cluster that leaves it, but what pods and virtual machines need of it', () => {
    const nodes = [node('a'), node('b', { roles: ['client'] })];
    expect(selinux.jobs(cluster({ nodes }))).toEqual([]);
    const kubernetes = { version: 'auto', namespace: 'default', volumes: [] } as never;
    expect(selinux.jobs(cluster({ nodes, kubernetes }))).toEqual([
      { node: 'b', want: { permissive: false, booleans: ['virt_sandbox_use_fusefs'] } },
    ]);
    expect(selinux.jobs(cluster({ nodes, selinux: 'permissive' })).map((job) => job.node)).toEqual(['a', 'b']);
  });

  it('makes it permissive now and for the next boot, never off, and takes both back', () => {
    const changes = selinux.plan(want, of('enforcing', CONFIG, [['virt_use_fusefs', false]]));
    expect(ids(changes)).toEqual(['file:/etc/selinux/config', 'permissive', 'boolean:virt_use_fusefs']);
    expect(changes[0]?.diff?.after).toBe(CONFIG.replace('SELINUX=enforcing', 'SELINUX=permissive'));
    expect(changes.map(({ undo }) => String(undo)).slice(1)).toEqual(['setenforce 1', 'setsebool -P virt_use_fusefs off']);
    expect(JSON.stringify(changes)).not.toContain('SELINUX=disabled');
  });

  it('has nothing to do where it is so already, or where there is none', () => {
    const done = CONFIG.replace('=enforcing', '=permissive');
    expect(selinux.plan(want, of('permissive', done, [['virt_use_fusefs', true]]))).toEqual([]);
    expect(selinux.plan(want, of('absent'))).toEqual([]);
    expect(selinux.notes?.(want, of('absent'))).toHaveLength(1);
  });

  it('leaves an enforcing one alone when that is what the file says', () => {
    expect(selinux.plan({ permissive: false, booleans: [] }, of('enforcing'))).toEqual([]);
  });
});

describe('the step selinux-labels', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'glusterctl-selinux-'));
    mkdirSync(join(dir, 'bin'));
    mkdirSync(join(dir, 'brick.1'));
    writeFileSync(join(dir, 'local'), '');
    // semanage keeps its rules in a file, and files carry the label that a rule gives them: all that the step rests on.
    const tool = (name: string, text: string) => {
      writeFileSync(join(dir, 'bin', name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(dir, 'bin', name), 0o755);
    };
    tool(
      'semanage',
      `case $2 in -a) printf '%s    system_u:object_r:%s:s0\\n' "$5" "$4" >>${dir}/local ;; -d) grep -vF "$3" ${dir}/local >${dir}/new; mv ${dir}/new ${dir}/local ;; esac`,
    );
    tool('restorecon', ':');
    tool(
      'stat',
      `if grep -q glusterd_brick_t ${dir}/local; then echo system_u:object_r:glusterd_brick_t:s0; else echo system_u:object_r:default_t:s0; fi`,
    );
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  const here = (script: Sh | 'nothing') => {
    const text = String(script)
      .replaceAll('/etc/selinux/*/contexts/files/file_contexts.local', join(dir, 'local'))
      .replaceAll('/sys/fs/selinux/enforce', join(dir, 'local'));
    return run(Sh.raw(text), { env: { PATH: `${join(dir, 'bin')}:${process.env.PATH}` } });
  };
  const path = () => join(dir, 'brick.1');
  const is = (mode: Mode): Parameters<typeof selinuxLabels.plan>[1] => {
    const { label } = selinuxLabels.facts({ path: path() });
    return { selinux: { mode, configured: null }, label: label.parse(here(label.read)) };
  };

  it('is for every brick of the file', () => {
    const volumes = [
      {
        name: 'gv0',
        bricks: [
          { node: 'node-1', path: '/b/1' },
          { node: 'node-2', path: '/b/2' },
        ],
      },
    ] as never;
    expect(selinuxLabels.jobs(cluster({ volumes }))).toEqual([
      { node: 'node-1', want: { path: '/b/1' } },
      { node: 'node-2', want: { path: '/b/2' } },
    ]);
  });

  it('labels a brick by a rule, once, and takes the rule away', () => {
    expect(selinuxLabels.plan({ path: path() }, is('absent'))).toEqual([]);
    const [change] = selinuxLabels.plan({ path: path() }, is('enforcing'));
    if (!change) throw new Error('nothing is planned');
    for (let i = 0; i < 2; i += 1) expect(here(change.do)).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(join(dir, 'local'), 'utf8')).toBe(
      `${path().replaceAll('.', '\\.')}(/.*)?    system_u:object_r:glusterd_brick_t:s0\n`,
    );
    expect(here(change.verify).code).toBe(0);
    expect(selinuxLabels.plan({ path: path() }, is('enforcing'))).toEqual([]);
    for (let i = 0; i < 2; i += 1) expect(here(change.undo)).toMatchObject({ code: 0 });
    expect(readFileSync(join(dir, 'local'), 'utf8')).toBe('');
    expect(here(change.verify).code).not.toBe(0);
  });

  it('says which package has semanage when that is missing', () => {
    const [change] = selinuxLabels.plan({ path: path() }, is('enforcing'));
    rmSync(join(dir, 'bin/semanage'));
    expect(here(change?.do ?? 'nothing')).toMatchObject({ code: 1, stderr: expect.stringContaining('policycoreutils-python-utils') });
  });
});

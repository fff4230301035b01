import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FACT_SECONDS } from '../../src/facts/script.ts';
import type { Service } from '../../src/facts/services.ts';
import type { Sh } from '../../src/sh.ts';
import { glusterd } from '../../src/steps/glusterd.ts';
import { cluster, ids, node, reasons, run } from './answers.ts';

const none: Service = { load: 'not-found', active: 'inactive', sub: 'dead', file: '', path: '' };
const unit = (more: Partial<Service>): Service => ({
  load: 'loaded',
  active: 'inactive',
  sub: 'dead',
  file: 'disabled',
  path: '/lib/x',
  ...more,
});
const facts = (glusterdService: Service, answers = false, old: Service = none) => ({
  units: new Map([
    ['glusterd.service', glusterdService],
    ['glusterfs-server.service', old],
  ]),
  answers,
  contained: false,
});
const packages = { container: false };

describe('glusterd', () => {
  it('runs on servers', () => {
    expect(glusterd.jobs(cluster({ nodes: [node('a'), node('b', { roles: ['client'] })] }))).toEqual([{ node: 'a', want: packages }]);
  });

  it('is enabled and started where it is not, the same way before and after its package is there', () => {
    const bare = glusterd.plan(packages, facts(none));
    expect(ids(bare)).toEqual(['enable', 'start']);
    expect(glusterd.plan(packages, facts(unit({})))).toEqual(bare);
    expect(glusterd.plan(packages, facts(none, false, unit({})))).toEqual(bare);
    expect(ids(glusterd.plan(packages, facts(unit({ file: 'enabled', active: 'failed' }))))).toEqual(['start']);
  });

  it('has nothing to do where it runs and answers', () => {
    expect(glusterd.plan(packages, facts(unit({ file: 'enabled', active: 'active' }), true))).toEqual([]);
    expect(glusterd.plan(packages, facts(none, true, unit({ file: 'enabled', active: 'active' })))).toEqual([]);
  });

  it('is restarted where it runs but does not answer, and that is said to disturb', () => {
    expect(glusterd.plan(packages, facts(unit({ file: 'enabled', active: 'active' })))).toMatchObject([
      { id: 'start', risk: 'disruptive' },
    ]);
  });

  it('is not started against the will of who masked it, nor without systemd', () => {
    expect(reasons(() => glusterd.plan(packages, facts(unit({ load: 'masked', file: 'masked' }))))[0]).toMatch(
      /^glusterd.service is masked.*unmask/,
    );
    expect(reasons(() => glusterd.plan(packages, { units: null, answers: false, contained: false }))[0]).toMatch(/systemd/);
  });
});

describe.each(['dash', 'bash'])('the scripts under %s', (shell) => {
  let bin = '';
  beforeEach(() => {
    bin = mkdtempSync(join(tmpdir(), 'glusterd-'));
  });
  afterEach(() => rmSync(bin, { recursive: true }));

  /** Programs of the node, each a few words of sh. */
  const on = (script: Sh | 'nothing', programs: Record<string, string>) => {
    if (script === 'nothing') throw new Error('no script');
    for (const [name, text] of Object.entries({ journalctl: 'echo "from the journal"', ...programs })) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    }
    return run(script, { shell, env: { PATH: `${bin}:${process.env.PATH}` } });
  };
  const [enable, start] = glusterd.plan(packages, facts(none));
  if (!enable || !start) throw new Error('two changes');
  const systemctl = (more: string) =>
    `case "$*" in 'cat glusterd.service') exit 1 ;; 'cat glusterfs-server.service') ;; ${more} *) echo "$*" ;; esac`;
  const ok = 'echo "<cliOutput><opRet>0</opRet></cliOutput>"';

  it('take the unit that is there', () => {
    expect(on(enable.do, { systemctl: systemctl('') })).toEqual({ code: 0, stdout: 'enable -- glusterfs-server.service\n', stderr: '' });
    expect(on(start.do, { systemctl: systemctl(''), gluster: ok })).toMatchObject({
      code: 0,
      stdout: 'start -- glusterfs-server.service\n',
    });
    expect(on(start.verify, { systemctl: systemctl(''), gluster: ok }).code).toBe(0);
    expect(on(start.undo, { systemctl: 'case $1 in cat) exit 1 ;; *) echo "$*" ;; esac' })).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('say what the logs say when it does not start, or ends', () => {
    const failing = on(start.do, { systemctl: systemctl('start*) exit 1 ;;'), gluster: 'exit 1' });
    expect(failing).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^glusterfs-server.service does not start:\nfrom the journal\n/),
    });
    const ended = on(start.do, { systemctl: systemctl('is-active*) exit 3 ;;'), gluster: 'echo Connection failed' });
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('has ended by itself') });
  });

  it('give an answer more time than a busy machine needs, and less than a question may take', () => {
    const { answers } = glusterd.facts(packages);
    const timeout = 'echo "$1" >"$0.asked"; shift; exec "$@"';
    for (const script of [answers.read, start.verify]) {
      on(script, { timeout, systemctl: systemctl(''), gluster: ok });
      const seconds = Number(readFileSync(join(bin, 'timeout.asked'), 'utf8'));
      expect(seconds).toBeGreaterThan(25);
      expect(seconds).toBeLessThan(FACT_SECONDS);
    }
  });

  it('do not take an answer for one that says no', () => {
    expect(on(start.verify, { systemctl: systemctl(''), gluster: 'echo "<cliOutput><opRet>-1</opRet></cliOutput>"' }).code).not.toBe(0);
  });
});

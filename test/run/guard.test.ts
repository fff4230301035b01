import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectError } from '../../src/errors.ts';
import { readHistory } from '../../src/journal/history.ts';
import { Journal } from '../../src/journal/journal.ts';
import type { Host } from '../../src/model/host.ts';
import type { PlannedChange } from '../../src/model/plan.ts';
import type { RunContext } from '../../src/run/context.ts';
import { arm } from '../../src/run/guard.ts';
import { lockNode } from '../../src/run/lock.ts';
import { performStage } from '../../src/run/perform.ts';
import { doScript } from '../../src/run/script.ts';
import { paint } from '../../src/ui/paint.ts';
import { planText } from '../../src/ui/plan-text.ts';
import { type ShHost, shHost } from '../helpers/sh-host.ts';
import { put } from '../helpers/toy-steps.ts';

let dir: string;
let host: ShHost;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-guard-'));
  host = shHost('node-1');
});
afterEach(async () => {
  await host.close();
  rmSync(dir, { recursive: true });
});

const change = (seconds: number): PlannedChange => ({
  ...put('rules', 'shut', null),
  key: 'node-1/toy/file:rules',
  node: 'node-1',
  step: 'toy',
  stage: 'toy',
  guard: { seconds },
});

const rules = (): string | null => (existsSync(join(host.root, 'rules')) ? readFileSync(join(host.root, 'rules'), 'utf8') : null);
const guards = (): string[] => {
  const folder = join(host.root, '.run-glusterctl.guard');
  return existsSync(folder) ? readdirSync(folder) : [];
};

const contextOf = (afresh: RunContext['afresh']) => {
  const path = join(dir, 'journal.ndjson');
  const first = { verb: 'apply', cluster: 'test', file: 'x', baseDir: '/', by: 'me', glusterctl: '0', nodes: ['node-1'], planned: 1 };
  const never = new AbortController().signal;
  const ctx: RunContext = {
    hosts: new Map([['node-1', host]]),
    afresh,
    journal: Journal.create(path, { t: 'run', v: 1, run: 'r1', ...first }),
    emit: () => {},
    interruption: { asked: null },
    lost: never,
    cut: never,
    concurrency: 1,
    log: '',
  };
  return { ctx, state: () => readHistory(readFileSync(path, 'utf8')).entries.map((entry) => entry.state) };
};

describe('a guarded change', () => {
  it('stays when a new login works', async () => {
    let closed = 0;
    const { ctx, state } = contextOf(() => ({ ...host, close: async () => void closed++ }));
    expect(await performStage(ctx, [change(2)], true)).toEqual({ done: 1, failures: [] });
    await sleep(3000);
    expect([rules(), guards(), state(), closed]).toEqual(['shut', [], ['done'], 1]);
  });

  it('is taken back by the node itself when no new login works, and has failed then', async () => {
    const locked: Host = {
      name: 'node-1',
      run: async () => {
        throw new ConnectError({ node: 'node-1', what: 'cannot connect to root@192.0.2.1', why: 'no answer (ETIMEDOUT)' });
      },
      close: async () => {},
    };
    const { ctx, state } = contextOf(() => locked);
    const { done, failures } = await performStage(ctx, [change(1)], true);
    expect(done).toBe(0);
    expect(failures).toMatchObject([{ node: 'node-1', what: 'write rules failed' }]);
    expect(failures[0]?.why).toContain('cannot connect to root@192.0.2.1: no answer (ETIMEDOUT)');
    expect(failures[0]?.why).toContain('the node has taken the change back by itself');
    expect([rules(), guards(), state()]).toEqual([null, [], ['failed']]);
  });

  it('is taken back when the new login hangs', async () => {
    const hangs: Host = {
      name: 'node-1',
      run: (_script, { signal } = {}) => new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
      close: async () => {},
    };
    const { failures } = await performStage(contextOf(() => hangs).ctx, [change(1)], true);
    expect(failures[0]?.why).toContain('a new login failed: no answer');
    expect(rules()).toBe(null);
  });

  it('is taken back when the login comes too late, and the answer says so', async () => {
    const late: Host = {
      ...host,
      run: async (script) => {
        await sleep(2500);
        return host.run(script);
      },
      close: async () => {},
    };
    const { failures } = await performStage(contextOf(() => late).ctx, [change(1)], true);
    expect(failures[0]?.why).toContain('a new login took longer than 1 s');
    expect(rules()).toBe(null);
  });

  it('is waited for by the next run, when the run was killed before it could confirm', async () => {
    const one = change(2);
    expect((await host.run(doScript(one, arm(one, 2, 'r1-1')))).code).toBe(0);
    expect([rules(), guards()]).toEqual(['shut', ['r1-1']]);
    const said: string[] = [];
    const lock = await lockNode(host, 'me', (text) => said.push(text));
    expect([rules(), guards(), said.length]).toEqual([null, [], 1]);
    await lock.release();
  });

  it('says so in the plan', () => {
    const summary = { nodes: 1, steps: 1, changes: 1, destructive: 0 };
    const plan = { v: 1 as const, cluster: 'test', nodes: ['node-1'], changes: [change(60)], summary, fingerprint: {}, notes: [] };
    const text = planText(plan, { commands: false, diffs: true, whole: false, stages: new Map() }, paint(false));
    expect(text).toContain('taken back by the node itself after 60 s, unless a new login works');
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectError } from '../../src/errors.ts';
import { inEffect, readHistory } from '../../src/journal/history.ts';
import { Journal } from '../../src/journal/journal.ts';
import type { Event } from '../../src/model/event.ts';
import type { Host } from '../../src/model/host.ts';
import type { Plan, Playbook } from '../../src/model/plan.ts';
import type { Change, Step } from '../../src/model/step.ts';
import { jobsOf } from '../../src/plan/jobs.ts';
import { type Applied, applyPlan } from '../../src/run/apply.ts';
import type { RunContext } from '../../src/run/context.ts';
import { LockLost } from '../../src/run/lock.ts';
import { look } from '../../src/run/look.ts';
import { rollBack } from '../../src/run/rollback.ts';
import { sh } from '../../src/sh.ts';
import { cluster } from '../helpers/cluster.ts';
import { type ShHost, shHost } from '../helpers/sh-host.ts';
import { fileStep, poolStep } from '../helpers/toy-steps.ts';

const NAMES = ['node-1', 'node-2', 'node-3'];
let dir: string;
let hosts: Map<string, ShHost>;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-run-'));
  hosts = new Map(NAMES.map((name) => [name, shHost(name)]));
});
afterEach(async () => {
  for (const host of hosts.values()) await host.close();
  rmSync(dir, { recursive: true });
});

const onNode = (node: string, file: string): string | null => {
  try {
    return readFileSync(join(hosts.get(node)?.root ?? '', file), 'utf8');
  } catch {
    return null;
  }
};

const bench = (stages: Record<string, Step[]>) => {
  const all = Object.values(stages).flat();
  const stepById = (id: string): Step => {
    const step = all.find((s) => s.id === id);
    if (!step) throw new Error(id);
    return step;
  };
  const playbook: Playbook = {
    id: 'toy',
    title: 'Toy',
    stages: Object.entries(stages).map(([id, steps]) => ({ id, title: id, steps: steps.map((s) => s.id) })),
  };
  const events: Event[] = [];
  const path = join(dir, 'journal.ndjson');
  const journal = Journal.create(path, {
    t: 'run',
    v: 1,
    run: 'r1',
    verb: 'apply',
    cluster: 'test',
    file: 'x',
    baseDir: '/',
    by: 'me',
    glusterctl: '0',
    nodes: NAMES,
    planned: 0,
  });
  const interruption: { asked: 'SIGINT' | null; cut: AbortSignal; dispose(): void } = {
    asked: null,
    cut: new AbortController().signal,
    dispose: () => {},
  };
  const ctx: RunContext = {
    hosts,
    afresh: (node) => {
      const host = hosts.get(node);
      if (!host) throw new Error(node);
      return { ...host, close: async () => {} };
    },
    journal,
    emit: (e) => events.push(e),
    interruption,
    lost: new AbortController().signal,
    cut: new AbortController().signal,
    concurrency: 4,
    log: '',
  };
  const jobs = jobsOf(playbook, cluster(), stepById, new Set(NAMES));
  const plan = () => look(cluster(), jobs, hosts, 4);
  const apply = async (approved?: Plan): Promise<Applied> => applyPlan(ctx, cluster(), playbook, jobs, approved ?? (await plan()).plan);
  const history = () => readHistory(readFileSync(path, 'utf8'));
  const back = () => rollBack(ctx, inEffect(history()), (id) => stepById(id).scope === 'node');
  return { apply, plan, back, history, events, interruption, ctx };
};

const failing = (change: Change): Change => ({ ...change, do: sh`echo "disk full" >&2; exit 3` });

describe('applyPlan', () => {
  it('carries out what was planned, byte for byte, and then finds nothing to do', async () => {
    const b = bench({ one: [fileStep('a', NAMES, 'a', 'A'), fileStep('b', ['node-1'], 'b', 'B')], two: [poolStep('pool', NAMES)] });
    const { plan } = await b.plan();
    const result = await b.apply(plan);
    expect(result).toMatchObject({ result: 'changed', changed: 5, unchanged: 0, reports: [] });
    const ran = [...hosts.values()].flatMap((host) => host.scripts).join('\n');
    for (const change of plan.changes) expect(ran).toContain(change.do.text);
    expect(onNode('node-1', 'list')).toBe('node-1 node-2 node-3');
    expect((await b.plan()).plan.changes).toEqual([]);
    expect(await b.apply()).toMatchObject({ result: 'converged', changed: 0, unchanged: 5 });
  });

  it('asks each node once for a plan, and writes nothing', async () => {
    const b = bench({ one: [fileStep('a', NAMES, 'a', 'A'), fileStep('b', NAMES, 'b', 'B')], two: [poolStep('pool', NAMES)] });
    await b.plan();
    for (const host of hosts.values()) expect(host.scripts).toHaveLength(1);
    expect(NAMES.map((n) => onNode(n, 'a'))).toEqual([null, null, null]);
  });

  it('puts everything back as it was', async () => {
    writeFileSync(join(hosts.get('node-2')?.root ?? '', 'a'), 'before');
    const b = bench({ one: [fileStep('a', NAMES, 'a', 'A')], two: [poolStep('pool', NAMES)] });
    await b.apply();
    const back = await b.back();
    expect(back).toMatchObject({ undone: 4, kept: 0, left: [], reports: [] });
    expect(NAMES.map((n) => onNode(n, 'a'))).toEqual([null, 'before', null]);
    expect(inEffect(b.history())).toEqual([]);
    expect(await b.back()).toMatchObject({ undone: 0, left: [] });
  });

  it('begins nothing after a failure, says what failed on which node and why', async () => {
    const b = bench({
      one: [fileStep('a', ['node-1'], 'a', 'A'), fileStep('bad', ['node-1'], 'x', 'X', failing), fileStep('c', ['node-1'], 'c', 'C')],
      two: [fileStep('d', NAMES, 'd', 'D')],
    });
    const result = await b.apply();
    expect(result).toMatchObject({ result: 'failed', changed: 1 });
    expect(result.reports).toEqual([
      expect.objectContaining({
        node: 'node-1',
        what: 'write x failed',
        why: 'disk full',
        next: expect.stringContaining('glusterctl rollback r1'),
      }),
    ]);
    expect([onNode('node-1', 'a'), onNode('node-1', 'c'), onNode('node-1', 'd')]).toEqual(['A', null, null]);
    expect(b.history().entries.map((e) => [e.id, e.state])).toEqual([
      ['file:a', 'done'],
      ['file:x', 'failed'],
    ]);
    await b.back();
    expect(onNode('node-1', 'a')).toBeNull();
  });

  it('does not believe an exit code: what was done has to be there (voice 2)', async () => {
    const b = bench({ one: [fileStep('a', ['node-1'], 'a', 'A', (c) => ({ ...c, do: sh`true` }))] });
    const result = await b.apply();
    expect(result.result).toBe('failed');
    expect(result.reports[0]?.why).toContain('the commands ended well, but what they should have done is not there');
  });

  it('stops when a node has changed since the plan was made (voice 24)', async () => {
    const b = bench({ one: [fileStep('a', ['node-1'], 'a', 'A')], two: [fileStep('b', ['node-1'], 'b', 'B')] });
    const { plan } = await b.plan();
    const only = { ...plan, changes: plan.changes.filter((c) => c.id !== 'file:b') };
    const result = await b.apply(only);
    expect(result).toMatchObject({ result: 'failed', changed: 1 });
    expect(result.reports[0]?.what).toBe('this was not in the plan that you have seen: write b');
    expect(onNode('node-1', 'b')).toBeNull();
  });

  it('waits for what comes by itself after a stage has shaken it, and runs nothing that was not in the plan', async () => {
    const peersOf = fileStep('b', ['node-1'], 'b', 'B', (c) => ({ ...c, waits: true }));
    const b = bench({ one: [fileStep('a', ['node-1'], 'a', 'A')], two: [peersOf], three: [fileStep('c', ['node-1'], 'c', 'C')] });
    const { plan } = await b.plan();
    const only = { ...plan, changes: plan.changes.filter((c) => c.id !== 'file:b') };
    const back = setTimeout(() => writeFileSync(join(hosts.get('node-1')?.root ?? '', 'b'), 'B'), 1500);
    const result = await b.apply(only);
    clearTimeout(back);
    expect(result).toMatchObject({ result: 'changed', changed: 2, reports: [] });
    expect(b.history().entries.map((e) => e.id)).toEqual(['file:a', 'file:c']);
  });

  it('refuses before anything is done when a reason has come up since', async () => {
    const b = bench({ one: [fileStep('a', ['node-1'], 'a', 'A')] });
    const { plan } = await b.plan();
    writeFileSync(join(hosts.get('node-1')?.root ?? '', 'a'), 'forbidden');
    expect(await b.apply(plan)).toMatchObject({
      result: 'refused',
      changed: 0,
      reports: [{ node: 'node-1', what: 'a must not be touched' }],
    });
    expect(onNode('node-1', 'a')).toBe('forbidden');
  });

  it('finishes the running change after Ctrl-C and begins no other', async () => {
    const b = bench({ one: [fileStep('a', ['node-1'], 'a', 'A'), fileStep('b', ['node-1'], 'b', 'B')] });
    const { plan } = await b.plan();
    const emit = b.ctx.emit;
    b.ctx.emit = (e) => {
      if (e.type === 'change.started' && e.id === 'file:a') b.interruption.asked = 'SIGINT';
      emit(e);
    };
    expect(await b.apply(plan)).toMatchObject({ result: 'failed', changed: 1 });
    expect([onNode('node-1', 'a'), onNode('node-1', 'b')]).toEqual(['A', null]);
    b.interruption.asked = null;
    expect(await b.apply()).toMatchObject({ result: 'changed', changed: 1 });
  });

  it('fails when the plan is not empty at the end', async () => {
    const flip = fileStep('flip', ['node-1'], 'b', 'wanted');
    const b = bench({
      one: [flip],
      two: [fileStep('spoil', ['node-1'], 'c', 'C', (c) => ({ ...c, do: sh`printf %s C >"$ROOT"/c; printf %s spoilt >"$ROOT"/b` }))],
    });
    const result = await b.apply();
    expect(result.result).toBe('failed');
    expect(result.reports[0]?.what).toBe('is not as wanted after all was done: write b');
  });

  it('a node that is gone when the next stage looks: an error of its own before anything was done, a failed run afterwards', async () => {
    const b = bench({ one: [fileStep('a', ['node-1'], 'a', 'A')], two: [fileStep('b', NAMES, 'b', 'B')] });
    const { plan } = await b.plan();
    const lost = new ConnectError({ node: 'node-2', what: 'cannot connect', why: 'no answer', next: 'look there' });
    const host = hosts.get('node-2');
    if (!host) throw new Error('node-2');
    b.ctx.hosts = new Map<string, Host>([...hosts, ['node-2', { ...host, run: () => Promise.reject(lost) }]]);
    const result = await b.apply(plan);
    expect(result).toMatchObject({ result: 'failed', changed: 1 });
    const next = 'look at the new plan and run the same again; or undo what was done: glusterctl rollback r1';
    expect(result.reports).toEqual([{ node: 'node-2', what: 'cannot connect', why: 'no answer', next }]);

    b.ctx.hosts = new Map<string, Host>([...b.ctx.hosts, ['node-1', { ...host, name: 'node-1', run: () => Promise.reject(lost) }]]);
    await expect(b.apply(plan)).rejects.toBe(lost);
  });

  it('begins nothing more when a lock is lost, and says of which node', async () => {
    const b = bench({ one: [fileStep('a', ['node-1'], 'a', 'A')], two: [fileStep('b', NAMES, 'b', 'B')] });
    const gone = new AbortController();
    b.ctx.lost = gone.signal;
    b.ctx.cut = gone.signal;
    const { emit } = b.ctx;
    b.ctx.emit = (e) => {
      if (e.type === 'change.done') gone.abort(new LockLost('node-3'));
      emit(e);
    };
    const result = await b.apply();
    expect(result).toMatchObject({ result: 'failed', changed: 1 });
    expect(result.reports).toEqual([expect.objectContaining({ node: 'node-3', what: 'the connection that holds the lock was lost' })]);
    expect(onNode('node-1', 'b')).toBeNull();
  });

  it('begins nothing that it cannot note in the journal', async () => {
    const b = bench({ one: [fileStep('a', NAMES, 'a', 'A')], two: [fileStep('b', NAMES, 'b', 'B')] });
    const { plan } = await b.plan();
    b.ctx.journal = Journal.reopen('/dev/full', 'r1', 0);
    const result = await b.apply(plan);
    expect(result).toMatchObject({ result: 'failed', changed: 0 });
    expect(result.reports[0]).toMatchObject({ what: 'the journal cannot be written', why: expect.stringContaining('ENOSPC') });
    expect(NAMES.map((n) => onNode(n, 'a'))).toEqual([null, null, null]);
  });
});

describe('rollBack', () => {
  it('says what is left when an undo fails, and goes on with it the next time', async () => {
    const b = bench({
      one: [fileStep('a', ['node-1'], 'a', 'A')],
      two: [
        fileStep('b', ['node-1'], 'b', 'B', (c) => ({
          ...c,
          undo: sh`[ -e "$ROOT"/free ] || { echo "in use" >&2; exit 1; }; rm -f "$ROOT"/b`,
        })),
      ],
    });
    await b.apply();
    const first = await b.back();
    expect(first.left.map((e) => e.id)).toEqual(['file:b', 'file:a']);
    expect(first.reports[0]).toMatchObject({ what: 'undoing "write b" failed', why: 'in use' });
    expect(onNode('node-1', 'a')).toBe('A');
    writeFileSync(join(hosts.get('node-1')?.root ?? '', 'free'), '');
    expect(await b.back()).toMatchObject({ undone: 2, left: [] });
    expect([onNode('node-1', 'a'), onNode('node-1', 'b')]).toEqual([null, null]);
  });

  it('does not believe an undo that ends well but leaves the effect', async () => {
    const b = bench({ one: [fileStep('a', ['node-1'], 'a', 'A', (c) => ({ ...c, undo: sh`true` }))] });
    await b.apply();
    const back = await b.back();
    expect(back.left).toHaveLength(1);
    expect(back.reports[0]?.why).toContain('still there');
  });

  it('lists what an undo says it has to leave (voice 16)', async () => {
    const b = bench({
      one: [fileStep('a', ['node-1'], 'a', 'A', (c) => ({ ...c, undo: sh`echo "used by something else" >&2; exit 121` }))],
    });
    await b.apply();
    expect(await b.back()).toMatchObject({ undone: 0, kept: 1, left: [] });
    expect(b.events).toContainEqual(expect.objectContaining({ type: 'undo.left', why: 'used by something else' }));
  });
});

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inEffect, readHistory } from '../../src/journal/history.ts';
import { createRun, newRunId, readRuns, reopenRun, savedCluster } from '../../src/journal/store.ts';
import type { PlannedChange } from '../../src/model/plan.ts';
import { Secret, sh } from '../../src/sh.ts';

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'glusterctl-state-'));
});
afterEach(() => rmSync(state, { recursive: true }));

const change = (id: string): PlannedChange => ({
  id,
  key: `n/s/${id}`,
  node: 'n',
  step: 's',
  stage: 'one',
  title: id,
  risk: 'safe',
  do: sh`echo ${id}`,
  undo: sh`echo undo ${id}`,
  verify: sh`true`,
});
const first = (run: string) => ({
  t: 'run' as const,
  v: 1 as const,
  run,
  verb: 'apply',
  cluster: 'c',
  file: '/c.yaml',
  baseDir: '/',
  by: 'me',
  glusterctl: '0',
  nodes: ['n'],
  planned: 3,
});

describe('journal', () => {
  it('tells done, failed, cut off and undone apart', () => {
    const journal = createRun(state, 'name: c\n', first('r1'));
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((id) => journal.begin(change(id)));
    journal.append({ t: 'done', seq: a ?? 0 });
    journal.append({ t: 'failed', seq: b ?? 0, code: 3, stderr: ['no'] });
    journal.append({ t: 'done', seq: d ?? 0 });
    journal.append({ t: 'undo', seq: d ?? 0 });
    journal.append({ t: 'undone', seq: d ?? 0 });
    journal.close();
    const [history] = readRuns(state).runs;
    expect(history?.entries.map((e) => e.state)).toEqual(['done', 'failed', 'begun', 'undone']);
    expect(inEffect(history ?? readHistory('')).map((e) => e.id)).toEqual(['c', 'b', 'a']);
    expect(history?.result).toBeNull();
    expect(c).toBe(3);
  });

  it('survives a line that was cut off in the middle of writing, and goes on behind it', () => {
    const journal = createRun(state, 'name: c\n', first('r1'));
    journal.append({ t: 'done', seq: journal.begin(change('a')) });
    journal.begin(change('b'));
    journal.close();
    const path = join(state, 'runs', 'r1', 'journal.ndjson');
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, whole.slice(0, -20));
    const { journal: again, history } = reopenRun(state, 'r1');
    expect(history.entries.map((e) => e.id)).toEqual(['a']);
    expect(again.begin(change('c'))).toBe(2);
    again.close();
    expect(readRuns(state).runs[0]?.entries.map((e) => e.id)).toEqual(['a', 'c']);
  });

  it('every prefix of a journal can be read', () => {
    const journal = createRun(state, 'x', first('r1'));
    for (const id of ['a', 'b']) journal.append({ t: 'done', seq: journal.begin(change(id)) });
    journal.close();
    const text = readFileSync(join(state, 'runs', 'r1', 'journal.ndjson'), 'utf8');
    for (let n = text.indexOf('\n') + 1; n <= text.length; n += 1) {
      const { entries } = readHistory(text.slice(0, n));
      expect(entries.length).toBeLessThanOrEqual(2);
    }
  });

  it('is for its owner alone, keeps the cluster file, and never a secret', () => {
    const journal = createRun(state, 'name: c\n', first('r1'));
    journal.begin({ ...change('a'), do: sh`login ${new Secret('hunter2')}` });
    journal.close();
    const dir = join(state, 'runs', 'r1');
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    for (const file of ['journal.ndjson', 'cluster.yaml']) expect(statSync(join(dir, file)).mode & 0o777).toBe(0o600);
    expect(savedCluster(state, 'r1')).toBe('name: c\n');
    expect(readFileSync(join(dir, 'journal.ndjson'), 'utf8')).not.toContain('hunter2');
  });

  it('numbers runs by time', () => {
    expect(newRunId(new Date('2026-01-02T03:04:05Z'))).toMatch(/^20260102-030405-[0-9a-f]{4}$/);
  });
});

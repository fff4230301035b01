import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FactOutput } from '../../src/model/fact.ts';
import type { Playbook } from '../../src/model/plan.ts';
import type { Step } from '../../src/model/step.ts';
import { canonical } from '../../src/plan/canonical.ts';
import { planFromJson, planToJson } from '../../src/plan/file.ts';
import { jobsOf, questionsOf } from '../../src/plan/jobs.ts';
import { makePlan } from '../../src/plan/plan.ts';
import { staleness, unapproved } from '../../src/plan/stale.ts';
import { sh } from '../../src/sh.ts';
import { cluster } from '../helpers/cluster.ts';
import { fileStep, poolStep } from '../helpers/toy-steps.ts';

const NAMES = ['node-1', 'node-2', 'node-3'];
const ALL = new Set(NAMES);

const jobsFor = (steps: Step[], limit = ALL) => {
  const stepById = (id: string): Step => steps.find((s) => s.id === id) ?? fileStep(id, [], '', '');
  const playbook: Playbook = { id: 'p', title: 'P', stages: steps.map((s) => ({ id: `stage-${s.id}`, title: s.id, steps: [s.id] })) };
  return jobsOf(playbook, cluster(), stepById, limit);
};

/** `files` is what each node answers, by toy fact. */
const planOf = (steps: Step[], files: Record<string, Record<string, string>> = {}, limit = ALL) => {
  const jobs = jobsFor(steps, limit);
  const answers = new Map(
    [...questionsOf(jobs.jobs)].map(([node, facts]) => {
      const outs = facts.map((fact): [string, FactOutput] => {
        const body = files[node]?.[fact.id.replace('toy:', '')];
        return [fact.id, body === undefined ? { stdout: '', code: 1 } : { stdout: body, code: 0 }];
      });
      return [node, new Map(outs)];
    }),
  );
  return makePlan('test', jobs.jobs, answers, jobs.notes, (text) => text);
};

describe('jobsOf and questionsOf', () => {
  it('asks a node each question once, whatever number of steps puts it', () => {
    const questions = questionsOf(jobsFor([fileStep('a', NAMES, 'same', 'A'), fileStep('b', NAMES, 'same', 'B')]).jobs);
    expect([...questions.values()].map((facts) => facts.length)).toEqual([1, 1, 1]);
  });

  it('refuses two different questions of one name', () => {
    const a = fileStep('a', ['node-1'], 'same', 'A');
    const b = {
      ...fileStep('b', ['node-1'], 'same', 'B'),
      facts: () => ({ is: { id: 'toy:same', read: sh`true`, parse: () => null } }),
    } as Step;
    expect(() => questionsOf(jobsFor([a, b]).jobs)).toThrow('share the id toy:same');
  });

  it('with --limit leaves pool steps out, and says so', () => {
    const { jobs, notes } = jobsFor([fileStep('a', NAMES, 'a', 'A'), poolStep('pool', NAMES)], new Set(['node-1']));
    expect(jobs.map((job) => [job.step.id, job.nodes])).toEqual([['a', ['node-1']]]);
    expect(notes).toEqual(['pool: left out, it has to see node-2, node-3 too, which --limit excludes']);
  });
});

describe('makePlan', () => {
  it('counts, places and keys changes', () => {
    const { plan } = planOf([fileStep('a', NAMES, 'a', 'A'), poolStep('pool', NAMES)], { 'node-2': { a: 'A' } });
    expect(plan.changes.map((c) => [c.key, c.stage])).toEqual([
      ['node-1/a/file:a', 'stage-a'],
      ['node-3/a/file:a', 'stage-a'],
      ['node-1/pool/file:list', 'stage-pool'],
    ]);
    expect(plan.summary).toEqual({ nodes: 3, steps: 2, changes: 3, destructive: 0 });
  });

  it('gives all reasons of all nodes at once, with the node', () => {
    const { reasons } = planOf([fileStep('a', NAMES, 'a', 'A')], { 'node-1': { a: 'forbidden' }, 'node-3': { a: 'forbidden' } });
    expect(reasons).toEqual([
      { node: 'node-1', what: 'a must not be touched' },
      { node: 'node-3', what: 'a must not be touched' },
    ]);
  });

  it('notices a change that is planned twice', () => {
    const step = fileStep('a', ['node-1', 'node-1'], 'a', 'A');
    expect(() => planOf([step])).toThrow('node-1/a/file:a is planned twice');
  });

  it('survives being written and read, but for secrets, which it never holds', () => {
    const { plan } = planOf([fileStep('a', NAMES, "it's", 'A\n"$x"')]);
    expect(planFromJson(JSON.stringify(planToJson(plan)))).toEqual(plan);
  });
});

describe('staleness', () => {
  const steps = [fileStep('a', NAMES, 'a', 'A')];
  it('is empty while every node is as it was', () => {
    expect(staleness(planOf(steps).plan, planOf(steps).plan)).toEqual([]);
  });
  it('names the node whose facts have changed, even where the changes are the same', () => {
    const then = planOf(steps, { 'node-2': { a: 'old' } }).plan;
    const now = planOf(steps, { 'node-2': { a: 'other' } }).plan;
    expect(staleness(then, now)).toEqual([expect.objectContaining({ node: 'node-2', what: 'is no longer what the plan was made from' })]);
  });
  it('approves by deed: the undo may differ, the do may not', () => {
    const then = planOf(steps, { 'node-2': { a: 'old' } }).plan;
    const now = planOf(steps, { 'node-2': { a: 'other' } }).plan;
    expect(unapproved(then, now.changes)).toEqual([]);
    expect(
      unapproved(
        then,
        now.changes.map((c) => ({ ...c, do: sh`rm -rf /` })),
      ),
    ).toHaveLength(3);
  });
  it('refuses a plan of another cluster', () => {
    const { plan } = planOf(steps);
    expect(staleness({ ...plan, cluster: 'other' }, plan)[0]?.what).toContain('is for the cluster other');
  });
});

describe('canonical', () => {
  it('gives equal text for equal values, whatever the order of keys and members', () => {
    expect(
      canonical({
        b: new Set([2, 1]),
        a: new Map([
          ['y', 1],
          ['x', 2],
        ]),
      }),
    ).toBe(
      canonical({
        a: new Map([
          ['x', 2],
          ['y', 1],
        ]),
        b: new Set([1, 2]),
      }),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const reversed = Object.fromEntries(Object.entries(value).reverse());
        expect(canonical(reversed)).toBe(canonical(value));
      }),
    );
  });
  it('gives different text for different values', () => {
    for (const [a, b] of [
      [{ a: null }, {}],
      [
        [1, 2],
        [2, 1],
      ],
      ['1', 1],
      [new Set(['a']), new Set(['b'])],
    ])
      expect(canonical(a)).not.toBe(canonical(b));
  });
});

import { expect, it } from 'vitest';
import type { Plan, PlannedChange } from '../../src/model/plan.ts';
import { sh } from '../../src/sh.ts';
import { paint } from '../../src/ui/paint.ts';
import { planSummary } from '../../src/ui/plan-summary.ts';

const change = (node: string, stage: string, title: string, over: Partial<PlannedChange> = {}): PlannedChange => ({
  node,
  stage,
  step: stage,
  id: title,
  key: `${node}/${stage}/${title}`,
  title,
  risk: 'safe',
  do: sh`:`,
  undo: 'nothing',
  verify: sh`:`,
  ...over,
});

it('says for each node what will happen, and in full what is not safe', () => {
  const changes = [
    change('b', 'names', 'update /etc/hosts'),
    change('a', 'names', 'update /etc/hosts'),
    change('a', 'disks', 'make XFS on /dev/vdb', {
      risk: 'destructive',
      device: { path: '/dev/vdb', serial: 'S1', loses: 'ext4 filesystem "old"' },
    }),
    change('a', 'disks', 'restart glusterd', { risk: 'disruptive' }),
  ];
  const plan: Plan = {
    v: 1,
    cluster: 'c',
    nodes: ['a', 'b'],
    changes,
    summary: { nodes: 2, steps: 2, changes: 4, destructive: 1 },
    fingerprint: {},
    notes: ['10 is 10.5'],
  };
  expect(
    planSummary(
      plan,
      new Map([
        ['names', 'Names'],
        ['disks', 'Disks'],
      ]),
      paint(false),
    ),
  ).toBe(
    [
      '  a: Names (1), Disks (2)',
      '    destructive  make XFS on /dev/vdb: loses ext4 filesystem "old" on /dev/vdb',
      '    disruptive  restart glusterd',
      '  b: Names (1)',
      '  note: 10 is 10.5',
      '4 changes on 2 nodes, 1 destructive',
    ].join('\n'),
  );
});

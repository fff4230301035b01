import { describe, expect, it } from 'vitest';
import { agree, type ConsentOptions } from '../../src/commands/consent.ts';
import { Refused } from '../../src/errors.ts';
import type { Plan, PlannedChange } from '../../src/model/plan.ts';
import type { Output } from '../../src/ui/output.ts';
import { put } from '../helpers/toy-steps.ts';

const planned = (node: string, more: Partial<PlannedChange> = {}): PlannedChange => ({
  ...put('file', 'text', null),
  key: `${node}/toy/file`,
  node,
  step: 'toy',
  stage: 'disks',
  ...more,
});
const wipe = (node: string, serial: string): PlannedChange =>
  planned(node, {
    title: `erase what is on /dev/vdb (serial ${serial})`,
    risk: 'destructive',
    undo: 'nothing',
    device: { path: '/dev/vdb', serial, loses: 'ext4 filesystem "old"' },
  });

/** What is refused where nobody can be asked; [] is consent. */
const missing = async (changes: PlannedChange[], options: ConsentOptions): Promise<string[]> => {
  try {
    await agree({ changes } as unknown as Plan, options, { interactive: false } as Output, () => '');
    return [];
  } catch (error) {
    if (error instanceof Refused) return error.reasons.map(({ next }) => next ?? '');
    throw error;
  }
};

describe('consent without a terminal', () => {
  const plan = [planned('n1'), wipe('n1', 'A'), wipe('n2', 'B')];

  it('--yes is enough for what loses nothing, and covers no disk that does', async () => {
    expect(await missing([planned('n1')], {})).toEqual(['look at the plan, then add --yes']);
    expect(await missing([planned('n1')], { yes: true })).toEqual([]);
    expect(await missing(plan, { yes: true })).toEqual(['--confirm n1:A', '--confirm n2:B']);
  });

  it('each disk is named by its node and its serial, both of them', async () => {
    expect(await missing(plan, { yes: true, confirm: ['n1:A', 'n2:B'] })).toEqual([]);
    expect(await missing(plan, { yes: true, confirm: ['n1:A', 'n1:B', 'n2:A', 'n2:', 'B', 'n2:b'] })).toEqual(['--confirm n2:B']);
    expect(await missing(plan, { confirm: ['n1:A', 'n2:B'] })).toEqual(['look at the plan, then add --yes']);
  });
});

import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { unmakeBrick } from '../../../src/steps/brick/make.ts';
import { run } from '../answers.ts';

it('takes a brick directory back where glusterd has never needed an identity: it has no glusterd.info then', () => {
  const brick = join(mkdtempSync(join(tmpdir(), 'glusterctl-brick-')), 'gv0');
  mkdirSync(brick);
  for (const times of ['once', 'twice'])
    expect([times, run(unmakeBrick(brick, [brick]))]).toEqual([times, { code: 0, stdout: '', stderr: '' }]);
  expect(existsSync(brick)).toBe(false);
});

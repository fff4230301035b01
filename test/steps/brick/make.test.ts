import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { unmakeBrick } from '../../../src/steps/brick/make.ts';
import { folder } from '../../helpers/folder.ts';
import { run } from '../answers.ts';

it('takes a brick directory back where glusterd has never needed an identity: it has no glusterd.info then', () => {
  const brick = join(folder(), 'gv0');
  mkdirSync(brick);
  for (const times of ['once', 'twice'])
    expect([times, run(unmakeBrick(brick, [brick]))]).toEqual([times, { code: 0, stdout: '', stderr: '' }]);
  expect(existsSync(brick)).toBe(false);
});

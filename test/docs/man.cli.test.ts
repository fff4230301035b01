import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('is a man page that man can read without a complaint', () => {
  const { status, stderr, stdout } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z', 'docs/man/glusterctl.1'], {
    encoding: 'utf8',
  });
  expect({ status, stderr, stdout }).toEqual({ status: 0, stderr: '', stdout: '' });
});

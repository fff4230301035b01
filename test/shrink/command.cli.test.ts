import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { glusterctl } from '../helpers/cli.ts';
import { folder } from '../helpers/folder.ts';

/** `local` is this machine, which is only looked at. */
const desk = (more: string): string => {
  const dir = folder();
  writeFileSync(
    join(dir, 'cluster.yaml'),
    `apiVersion: glusterctl/v1\nkind: Cluster\nname: test\ngluster: { version: "10.3", source: distro }\nnodes:\n  - { name: here, address: local${more} }\n`,
  );
  return dir;
};

test('a node without `partition` in the file: what to add is said', () => {
  const { code, stderr } = glusterctl(['node', 'shrink', 'here'], { cwd: desk('') });
  expect(code).toBe(3);
  expect(stderr).toContain('partition: { disk:');
});

test('a node that the file does not name', () => {
  expect(glusterctl(['node', 'shrink', 'her'], { cwd: desk('') })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('did you mean here?'),
  });
});

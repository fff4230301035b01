import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cleanEnv, folder, glusterctl } from '../helpers/cli.ts';
import { blocksOf, commandsOf } from './blocks.ts';

const blocks = blocksOf('docs/kubernetes.md');

it('docs/kubernetes.md has a cluster file and commands that work', () => {
  const cwd = folder();
  const files = blocks.filter(({ language }) => language === 'yaml');
  expect(files).toHaveLength(1);
  writeFileSync(join(cwd, 'cluster.yaml'), files[0]?.text ?? '');
  const commands = commandsOf(blocks);
  expect(commands.length).toBeGreaterThan(3);
  for (const args of [['validate'], ...commands]) {
    const { code, stderr, stdout } = glusterctl(args, { cwd, env: cleanEnv(cwd) });
    expect([args.join(' '), code, code === 0 ? '' : stderr]).toEqual([args.join(' '), 0, '']);
    expect(stdout).not.toBe('');
  }
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cleanEnv, glusterctl } from '../helpers/cli.ts';
import { accepts } from '../helpers/command-line.ts';
import { folder } from '../helpers/folder.ts';
import { blocksOf, commandsOf } from './blocks.ts';

const blocks = blocksOf('docs/day-two.md');

it('docs/day-two.md has cluster files that are valid and commands that the command line takes; test/e2e/ runs them (voice 5)', async () => {
  const cwd = folder();
  const files = blocks.filter(({ language }) => language === 'yaml');
  expect(files).toHaveLength(2);
  for (const { text } of files) {
    writeFileSync(join(cwd, 'cluster.yaml'), text);
    expect(glusterctl(['validate'], { cwd, env: cleanEnv(cwd) })).toMatchObject({ code: 0, stderr: '' });
  }
  const commands = commandsOf(blocks);
  expect(commands.length).toBeGreaterThan(5);
  for (const args of commands) expect(await accepts(['glusterctl', ...args].join(' ')), args.join(' ')).toBe(null);
});

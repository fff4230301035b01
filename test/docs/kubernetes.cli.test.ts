import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { cleanEnv, glusterctl } from '../helpers/cli.ts';
import { accepts } from '../helpers/command-line.ts';
import { folder } from '../helpers/folder.ts';
import { blocksOf, commandsOf } from './blocks.ts';

const blocks = blocksOf('docs/kubernetes.md');

it('docs/kubernetes.md has cluster files and commands that work', async () => {
  const cwd = folder();
  const files = blocks.filter(({ language }) => language === 'yaml');
  expect(files).toHaveLength(3);
  for (const { text } of files.toReversed()) {
    writeFileSync(join(cwd, 'cluster.yaml'), text);
    expect(glusterctl(['validate'], { cwd, env: cleanEnv(cwd) })).toMatchObject({ code: 0, stderr: '' });
  }
  const commands = commandsOf(blocks);
  expect(commands.length).toBeGreaterThan(3);
  // What asks the nodes is run by test/heketi/heketi.lab.test.ts; here the command line has to take it.
  const [asking, alone] = [commands.filter(([verb]) => verb === 'heketi'), commands.filter(([verb]) => verb !== 'heketi')];
  for (const args of asking) expect(await accepts(['glusterctl', ...args].join(' ')), args.join(' ')).toBe(null);
  for (const args of alone) {
    const { code, stderr, stdout } = glusterctl(args, { cwd, env: cleanEnv(cwd) });
    expect([args.join(' '), code, code === 0 ? '' : stderr]).toEqual([args.join(' '), 0, '']);
    expect(stdout).not.toBe('');
  }
});

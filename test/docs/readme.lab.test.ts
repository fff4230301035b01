import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { glusterctl } from '../helpers/process.ts';
import { openScene, type Scene } from '../helpers/scene.ts';
import { blocksOf, commandsOf } from './blocks.ts';

const blocks = blocksOf('README.md');
let scene: Scene;

beforeAll(async () => {
  scene = await openScene({ name: 'readme', nodes: 3 });
  scene.write(scene.lab.clusterYaml());
});
afterAll(() => scene?.close());

describe('README.md', () => {
  it('has a cluster file that is valid', async () => {
    const files = blocks.filter((block) => block.language === 'yaml');
    expect(files).toHaveLength(1);
    for (const { text } of files) {
      const { stdout, stderr, code } = await glusterctl(['validate', '-c', '-', '--json'], { stdin: text });
      expect([code, stderr]).toEqual([0, '']);
      expect(JSON.parse(stdout)).toMatchObject({ valid: true, notes: [] });
    }
  });

  it('gives commands that work, in their order, and shows what apply really prints (voice 5)', async () => {
    const said = new Map<string, string>();
    for (const args of commandsOf(blocks)) {
      const { stdout, stderr, code } = await scene.run(args, { env: { LANG: 'C.UTF-8' } });
      expect([args.join(' '), code, code === 0 ? '' : stderr + stdout]).toEqual([args.join(' '), 0, '']);
      said.set(args[0] ?? '', stderr);
    }
    const shown =
      blocks
        .find((block) => block.language === 'text')
        ?.text.split('\n')
        .filter((line) => line.trim() !== '' && line.trim() !== '...') ?? [];
    const real = (said.get('apply') ?? '').split('\n').map((line) => line.replace(/ [\d.]+ m?s$/, ''));
    expect(shown.filter((line) => !real.includes(line))).toEqual([]);
    expect(shown.length).toBeGreaterThan(15);
  });

  it('names the commands that CI runs', () => {
    const ci = readFileSync('.ci/run', 'utf8');
    for (const line of blocks.filter((b) => b.language === 'sh').flatMap((b) => b.text.trim().split(/\n| && /))) expect(ci).toContain(line);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScene, type Scene } from '../helpers/scene.ts';
import { apply, applyAndKill, killedAllTheWay, rollBackAll, type States, statesOf, wayBack, wayOn } from './kill.ts';

/** kill -9 on the way from bare nodes to installed packages: names, repository, packages. */
let scene: Scene;
let base: States;
let journal: Record<string, unknown>[];

beforeAll(async () => {
  scene = await openScene({ name: 'kill-early', nodes: 2 });
  scene.write(scene.lab.clusterYaml({ volumes: '' }));
  base = await statesOf(scene);
  await apply(scene);
  journal = scene.journal();
  await rollBackAll(scene);
});
afterAll(() => scene?.close());

/** Milliseconds that the installation took: the longest change of its step. */
const installation = (lines: readonly Record<string, unknown>[]): number => {
  const ends = new Map(lines.filter(({ t }) => t === 'done').map(({ seq, at }) => [seq, Date.parse(String(at))]));
  const begun = lines.filter(({ t, step }) => t === 'begin' && step === 'apt-packages');
  return Math.max(...begun.map(({ seq, at }) => (ends.get(seq) ?? 0) - Date.parse(String(at))));
};

describe('kill -9 on the way from bare nodes to packages', () => {
  it('leaves at every journal line what rollback undoes', async () => {
    const installed = journal.findLastIndex((line) => line.t === 'begin' && line.stage === 'packages') + 2;
    expect(installed).toBeGreaterThan(20);
    for (let line = 1; line <= installed; line += 1) {
      process.stderr.write(`kill at line ${line} of ${installed}, and back\n`);
      await wayBack(scene, base, () => applyAndKill(scene, line));
    }
  });

  it('leaves what apply finishes, killed again and again', async () => {
    expect(await killedAllTheWay(scene, base)).toBeGreaterThan(5);
  });

  it.each([10, 30, 60, 90])('leaves that when %d %% of the time of the installation have passed, too', async (percent) => {
    const kill = () => applyAndKill(scene, { begun: 'apt-packages' }, (installation(journal) * percent) / 100);
    await wayBack(scene, base, kill);
    await wayOn(scene, base, kill);
  });
});

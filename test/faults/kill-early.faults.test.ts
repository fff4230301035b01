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

  it.each([500, 1500, 3000, 5000])('leaves that %d ms into the installation of the packages, too', async (delay) => {
    const kill = () => applyAndKill(scene, { begun: 'apt-packages' }, delay);
    await wayBack(scene, base, kill);
    await wayOn(scene, base, kill);
  });
});

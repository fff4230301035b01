import { afterAll, beforeAll, expect, it } from 'vitest';
import { apply, applyAndKill, expectStates, rollBackAll, type States, statesOf } from '../faults/kill.ts';
import { openScene, type Scene } from '../helpers/scene.ts';

/** A sample of the kill matrix (npm run test:faults has all of it): in the middle of the package installation, and of forming the pool. */
let scene: Scene;
let base: States;

beforeAll(async () => {
  scene = await openScene({ name: 'kill', nodes: 2 });
  scene.write(scene.lab.clusterYaml());
  base = await statesOf(scene);
});
afterAll(() => scene?.close());

it('kill -9 in the middle of the installation, then rollback: the nodes are what they were', async () => {
  expect(await applyAndKill(scene, { begun: 'apt-packages' }, 1500)).toBe(true);
  await rollBackAll(scene);
  await expectStates(scene, base);
});

it('kill -9 while the pool is formed, then apply: converged; then rollback: as they were', async () => {
  expect(await applyAndKill(scene, { begun: 'peers' })).toBe(true);
  await apply(scene);
  await rollBackAll(scene);
  await expectStates(scene, base);
});

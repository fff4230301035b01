import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openScene, type Scene } from '../helpers/scene.ts';
import { apply, applyAndKill, journalLines, killedAllTheWay, rollBackAll, type States, statesOf, wayBack } from './kill.ts';

/** kill -9 at every line of the journal behind the packages: service, bricks, peers, volume, mounts. */
const MOUNTS = 'mounts:\n  - { volume: gv0, path: /mnt/gv0, nodes: [node-1, node-2] }';

let scene: Scene;
let base: States;
let total = 0;

beforeAll(async () => {
  scene = await openScene({ name: 'kill-late', nodes: 2 });
  scene.write(scene.lab.clusterYaml({ clients: true, extra: MOUNTS }));
  // Ctrl-C when the service stage begins: the packages are there, and little else. They stay.
  let child: ChildProcess | undefined;
  const stopped = await scene.run(['apply', '--yes', '--json'], {
    onStart: (started) => {
      child = started;
    },
    onOutput: (text) => void (text.includes('"type":"stage.started","stage":"service"') && child?.kill('SIGINT')),
  });
  expect(stopped.code, stopped.stderr).toBe(130);
  expect(scene.journal().map(({ step }) => step)).toContain('apt-packages');
  rmSync(scene.state, { recursive: true, force: true });
  // What glusterd makes when it runs for the first time stays as long as its packages.
  await apply(scene);
  total = journalLines(scene);
  await rollBackAll(scene);
  rmSync(scene.state, { recursive: true, force: true });
  base = await statesOf(scene);
});
afterAll(() => scene?.close());

describe('kill -9 on the way from packages to a mounted volume', () => {
  it('leaves at every journal line what rollback undoes', async () => {
    expect(total).toBeGreaterThan(20);
    // The last line says that the run has ended: there is nothing left to kill.
    for (let line = 1; line < total; line += 1) {
      process.stderr.write(`kill at line ${line} of ${total}, and back\n`);
      await wayBack(scene, base, () => applyAndKill(scene, line));
    }
  });

  it('leaves what apply finishes, killed again and again', async () => {
    expect(await killedAllTheWay(scene, base)).toBeGreaterThan(5);
  });
});

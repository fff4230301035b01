import { rmSync } from 'node:fs';
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

  it.each([10, 25, 40, 60])('leaves that in the middle of the installation of the packages, too: %d hundredths into it', async (share) => {
    /** An installation may take less time than the one before it: then it is undone, and the next one is killed sooner. */
    const kill = async (): Promise<boolean> => {
      for (let at = share; at > 1; at /= 2) {
        if (await applyAndKill(scene, { begun: 'apt-packages' }, (installation(journal) * at) / 100)) return true;
        await rollBackAll(scene);
        rmSync(scene.state, { recursive: true, force: true });
      }
      return false;
    };
    await wayBack(scene, base, kill);
    await wayOn(scene, base, kill);
  });
});

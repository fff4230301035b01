import type { ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { nodeState, stateDiff } from '../helpers/node-state.ts';
import type { Scene } from '../helpers/scene.ts';

/** What every node of a scene is, by name. */
export type States = ReadonlyMap<string, string>;

export const statesOf = async (scene: Scene): Promise<States> =>
  new Map(await Promise.all(scene.lab.nodes.map(async (node): Promise<[string, string]> => [node.name, await nodeState(node)])));

export const expectStates = async (scene: Scene, wanted: States): Promise<void> => {
  for (const [name, state] of await statesOf(scene)) expect(stateDiff(wanted.get(name) ?? '', state), name).toEqual([]);
};

const runsOf = (scene: Scene): string[] => {
  const dir = join(scene.state, 'runs');
  return existsSync(dir) ? readdirSync(dir).sort() : [];
};

/** The whole lines of the newest run's journal; none while there is no run. */
const linesOf = (scene: Scene): string[] => {
  const newest = runsOf(scene).at(-1);
  const path = newest && join(scene.state, 'runs', newest, 'journal.ndjson');
  return path && existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
};

export const journalLines = (scene: Scene): number => linesOf(scene).length;

/** When to kill: once there are so many lines in the journal, or once a change of a step has begun. */
export type When = number | { begun: string };

const isTime = (lines: readonly string[], when: When): boolean =>
  typeof when === 'number'
    ? lines.length >= when
    : lines.map((line) => JSON.parse(line)).some(({ t, step }) => t === 'begin' && step === when.begun);

/** Runs `apply` and kills it with SIGKILL when it is time, and `delay` milliseconds later. Gives false when it ended by itself before that. */
export const applyAndKill = async (scene: Scene, when: When, delay = 0): Promise<boolean> => {
  const before = runsOf(scene).length;
  let watch: NodeJS.Timeout | undefined;
  const onStart = (child: ChildProcess): void => {
    watch = setInterval(() => {
      if (runsOf(scene).length === before || !isTime(linesOf(scene), when)) return;
      clearInterval(watch);
      setTimeout(() => child.kill('SIGKILL'), delay);
    }, 1);
  };
  const { code } = await scene.run(['apply', '--yes'], { onStart });
  clearInterval(watch);
  return code === null;
};

export const apply = async (scene: Scene): Promise<void> => {
  const { code, stderr } = await scene.run(['apply', '--yes']);
  expect(code, stderr).toBe(0);
  const plan = await scene.run(['plan', '--detailed-exitcode']);
  expect(plan.code, plan.stdout + plan.stderr).toBe(0);
};

/** Undoes run after run, newest first, until nothing is in effect. */
export const rollBackAll = async (scene: Scene): Promise<void> => {
  for (let left = runsOf(scene).length; left >= 0; left -= 1) {
    const { code, stderr } = await scene.run(['rollback', '--yes']);
    expect(code, stderr).toBe(0);
    if (stderr.includes('there is nothing to undo')) return;
  }
  throw new Error('every run was rolled back, and something is still in effect');
};

/** From one point: what was begun is undone, and the nodes are what they were. */
export const wayBack = async (scene: Scene, base: States, kill: () => Promise<boolean>): Promise<void> => {
  expect(await kill()).toBe(true);
  await rollBackAll(scene);
  await expectStates(scene, base);
  rmSync(scene.state, { recursive: true, force: true });
};

/** From one point: another apply finishes it, and all of it can be undone. */
export const wayOn = async (scene: Scene, base: States, kill: () => Promise<boolean>): Promise<void> => {
  expect(await kill()).toBe(true);
  await apply(scene);
  await rollBackAll(scene);
  await expectStates(scene, base);
  rmSync(scene.state, { recursive: true, force: true });
};

/**
 * Kills one apply after the other, each a little way into what the one before has left, until one comes through:
 * so that each of them has to finish what was cut off at another line. Then all of it is undone, run by run.
 */
export const killedAllTheWay = async (scene: Scene, base: States): Promise<number> => {
  let kills = 0;
  // The first line says who runs; with the second the first change has begun.
  while (await applyAndKill(scene, 2 + (kills % 4))) kills += 1;
  await apply(scene);
  await rollBackAll(scene);
  await expectStates(scene, base);
  rmSync(scene.state, { recursive: true, force: true });
  return kills;
};

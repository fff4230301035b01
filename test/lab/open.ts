import { answers } from './answers.ts';
import { lockOf, tearDown } from './down.ts';
import { build, type Family } from './image.ts';
import { asLab, type Lab } from './lab.ts';
import { withLock } from './lock.ts';
import { prerequisites } from './prerequisites.ts';
import { isAlive } from './process.ts';
import { until } from './run.ts';
import { type LabOptions, start } from './start.ts';
import { readState } from './state.ts';

/** Boots a lab. One of the same name that is there already, whole or in pieces, is taken down first. */
export const openLab = async (o: LabOptions): Promise<Lab> => {
  const say = o.say ?? ((line) => process.stderr.write(`lab: ${line}\n`));
  if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(o.name)) throw new Error(`a lab's name has a-z, 0-9 and -, not "${o.name}"`);
  const families = new Set<Family>(['debian', ...Object.values(o.families ?? {})]);
  await prerequisites(families, say);
  const built = await build(families, o.images ?? false, say);
  return withLock(lockOf(o.name), async () => {
    await tearDown(o.name);
    try {
      const lab = asLab(await start(built, o, say));
      await Promise.all(lab.nodes.map((node) => node.ready()));
      await until('the package server', 10_000, () => answers(lab.server));
      return lab;
    } catch (error) {
      if (process.env.GLUSTERCTL_LAB_KEEP === undefined) await tearDown(o.name);
      throw error;
    }
  });
};

/** A lab that runs already, or undefined. */
export const attachLab = (name: string): Lab | undefined => {
  const state = readState(name);
  return state && isAlive(state.holder) ? asLab(state) : undefined;
};

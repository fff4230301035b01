import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { cgroupOf, emptyCgroup } from './cgroup.ts';
import { linksOf } from './link.ts';
import { withLock } from './lock.ts';
import { detachLoops } from './loops.ts';
import { cache, labDir } from './paths.ts';
import { run } from './run.ts';

/** Six hex digits that stand for this lab of this cache, in every name that the kernel keeps for it. */
export const labId = (name: string): string => createHash('sha256').update(labDir(name)).digest('hex').slice(0, 6);

/**
 * Takes away all that a lab may have left, however it ended, and nothing else. It
 * needs no record: the id is in the control group, the interface and the loop files.
 * Namespaces and mounts go with the processes.
 */
export const tearDown = async (name: string): Promise<void> => {
  const id = labId(name);
  await emptyCgroup(cgroupOf(id));
  await detachLoops(`${id}-`);
  for (const link of await linksOf(id)) await run('ip', ['link', 'del', link]);
  rmSync(labDir(name), { recursive: true, force: true });
};

/** Held while a lab of that name is made or taken down. */
export const lockOf = (name: string): string => join(cache, 'run', `${name}.lock`);

/** Takes a lab down, also what a crashed one has left. No lab of that name is no error. */
export const down = (name: string): Promise<void> => withLock(lockOf(name), () => tearDown(name));

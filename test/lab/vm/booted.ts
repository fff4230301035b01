import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { VmLab } from './lab.ts';
import { BOARD, type Machine, runningPid, socketOf, startMachine, waitForExit } from './machine.ts';
import { CACHE } from './paths.ts';
import { qmp } from './qmp.ts';
import { must } from './run.ts';
import type { State } from './state.ts';

/** The snapshot that a kept machine starts from. */
export const BOOTED = 'booted';
const FOLDER = join(CACHE, 'booted');

/** What a guest sees of its machine; it can go on only in one that is the same. */
export type Seen = Pick<Machine, 'name' | 'storage' | 'number' | 'memory' | 'processors' | 'disks'>;

const imageOf = (base: string): string => basename(dirname(base));

/** Where machines like these, booted from this image, are kept, or would be. */
export const bootedFolder = async (base: string, seen: readonly Seen[]): Promise<string> => {
  const qemu = await must('qemu-system-x86_64', ['--version']);
  const key = createHash('sha256').update(JSON.stringify([qemu, BOARD, base, seen]));
  return join(FOLDER, `${imageOf(base)}-${key.digest('hex').slice(0, 16)}`);
};

export const copyMachine = (from: string, to: string): Promise<string> =>
  must('cp', ['-r', '--reflink=auto', '--sparse=always', '--', from, to]);

/** QEMU writes all of a disk's file only when it closes it. */
const close = async (dir: string): Promise<void> => {
  const pid = runningPid(dir);
  if (pid === null) return;
  // It may be gone before it has answered.
  await qmp(socketOf(dir), 'quit').catch(() => {});
  await waitForExit(dir, pid, 60_000);
};

/** Keeps the machines as they are now, so that the next lab like this need not boot; they go on from there. */
export const keepBooted = async (lab: VmLab, { base, nodes }: State, folder: string): Promise<void> => {
  await lab.snapshot(BOOTED);
  mkdirSync(FOLDER, { recursive: true });
  for (const other of readdirSync(FOLDER)) if (!other.startsWith(imageOf(base))) rmSync(join(FOLDER, other), { recursive: true });
  const part = mkdtempSync(join(FOLDER, `${imageOf(base)}-part-`));
  await Promise.all(
    nodes.map(async ({ machine }) => {
      await close(machine.dir);
      await copyMachine(machine.dir, join(part, machine.name));
      await startMachine(machine, BOOTED);
    }),
  );
  if (existsSync(folder)) rmSync(part, { recursive: true });
  else renameSync(part, folder);
};

import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A path of a socket has 107 characters at most, and ssh adds 17 while it makes it. */
const base = (): string => (tmpdir().length < 45 ? tmpdir() : '/tmp');

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** What a glusterctl that was killed has left. */
const sweep = async (dir: string): Promise<void> => {
  for (const name of await readdir(dir)) {
    const pid = /^glusterctl-(\d+)-\w{6}$/.exec(name)?.[1];
    if (pid === undefined || runs(Number(pid))) continue;
    const path = join(dir, name);
    const stat = await lstat(path).catch(() => null);
    if (stat?.isDirectory() && stat.uid === process.getuid?.()) await rm(path, { recursive: true, force: true });
  }
};

let swept: Promise<void> | null = null;

/** A folder for the sockets of one node, for this user only (0700). */
export const socketFolder = async (): Promise<string> => {
  const dir = base();
  swept ??= sweep(dir).catch(() => {});
  await swept;
  return mkdtemp(join(dir, `glusterctl-${process.pid}-`));
};

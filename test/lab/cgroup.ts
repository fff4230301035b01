import { existsSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './run.ts';

/** Where the unified control group tree is mounted: at the top, or beside the older ones. */
const top = (): string => {
  const mount = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .find(([, , type]) => type === 'cgroup2');
  if (!mount?.[1]) throw new Error('the lab needs a cgroup2 mount: mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified');
  return mount[1];
};

/** The control group which holds every process of a lab; by it `down` finds them all. */
export const cgroupOf = (id: string): string => join(top(), `glusterctl-lab-${id}`);

const groups = (path: string): string[] => [
  ...readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => groups(join(path, entry.name))),
  path,
];

export const processesIn = (path: string): number[] => {
  if (!existsSync(path)) return [];
  return groups(path).flatMap((group) => {
    try {
      return readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
    } catch {
      return []; // it went in this moment
    }
  });
};

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // already gone
  }
};

/** Kills everything in a control group, then removes it. A pid of 0 is a process that another namespace put there. */
export const emptyCgroup = async (path: string): Promise<void> => {
  await until(`the processes in ${path} to end`, 20_000, () => {
    const pids = processesIn(path).filter((pid) => pid > 0);
    pids.forEach(kill);
    return pids.length === 0;
  });
  await until(`${path} to go`, 5_000, () => {
    if (!existsSync(path)) return true;
    try {
      groups(path).forEach((group) => {
        rmdirSync(group);
      });
      return true;
    } catch {
      return false; // a dying process still counts for a moment
    }
  });
};

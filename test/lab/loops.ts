import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { run, until } from './run.ts';

/** Loop devices over files whose name begins with `prefix`. */
export const loopsOf = (prefix: string): string[] =>
  readdirSync('/sys/block')
    .filter((name) => name.startsWith('loop'))
    .filter((name) => {
      const path = join('/sys/block', name, 'loop/backing_file');
      try {
        return existsSync(path) && readFileSync(path, 'utf8').includes(`/${prefix}`);
      } catch {
        return false;
      }
    });

/** They go by themselves with the process that holds them; this waits, and detaches what stays. */
export const detachLoops = async (prefix: string): Promise<void> => {
  const end = Date.now() + 1_000;
  await until(`the loop devices of ${prefix} to go`, 10_000, async () => {
    const left = loopsOf(prefix);
    if (left.length > 0 && Date.now() > end) await run('losetup', ['--detach', ...left.map((name) => `/dev/${name}`)]);
    return left.length === 0;
  });
};

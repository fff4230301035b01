import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

export interface Filesystem {
  target: string;
  /** Bytes, as df(1) counts them. */
  size: number;
  free: number;
}

/**
 * Local filesystems and the room in them. Network filesystems are left out: one whose server is away would hold up df.
 * Free room changes by itself, so nothing is planned from it.
 */
export const filesystems: Fact<readonly Filesystem[]> = {
  id: 'filesystems',
  read: sh`df -P -k -l`,
  parse: ({ stdout }) =>
    stdout
      .split('\n')
      .slice(1)
      .flatMap((line): Filesystem[] => {
        // The source may have blanks in it; the five fields after it have none, and the target is the rest.
        const [, size, free, target] = /^.*? (\d+) +\d+ +(\d+) +(?:\d+%|-) (\/.*)$/.exec(line) ?? [];
        return target === undefined ? [] : [{ target, size: Number(size) * 1024, free: Number(free) * 1024 }];
      }),
};

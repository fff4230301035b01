import { test } from 'vitest';
import { holds } from './property.ts';

/** With those of the other file 1,000; the two run side by side. */
const RUNS = 500;

test(
  `${RUNS} random MBR tables and filesystems: nothing overlaps, nothing is lost, and undo gives the table back bit for bit`,
  () => {
    holds(RUNS, 'dos');
  },
  45 * 60_000,
);

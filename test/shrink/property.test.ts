import { test } from 'vitest';
import { holds } from './property.ts';

/** A sample; all of it is in the tier faults. */
const RUNS = 10;

test(`${RUNS} random tables and filesystems: nothing overlaps, nothing is lost, and undo gives the table back bit for bit`, () => {
  holds(RUNS, null);
}, 300_000);

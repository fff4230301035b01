import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];
afterAll(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** A folder of its own for a test; it goes when all tests of the file have ended. */
export const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'glusterctl-test-'));
  made.push(path);
  return path;
};

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '../errors.ts';

const ISSUES = 'https://github.com/glusterctl/glusterctl/issues/new';

/** Anything that was thrown and is not one of ours. Writes all that is known to a file, and says where. */
export const reportBug = (error: unknown, version: string): number => {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const message = error instanceof Error ? error.message : String(error);
  const file = join(mkdtempSync(join(tmpdir(), 'glusterctl-')), 'bug.log');
  writeFileSync(file, `glusterctl ${version}, Node ${process.versions.node}, ${process.platform}\n${stack}\n`, { mode: 0o600 });
  process.stderr.write(
    `error: this is a bug in glusterctl: ${message}\n  next: please report it with the log file: ${ISSUES}\n  log: ${file}\n`,
  );
  return EXIT.bug;
};

import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ApplyFailed } from '../../errors.ts';
import type { Host } from '../../model/host.ts';
import { backupScript } from '../../shrink/backup.ts';
import type { Place } from '../../shrink/deeds.ts';

/** Copies what is needed to put the table back by hand to the run's folder, beside its log; on disk when it returns. Gives its path. */
export const saveBackup = async (host: Host, place: Place, log: string): Promise<string> => {
  const { stdout, stderr, code } = await host.run(backupScript(place).text, { timeout: 300_000 });
  if (code !== 0)
    throw new ApplyFailed({
      node: host.name,
      what: 'the partition table cannot be copied',
      why: stderr.trim() || `exit ${code}`,
      next: 'nothing was done',
    });
  const path = join(dirname(log), `before-${host.name}.tar.gz`);
  writeFileSync(path, Buffer.from(stdout, 'base64'), { mode: 0o600, flush: true });
  return path;
};

import { readFileSync } from 'node:fs';
import type { Say } from './cached.ts';
import { must } from './run.ts';

/** Without it, systemd hangs at boot from about the seventeenth node on, without an error. */
export const raiseInotifyLimit = async (say: Say): Promise<void> => {
  const now = Number(readFileSync('/proc/sys/fs/inotify/max_user_instances', 'utf8'));
  if (now >= 8192) return;
  say(`raising fs.inotify.max_user_instances from ${now} to 8192, until the next boot of this host`);
  await must('sysctl', ['-q', '-w', 'fs.inotify.max_user_instances=8192']);
};

import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

/** What sshd allows; null where it does not say. sshd_config(5) */
export interface SshdLimits {
  maxSessions: number | null;
  /** How many logins may be under way before some are dropped at random: the first number of MaxStartups. */
  startups: number | null;
}

export const sshdLimits: Fact<SshdLimits> = {
  id: 'sshd-limits',
  read: sh`"$(command -v sshd || echo /usr/sbin/sshd)" -T | grep -i -e '^maxsessions ' -e '^maxstartups '`,
  parse: ({ stdout }) => {
    const value = (key: string) => {
      const found = new RegExp(`^${key} (\\d+)`, 'im').exec(stdout)?.[1];
      return found === undefined ? null : Number(found);
    };
    return { maxSessions: value('maxsessions'), startups: value('maxstartups') };
  },
};

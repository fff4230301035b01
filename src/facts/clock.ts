import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

export interface Clock {
  /** Seconds since 1970 on the node's own clock. */
  epoch: number;
  /** Whether something keeps the clock true; null when nothing on the node can tell (a guest's clock is often the host's). */
  synchronised: boolean | null;
  by: 'chrony' | 'timesyncd' | 'ntpd' | null;
}

/**
 * Volatile, so for reports and preflight only: never plan from it.
 * timedatectl is not asked: it starts a service on the node.
 */
export const clock: Fact<Clock> = {
  id: 'clock',
  read: sh`
    date +%s
    if leap=$(chronyc -n tracking); then
      case $leap in *"Leap status"*Normal*) echo chrony yes ;; *) echo chrony no ;; esac
    elif [ -e /run/systemd/timesync/synchronized ]; then echo timesyncd yes
    elif [ -d /run/systemd/timesync ]; then echo timesyncd no
    elif state=$(ntpq -c rv); then
      case $state in *leap_alarm*) echo ntpd no ;; *) echo ntpd yes ;; esac
    fi`,
  parse: ({ stdout }) => {
    const [epoch = '0', said = ''] = stdout.split('\n');
    const [by, is] = said.split(' ');
    const known = by === 'chrony' || by === 'timesyncd' || by === 'ntpd';
    return { epoch: Number(epoch), synchronised: known ? is === 'yes' : null, by: known ? by : null };
  },
};

import type { ClockSeen } from './check.ts';
import { type Check, onEachNode } from './check.ts';

/** Seconds. Gluster compares times of files that were written on different nodes. */
const SKEW = 1;
/** Signatures of repositories and certificates count as not yet, or no longer, valid. */
const FAR = 300;

/** The clock that most others agree with; of several the one nearest to this machine's. */
const reference = (clocks: ReadonlyMap<string, ClockSeen>): number | null => {
  const all = [...clocks.values()];
  const agree = (one: ClockSeen) => all.filter((other) => Math.abs(other.offset - one.offset) <= SKEW + one.error + other.error).length;
  const [best] = all.toSorted((a, b) => agree(b) - agree(a) || Math.abs(a.offset) - Math.abs(b.offset));
  return best?.offset ?? null;
};

const spoken = (seconds: number): string =>
  seconds >= 7200
    ? `${Math.round(seconds / 3600)} hours`
    : seconds >= 120
      ? `${Math.round(seconds / 60)} minutes`
      : `${seconds.toFixed(1)} seconds`;

export const time: readonly Check[] = [
  {
    id: 'clock-skew',
    title: 'Clocks differ',
    severity: 'warn',
    cause:
      'nothing keeps the time there, or it has only just begun to; files then carry times of the future, and healing may take the wrong copy',
    remedy:
      'let chrony keep the time (time: manage), and wait until it does: chronyc waitsync; from 5 minutes on it stops a run, since signatures are judged by the clock',
    evaluate: ({ clocks }) => {
      const right = reference(clocks);
      if (right === null || clocks.size < 2) return [];
      return [...clocks].flatMap(([node, { offset, error }]) => {
        const off = offset - right;
        if (Math.abs(off) <= SKEW + error) return [];
        const severity = Math.abs(off) > FAR ? ('stop' as const) : undefined;
        return [{ node, what: `its clock is ${spoken(Math.abs(off))} ${off > 0 ? 'ahead of' : 'behind'} the other nodes`, severity }];
      });
    },
  },
  onEachNode(
    {
      id: 'clock-unsynchronised',
      title: 'The clock is not synchronised',
      severity: 'warn',
      cause: 'the time service runs, but has no source that it trusts: no server answers, or UDP port 123 is blocked',
      remedy: 'see: chronyc sources, or timedatectl timesync-status; name servers that the node can reach',
    },
    ({ clock, machine }) => !machine.container && clock.synchronised === false && `${clock.by} runs and has not synchronised the clock`,
  ),
  onEachNode(
    {
      id: 'clock-unkept',
      title: 'Nothing keeps the time',
      severity: 'warn',
      cause: 'neither chrony nor systemd-timesyncd nor ntpd runs',
      remedy: 'time: manage in cluster.yaml has chrony installed',
    },
    ({ services, machine }, { name }, { planned }) => {
      if (machine.container || services === null || planned.has(`time@${name}`)) return false;
      const runs = ['chrony', 'chronyd', 'systemd-timesyncd', 'ntpd', 'ntp', 'ntpsec'].some(
        (unit) => services.get(`${unit}.service`)?.active === 'active',
      );
      return !runs && 'no time service runs';
    },
  ),
];

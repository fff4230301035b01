import type { Answer } from '../gluster/answer.ts';
import { cli } from '../gluster/command.ts';
import { type HealSummary, parseHeal } from '../gluster/heal.ts';
import { parseStatus, type VolumeStatus } from '../gluster/volume-status.ts';
import type { Fact, FactOutput } from '../model/fact.ts';
import { type Sh, sh } from '../sh.ts';

/** Runs a command for each volume of the pool; a marker line names the volume. Volume names have no blanks and no `@`. */
const perVolume = (command: (name: Sh) => Sh): Sh => sh`
  for v in $(gluster --mode=script --log-file=/dev/null volume list </dev/null); do
    printf '@@ %s\n' "$v"
    ${command(sh`"$v"`)}
    echo
  done`;

const split = <T>(parse: (out: FactOutput) => T, out: FactOutput): ReadonlyMap<string, T> =>
  new Map(
    out.stdout
      .split(/^@@ /m)
      .slice(1)
      .map((part) => {
        const end = part.indexOf('\n');
        return [part.slice(0, end), parse({ stdout: part.slice(end + 1).trim(), code: 0 })];
      }),
  );

/** Takes locks in the pool: ask it of one node only. */
export const statusSeen: Fact<ReadonlyMap<string, Answer<readonly VolumeStatus[]>>> = {
  id: 'health:status',
  read: perVolume((v) => cli(sh`volume status ${v} detail`)),
  parse: (out) => split(parseStatus, out),
};

/** What waits to be healed, by volume; a volume without replicas or redundancy answers with a problem. */
export const healSeen: Fact<ReadonlyMap<string, Answer<HealSummary>>> = {
  id: 'health:heal',
  read: perVolume((v) => cli(sh`volume heal ${v} info summary`)),
  parse: (out) => split(parseHeal, out),
};

import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

/**
 * open: something took the connection. refused: the machine answered, nothing listens. filtered: no answer, or a
 * firewall that says so. unresolvable: the name leads nowhere. unknown: the node has no tool to try it.
 */
export type Reach = 'open' | 'refused' | 'filtered' | 'unresolvable' | 'unknown';

export interface Target {
  host: string;
  port: number;
}

export const targetKey = ({ host, port }: Target): string => `${host}:${port}`;

/** Seconds for one connection. */
const PATIENCE = 3;

/** Whether TCP connections from this node get through, by `host:port`. All are tried at once. Volatile: for preflight, not for plans. */
export const reachable = (targets: readonly Target[]): Fact<ReadonlyMap<string, Reach>> => {
  const asked = [...new Map(targets.map((t) => [targetKey(t), t])).values()];
  return {
    id: `reach:${asked.map(targetKey).join(' ')}`,
    read: sh`
      command -v bash >/dev/null && command -v timeout >/dev/null || exit 3
      i=0
      try() {
        if said=$(timeout ${PATIENCE} bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1); then r=open
        else case $?:$said in
          124:*) r=filtered ;;
          *'ame or service not known'* | *'emporary failure in name'* | *'o address associated'* | *'nvalid argument'*) r=unresolvable ;;
          *refused*) r=refused ;;
          *) r=filtered ;;
        esac
        fi
        printf '%s %s\n' "$3" "$r"
      }
      set -- ${asked.flatMap(({ host, port }) => [host, port])}
      while [ $# -gt 0 ]; do
        try "$1" "$2" "$i" &
        i=$((i + 1))
        shift 2
      done
      wait`,
    parse: ({ stdout }) => {
      const found = new Map<string, Reach>(asked.map((t) => [targetKey(t), 'unknown']));
      for (const [, i, reach] of stdout.matchAll(/^(\d+) (open|refused|filtered|unresolvable)$/gm)) {
        const target = asked[Number(i)];
        if (target) found.set(targetKey(target), reach as Reach);
      }
      return found;
    },
  };
};

/** TCP ports that something listens on, on any address. Out of /proc/net/tcp: state 0A is LISTEN, proc(5). */
export const listening: Fact<ReadonlySet<number>> = {
  id: 'listening',
  read: sh`sed -n 's/^ *[0-9]*: [0-9A-F]*:\([0-9A-F]*\) [0-9A-F:]* 0A .*/\1/p' /proc/net/tcp /proc/net/tcp6`,
  parse: ({ stdout }) =>
    new Set(
      stdout
        .split('\n')
        .filter(Boolean)
        .map((hex) => Number.parseInt(hex, 16)),
    ),
};

import type { Change } from '../../model/change.ts';
import type { Fact } from '../../model/fact.ts';
import { type Sh, sh } from '../../sh.ts';
import { canonical, GUARD, type Opening, portsOf, title } from './wish.ts';

/** Lets one address reach some TCP ports of this node. */
interface Rule {
  from: string;
  ports: string;
}

export interface Ufw {
  /** Whoever made them. */
  rules: readonly (Rule & { comment: string })[];
  /** IPV6=yes in /etc/default/ufw; else ufw lets no IPv6 in. */
  v6: boolean;
}

const tuples = sh`sed -n 's/^### tuple ### //p' /etc/ufw/user.rules /etc/ufw/user6.rules`;

/** Out of ufw's notes in its own files: `ufw status` takes a second, and shows names in place of ports. */
export const ufw: Fact<Ufw> = {
  id: 'ufw-rules',
  read: sh`
    [ -e /etc/default/ufw ] || exit 0
    sed -n 's/^IPV6=/v6 /p' /etc/default/ufw
    ${tuples}`,
  parse: ({ stdout }) => ({
    v6: /^v6 "?yes/im.test(stdout),
    rules: [...stdout.matchAll(/^allow tcp (\S+) (?:0\.0\.0\.0|::)\/0 any (\S+) in(?: comment=([0-9a-f]*))?$/gm)].map(
      ([, ports = '', from = '', comment = '']) => ({ ports, from: canonical(from), comment: Buffer.from(comment, 'hex').toString() }),
    ),
  }),
};

const words = (rules: readonly Rule[]): string[] => rules.flatMap(({ from, ports }) => [from, ports]);

/** A new rule comes in front of all others, so that none of them shuts again what it opens. */
const change = (mark: string, forbidden: readonly Rule[], allowed: readonly Rule[]): Sh => sh`
  set -eu
  allow() { ufw prepend allow proto tcp from "$1" to any port "$2" comment ${mark}; }
  forbid() { ufw delete allow proto tcp from "$1" to any port "$2"; }
  each() {
    verb=$1
    shift
    while [ $# -gt 0 ]; do
      "$verb" "$1" "$2"
      shift 2
    done
  }
  each forbid ${words(forbidden)}
  each allow ${words(allowed)}`;

export const planUfw = (opening: Opening, { rules }: Ufw): Change[] => {
  const { mark } = opening;
  // As ufw keeps them: in the order of their texts.
  const ports = portsOf(opening, ':').sort().join(',');
  const wanted = [...opening.v4, ...opening.v6].map((from): Rule => ({ from, ports }));
  const isIn = (one: Rule, list: readonly Rule[]) => list.some((other) => one.from === other.from && one.ports === other.ports);
  const missing = wanted.filter((rule) => !isIn(rule, rules));
  const stale = rules.filter((rule) => rule.comment === mark && !isIn(rule, wanted));
  if (missing.length === 0 && stale.length === 0) return [];
  return [
    {
      id: 'ufw',
      title: title(opening, 'ufw'),
      risk: 'safe',
      guard: GUARD,
      do: change(mark, stale, missing),
      undo: change(mark, missing, stale),
      verify: sh`
        rules=$(${tuples})
        is() { printf '%s\n' "$rules" | grep -q "^allow tcp $2 [0.:]*/0 any $1 in"; }
        set -- ${words(wanted)}
        while [ $# -gt 0 ]; do is "$1" "$2" || exit 1; shift 2; done
        set -- ${words(stale)}
        while [ $# -gt 0 ]; do ! is "$1" "$2" || exit 1; shift 2; done`,
    },
  ];
};

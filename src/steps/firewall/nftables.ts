import { writeFile } from '../../change.ts';
import type { FileState } from '../../facts/file.ts';
import { unitsSh } from '../../facts/units.ts';
import type { Change } from '../../model/change.ts';
import type { Fact } from '../../model/fact.ts';
import { type Sh, sh } from '../../sh.ts';
import { canonical, GUARD, type Opening, portsOf, title } from './wish.ts';

/** Debian and Ubuntu; then RHEL and its like. nftables.service loads it at boot. */
export const CONF = ['/etc/nftables.conf', '/etc/sysconfig/nftables.conf'] as const;

export interface Chain {
  family: string;
  table: string;
  name: string;
  /** By its policy, or by a last rule that takes all. */
  closed: boolean;
  /** Rules with their comment, without counters, as nft prints them. */
  rules: readonly string[];
}

const LAST_WORD = /^(counter )?(drop|reject\b.*)$/;

/** Chains that judge what comes in. Those of iptables-nft are called INPUT, and are iptables' to change. */
export const parseChains = (text: string): Chain[] => {
  const found: Chain[] = [];
  for (const [, family = '', table = '', body = ''] of text.matchAll(/^table (\S+) (\S+) \{\n([\s\S]*?)^\}/gm)) {
    for (const [, name = '', inside = ''] of body.matchAll(/^\tchain (\S+) \{\n([\s\S]*?)^\t\}/gm)) {
      const [head = '', ...rules] = inside.split('\n').map((line) => line.trim());
      if (!/^type filter hook input\b/.test(head) || name === 'INPUT') continue;
      const list = rules.filter((rule) => rule !== '');
      found.push({ family, table, name, closed: /policy drop;/.test(head) || LAST_WORD.test(list.at(-1) ?? ''), rules: list });
    }
  }
  return found;
};

/** Without counters (-s), which would change from one second to the next. */
export const nftables: Fact<readonly Chain[]> = {
  id: 'nftables',
  read: sh`
    ${unitsSh}
    is_unit nftables.service && [ "$(systemctl is-active nftables.service)" = active ] || exit 0
    nft -s list ruleset`,
  parse: ({ stdout }) => parseChains(stdout).filter(({ family }) => ['inet', 'ip', 'ip6'].includes(family)),
};

const place = ({ family, table, name }: Chain): string => `${family} ${table} ${name}`;

/** Loopback too: Gluster's daemons speak to the one of their own node as localhost. */
const rulesFor = ({ family }: Chain, opening: Opening): string[] => {
  const { mark, v4, v6 } = opening;
  const rule = (what: string, list: readonly string[]) =>
    `${what} saddr { ${list.join(', ')} } tcp dport { ${portsOf(opening, '-').join(', ')} } accept comment "${mark}"`;
  return [
    ...(family === 'ip6' || v4.length === 0 ? [] : [rule('ip', ['127.0.0.1', ...v4])]),
    ...(family === 'ip' || v6.length === 0 ? [] : [rule('ip6', ['::1', ...v6])]),
  ];
};

/** nft sorts what is in a set, and drops the braces around a single one. */
const meaning = (rule: string): string => {
  const [, what = '', addresses = '', ports = '', rest = ''] =
    /^(ip6?) saddr (?:\{ )?(.*?)(?: \})? tcp dport (?:\{ )?(.*?)(?: \})? (accept .*)$/.exec(rule) ?? [];
  const sorted = (list: string) => list.split(', ').map(canonical).sort().join();
  return what === '' ? rule : [what, sorted(addresses), sorted(ports), rest].join(' ');
};

const begin = (mark: string): string => `# BEGIN ${mark}\n`;
const end = (mark: string): string => `# END ${mark}\n`;

/** The file with the block at its end, in place of the one that was in it. */
export const withBlock = (text: string, mark: string, lines: readonly string[]): string => {
  const from = text.indexOf(begin(mark));
  const to = text.indexOf(end(mark), from);
  const rest = from === -1 || to === -1 ? text : text.slice(0, from) + text.slice(to + end(mark).length);
  const block = lines.length === 0 ? '' : `${begin(mark)}${lines.map((line) => `${line}\n`).join('')}${end(mark)}`;
  return `${rest === '' || rest.endsWith('\n') ? rest : `${rest}\n`}${block}`;
};

interface Placed {
  chain: Chain;
  rules: readonly string[];
}

const inserts = (list: readonly Placed[]): string[] =>
  list.flatMap(({ chain, rules }) => rules.map((rule) => `insert rule ${place(chain)} ${rule}`));

/** In one transaction: our rules in these chains go, others come, at the head, before any that drops. */
const change = (mark: string, chains: readonly Chain[], list: readonly Placed[]): Sh => sh`
  old() { nft -a list chain $1 | sed -n ${`s/.* comment "${mark}" # handle \\([0-9]*\\)$/delete rule @@ handle \\1/p`} | sed "s/@@/$1/"; }
  {
    for chain in ${chains.map(place)}; do old "$chain"; done
    printf '%s\n' ${inserts(list)}
  } | nft -f /dev/stdin`;

/** Text without its closing and opening lines must load by itself at boot, with nothing else there. */
export const planNftables = (opening: Opening, chains: readonly Chain[], conf: { path: string; state: FileState }): Change[] => {
  const { mark } = opening;
  const ours = ({ rules }: Chain) => rules.filter((rule) => rule.endsWith(`comment "${mark}"`));
  const wanted = chains.filter(({ closed }) => closed).map((chain): Placed => ({ chain, rules: rulesFor(chain, opening) }));
  const before = chains.map((chain): Placed => ({ chain, rules: ours(chain) }));
  const sense = (list: readonly Placed[]) =>
    inserts(list.map(({ chain, rules }) => ({ chain, rules: rules.map(meaning) })))
      .sort()
      .join('\n');
  const after = withBlock(conf.state.text ?? '', mark, inserts(wanted));
  if (sense(wanted) === sense(before) && (conf.state.text ?? '') === after) return [];

  const file = writeFile(conf.path, after, conf.state);
  const undoFile = file.undo === 'nothing' ? sh`:` : file.undo;
  return [
    {
      ...file,
      id: 'nftables',
      title: title(opening, 'nftables'),
      guard: GUARD,
      do: sh`
        set -eu
        (
        ${file.do}
        )
        nft -c -f ${conf.path} || { ( ${undoFile}
        ); echo ${`${conf.path} would no longer load at boot, so it is as it was: does it make the chain ${wanted.map(({ chain }) => place(chain)).join(', ')}?`} >&2; exit 1; }
        ${change(mark, chains, wanted)}`,
      undo: sh`
        set -eu
        (
        ${undoFile}
        )
        ${change(mark, chains, before)}`,
      verify: sh`
        ${file.verify} || exit 1
        for chain in ${wanted.map(({ chain }) => place(chain))}; do
          nft list chain $chain | grep -q ${`comment "${mark}"$`} || exit 1
        done`,
    },
  ];
};

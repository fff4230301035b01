import { writeFile } from '../../change.ts';
import type { FileState } from '../../facts/file.ts';
import { unitsSh } from '../../facts/units.ts';
import type { Change } from '../../model/change.ts';
import type { Fact } from '../../model/fact.ts';
import { all, type Sh, sh } from '../../sh.ts';
import { GUARD, isAddress, isV6, type Opening, portsOf, title } from './wish.ts';

export interface Firewalld {
  /** Of the interface that has the storage address. */
  zone: string;
  /** Lets everything in. */
  open: boolean;
  runtime: ReadonlySet<string>;
  permanent: ReadonlySet<string>;
  /** All that `firewall-cmd --permanent --list-all` says of the zone. */
  settings: string;
  /** Whether the zone has a file below /etc, and a spare copy of it, or comes as firewalld ships it. */
  file: boolean;
  spare: boolean;
}

const fileOf = (zone: string): string => `/etc/firewalld/zones/${zone}.xml`;

/** Rich rules stand last, each on a line of its own. */
const richRules = (settings: string): Set<string> => new Set([...settings.matchAll(/^\s*(rule .*?)\s*$/gm)].map(([, rule = '']) => rule));

/** Each call of firewall-cmd takes a good tenth of a second. `own`: the storage address of the node, or a name that leads there. */
export const firewalld = (own: string): Fact<Firewalld> => ({
  id: `firewalld:${own}`,
  read: sh`
    ${unitsSh}
    is_unit firewalld.service && [ "$(systemctl is-active firewalld.service)" = active ] || exit 0
    a=${own}
    ${isAddress(own) ? sh`:` : sh`a=$(getent ahosts "$a" | sed -n '1s/ .*//p')`}
    i=$(ip -o addr show | awk -v a="$a" '{ split($4, at, "/"); if (at[1] == a) print $2 }' | sed q)
    z=$(firewall-cmd --get-zone-of-interface="$i") || z=$(firewall-cmd --get-default-zone)
    echo "$z"
    [ -e "/etc/firewalld/zones/$z.xml" ] && echo file
    [ -e "/etc/firewalld/zones/$z.xml.old" ] && echo spare
    echo RUNTIME
    firewall-cmd --zone="$z" --list-all
    echo PERMANENT
    firewall-cmd --permanent --zone="$z" --list-all`,
  parse: ({ stdout }) => {
    const [head = '', rest = ''] = stdout.split(/^RUNTIME\n/m);
    const [runtime = '', settings = ''] = rest.split(/^PERMANENT\n/m);
    const [zone = '', ...marks] = head.split('\n');
    return {
      zone,
      open: /^\s*target: ACCEPT$/m.test(runtime),
      runtime: richRules(runtime),
      permanent: richRules(settings),
      // As $(...) gives it: a line may end in a blank.
      settings: settings.replace(/\n+$/, ''),
      file: marks.includes('file'),
      spare: marks.includes('spare'),
    };
  },
});

/** Ports, not the service `glusterfs`: that one comes with the package, opens NFS too, and before Gluster 10 too few ports for bricks. */
const rulesFor = (opening: Opening): string[] =>
  [...opening.v4, ...opening.v6].flatMap((address) =>
    portsOf(opening, '-').map(
      (ports) => `rule family="${isV6(address) ? 'ipv6' : 'ipv4'}" source address="${address}" port port="${ports}" protocol="tcp" accept`,
    ),
  );

/** What glusterctl has put into which zone; firewalld itself has no room for a mark. */
export const recordOf = (cluster: string): string => `/var/lib/glusterctl/firewalld-${cluster}`;

const words = (verb: 'add' | 'remove', rules: readonly string[]): string[] => rules.map((rule) => `--${verb}-rich-rule=${rule}`);

interface Rules {
  runtime: readonly string[];
  permanent: readonly string[];
}

/** Now and for good, without a reload, which would drop what others have put into the running firewall only. */
const change = (zone: string, verb: 'add' | 'remove', { runtime, permanent }: Rules): Sh => sh`
  ${runtime.length === 0 ? sh`:` : sh`firewall-cmd -q --zone=${zone} ${words(verb, runtime)}`}
  ${permanent.length === 0 ? sh`:` : sh`firewall-cmd -q --permanent --zone=${zone} ${words(verb, permanent)}`}`;

/** firewalld writes a file for a zone that it ships, and a spare copy: both go when the zone is again what it was. */
const tidy = ({ zone, settings, file, spare }: Firewalld): Sh => sh`
  ${file ? sh`:` : sh`if [ "$(firewall-cmd --permanent --zone=${zone} --list-all)" = ${settings} ]; then rm -f -- ${fileOf(zone)}; fi`}
  ${spare ? sh`:` : sh`rm -f -- ${`${fileOf(zone)}.old`}`}`;

const listed = (zone: string, rules: readonly string[], not: Sh): Sh => sh`
  for where in '' --permanent; do
    rules=$(firewall-cmd $where --zone=${zone} --list-rich-rules) || exit 1
    for rule in ${rules}; do
      ${not} printf '%s\n' "$rules" | grep -qxF -e "$rule" || exit 1
    done
  done`;

const filter = ({ runtime, permanent }: Firewalld, rules: readonly string[], there: boolean): Rules => ({
  runtime: rules.filter((rule) => runtime.has(rule) === there),
  permanent: rules.filter((rule) => permanent.has(rule) === there),
});

const isEmpty = ({ runtime, permanent }: Rules): boolean => runtime.length + permanent.length === 0;

/** Rules of this zone that glusterctl has made. */
const noted = (zone: string, record: FileState): string[] =>
  (record.text ?? '')
    .split('\n')
    .filter((line) => line.startsWith(`${zone}\t`))
    .map((line) => line.slice(zone.length + 1));

export const planFirewalld = (cluster: string, opening: Opening, is: Firewalld, record: FileState): Change[] => {
  const { zone } = is;
  if (zone === '' || is.open) return [];
  const before = noted(zone, record);
  const wanted = rulesFor(opening);
  const stale = before.filter((rule) => !wanted.includes(rule));
  const missing = filter(is, wanted, false);
  const surplus = filter(is, stale, true);
  const changes: Change[] = [];
  if (!isEmpty(missing) || !isEmpty(surplus)) {
    changes.push({
      id: 'firewalld',
      title: title(opening, `firewalld, zone ${zone}`),
      risk: 'safe',
      guard: GUARD,
      do: sh`
        set -eu
        ${change(zone, 'remove', surplus)}
        ${change(zone, 'add', missing)}`,
      undo: sh`
        set -eu
        ${change(zone, 'remove', missing)}
        ${change(zone, 'add', surplus)}
        ${tidy(is)}`,
      verify: all(listed(zone, wanted, sh``), listed(zone, stale, sh`!`)),
    });
  }
  // A rule that somebody else had made before is not ours to take away one day.
  const ours = wanted.filter((rule) => missing.permanent.includes(rule) || before.includes(rule));
  const text = ours.map((rule) => `${zone}\t${rule}\n`).join('');
  if ((record.text ?? '') !== text) changes.push(writeFile(recordOf(cluster), text, record));
  return changes;
};

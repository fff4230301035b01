import type { Disk } from '../facts/disks.ts';
import { isDisk } from '../facts/disks.ts';
import type { Glusterd2 } from '../facts/glusterd2.ts';
import type { Seen, SystemFacts, systemFacts } from '../facts/system.ts';
import type { Paint } from './paint.ts';
import { bytes } from './status-text.ts';
import { table } from './table.ts';

type Found = Seen<ReturnType<typeof systemFacts>>;

/** The value of a fact said in one line; when it could not be read, why. */
const line = <K extends keyof SystemFacts>(facts: Found, key: K, say: (value: SystemFacts[K]) => string): string => {
  const fact = facts[key];
  return fact.ok ? say(fact.value as SystemFacts[K]) : `cannot be read: ${fact.why}`;
};

const diskRow = (disk: Disk): string[] => [
  disk.path,
  disk.size === null ? '?' : bytes(disk.size),
  [disk.model, disk.serial && `serial ${disk.serial}`].filter(Boolean).join(' ') || '-',
  disk.usable ? 'usable' : `no: ${disk.reasons.map((r) => r.text).join('; ')}`,
  disk.remarks.join('; '),
];

const diskTable = (disks: readonly Disk[], p: Paint): string => {
  const rows = disks.filter(isDisk).map(diskRow);
  if (rows.length === 0) return '  no disks are to be seen';
  return table(['DISK', 'SIZE', 'MODEL', 'MAY BE USED', ''], rows)
    .split('\n')
    .map((row, i) => `  ${i === 0 ? p.dim(row) : row}`)
    .join('\n');
};

const named = <T>(list: readonly T[] | null, say: (item: T) => string): string =>
  list === null ? 'it does not tell' : list.map(say).join(', ') || 'none';

/** What there is to be moved away. */
const glusterd2Rows = ({ version, peers, volumes, devices }: Glusterd2): [string, string][] => [
  ['glusterd2', version === null ? 'does not answer' : `${version}, which glusterctl leaves alone`],
  ['  peers', named(peers, ({ name, online }) => `${name}${online ? '' : ' (offline)'}`)],
  ['  volumes', named(volumes, ({ name, type, state }) => `${name} (${type}, ${state})`)],
  ['  devices', named(devices, ({ name, state, group }) => `${name} (${[state, group].filter(Boolean).join(', ')})`)],
];

/** One node: what an operator asks first, and its disks with the reasons against them. */
export const factsText = (name: string, facts: Found, p: Paint): string => {
  const rows: [string, string][] = [
    ['system', line(facts, 'os', (os) => `${os.pretty} (${os.arch.machine})`)],
    [
      'machine',
      line(
        facts,
        'machine',
        (m) => `${m.cpus} CPUs, ${bytes(m.memory)} memory, kernel ${m.kernel}, virtualisation ${m.virtualisation}, init ${m.init}`,
      ),
    ],
    [
      'addresses',
      line(
        facts,
        'addresses',
        (a) =>
          a.addresses
            .filter((x) => x.scope === 'global')
            .map((x) => `${x.address} (${x.interface})`)
            .join(', ') || 'none',
      ),
    ],
    [
      'clock',
      line(facts, 'clock', (c) =>
        c.synchronised === null
          ? 'nothing tells whether it is kept'
          : `${c.synchronised ? 'synchronised' : 'NOT synchronised'}${c.by ? ` by ${c.by}` : ''}`,
      ),
    ],
    [
      'gluster',
      line(facts, 'gluster', (g) =>
        g.version === null
          ? g.glusterd2
            ? 'GlusterD2, which glusterctl leaves alone'
            : 'not installed'
          : `${g.version}${g.server ? ', server' : ''}${g.client ? ', client' : ''}`,
      ),
    ],
    [
      'pool',
      line(facts, 'pool', (a) =>
        a.ok ? a.value.peers.map((peer) => `${peer.hostname}${peer.connected ? '' : ' (disconnected)'}`).join(', ') : a.problem.cause,
      ),
    ],
    [
      'volumes',
      line(facts, 'volumes', (a) =>
        a.ok ? a.value.map((v) => `${v.name} (${v.typeText}, ${v.status})`).join(', ') || 'none' : a.problem.cause,
      ),
    ],
    ...(facts.glusterd2.ok && facts.glusterd2.value !== null ? glusterd2Rows(facts.glusterd2.value) : []),
    ['firewall', line(facts, 'firewall', (f) => f.active ?? (f.foreignRules ? 'rules of its own' : 'none'))],
    ['selinux', line(facts, 'selinux', (s) => s.mode)],
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  const text = rows.map(([label, value]) => `  ${p.dim(label.padEnd(width))}  ${value}`);
  const disks = facts.disks.ok ? diskTable(facts.disks.value, p) : `  disks cannot be read: ${facts.disks.why}`;
  return [p.head(name), ...text, disks, ''].join('\n');
};

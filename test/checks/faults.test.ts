import { describe, expect, it } from 'vitest';
import { checks } from '../../src/checks/catalog.ts';
import { type ClockSeen, type NodeSeen, type Path, type Seen, Unread } from '../../src/checks/check.ts';
import type { CheckFacts } from '../../src/checks/facts.ts';
import { type CheckReport, judge } from '../../src/checks/report.ts';
import { parseMounts } from '../../src/facts/mounts.ts';
import type { Reach } from '../../src/facts/ports.ts';
import type { Service } from '../../src/facts/services.ts';
import { checkText } from '../../src/ui/check-text.ts';
import { paint } from '../../src/ui/paint.ts';
import { bookworm, cluster, node } from '../steps/answers.ts';

const GIB = 2 ** 30;
const up: Service = { load: 'loaded', active: 'active', sub: 'running', file: 'enabled', path: '/x' };
const gone: Service = { load: 'not-found', active: 'inactive', sub: 'dead', file: '', path: '' };
const NAMES = ['node-1', 'node-2', 'node-3'];

const good = (i: number): CheckFacts => ({
  os: bookworm,
  machine: {
    kernel: '6.1.0-18-amd64',
    virtualisation: 'kvm',
    container: false,
    memory: 4 * GIB,
    cpus: 2,
    init: 'systemd',
    machineId: `${i}`.repeat(32),
    bootId: `boot-${i}`,
  },
  clock: { epoch: 1_800_000_000, synchronised: true, by: 'chrony' },
  addresses: {
    hostname: `node-${i}`,
    addresses: [{ interface: 'eth1', family: 'inet', address: `10.0.0.${i}`, prefix: 24, scope: 'global' }],
  },
  filesystems: [
    { target: '/', size: 40 * GIB, free: 20 * GIB },
    { target: '/data/brick1', size: 100 * GIB, free: 90 * GIB },
  ],
  mounts: parseMounts('1 0 8:1 / / rw - ext4 /dev/vda1 rw\n2 1 8:16 / /data/brick1 rw - xfs /dev/vdb rw\n'),
  services: new Map([
    ['glusterd.service', up],
    ['chrony.service', up],
  ]),
  firewall: { active: null, at: [], installed: [], foreignRules: false },
  selinux: { mode: 'absent', configured: null },
  listening: new Set([22, 24007]),
  program: { version: '10.3', server: true, client: true, glusterd2: false },
  glusterd: { uuid: `uuid-${i}`, peers: [], volumes: [], glusterd2: false, machineId: null },
  repositories: [],
  packages: { lockedBy: null, interrupted: false, proxy: false },
  sshd: { maxSessions: 10, startups: 10 },
  host: { mtu: new Map([['eth1', 1500]]), fewInodes: [], system: 'running', semanage: false, fuse: true, nameServer: true },
  names: new Map(),
});

const paths = (change: (path: Path) => Path = (path) => path): Path[] =>
  NAMES.flatMap((from) =>
    NAMES.filter((to) => to !== from).flatMap((to) => [
      change({ from, to, address: '10.0.0.1', port: 24007, what: 'glusterd', listener: true, reach: 'open' }),
      change({ from, to, address: '10.0.0.1', port: 60999, what: 'bricks', listener: true, reach: 'open' }),
    ]),
  );

const seen = (
  { one = {}, all = {}, ...over }: Partial<Seen> & { one?: Partial<CheckFacts>; all?: Partial<CheckFacts> } = {},
  nodes = NAMES.map((name, i) => node(name, { storage: `10.0.0.${i + 1}` })),
): Seen => ({
  cluster: cluster({
    nodes,
    firewall: 'manage',
    volumes: [
      {
        name: 'gv0',
        type: 'replicate',
        setSize: 3,
        redundancy: 0,
        bricks: NAMES.map((name) => ({ node: name, path: '/data/brick1/gv0' })),
        options: {},
        group: null,
        start: true,
        allow: [],
      },
    ],
  }),
  nodes: nodes.map((one_, i): NodeSeen => ({ node: one_, is: { ...good(i + 1), ...all, ...(i === 0 ? one : {}) } })),
  lost: [],
  reasons: [],
  planned: new Set(),
  unread: [],
  clocks: new Map(nodes.map(({ name }): [string, ClockSeen] => [name, { offset: 0, error: 0.01 }])),
  paths: paths(),
  ...over,
});

const said = (report: CheckReport): string[] =>
  report.faults.map(({ id, node: at, severity }) => `${severity} ${id}${at === null ? '' : ` ${at}`}`);
const faults = (...of: Parameters<typeof seen>): string[] => said(judge(seen(...of)));

const machine = (more: Partial<CheckFacts['machine']>) => ({ machine: { ...good(1).machine, ...more } });
const host = (more: Partial<CheckFacts['host']>) => ({ host: { ...good(1).host, ...more } });
const reach = (to: string, what: Path['what'], how: Reach, listener = true) =>
  paths((path) => (path.to === to && path.what === what ? { ...path, reach: how, listener } : path));
const space = (target: string, mib: number) => ({ filesystems: [...good(1).filesystems, { target, size: 10 * GIB, free: mib * 2 ** 20 }] });
const brickOn = (fstype: string) => ({
  mounts: parseMounts(`1 0 8:1 / / rw - ext4 /dev/vda1 rw\n2 1 8:16 / /data/brick1 rw - ${fstype} x rw\n`),
});
const clocks = (...offsets: number[]) =>
  new Map(offsets.map((offset, i): [string, ClockSeen] => [`node-${i + 1}`, { offset, error: 0.01 }]));

/** What is wrong, and what is said of it: nothing else. */
const CASES: readonly (readonly [what: Parameters<typeof seen>[0], said: readonly string[]])[] = [
  [{ one: { sshd: { maxSessions: 1, startups: 10 } } }, ['stop sshd-sessions node-1']],
  [{ one: { sshd: { maxSessions: null, startups: 2 } } }, ['warn sshd-startups node-1']],
  [{ unread: [{ node: 'node-2', fact: 'mounts', why: 'hangs' }] }, ['warn no-answer node-2']],
  [{ one: { os: { ...bookworm, arch: { machine: 'armv7l', deb: 'armhf', rpm: 'armv7hl' } } } }, ['warn architecture node-1']],
  [{ one: host({ system: 'maintenance' }) }, ['stop system-state node-1']],
  [{ one: host({ system: 'degraded' }) }, []],
  [{ one: machine({ kernel: '2.6.32-754.el6' }) }, ['stop kernel-old node-1']],
  [{ one: machine({ kernel: '3.10.0-1160.el7' }) }, []],
  [{ one: machine({ container: true, virtualisation: 'lxc' }) }, ['warn container node-1']],
  [{ one: machine({ memory: GIB / 2 }) }, ['warn memory node-1']],
  [{ one: { mounts: parseMounts('1 0 8:1 / / ro - ext4 /dev/vda1 ro\n') } }, ['stop root-read-only node-1']],
  [{ one: machine({ bootId: 'boot-2' }) }, ['stop machine-twice']],
  [{ one: machine({ machineId: '2'.repeat(32) }) }, ['warn machine-id']],
  [{ one: { addresses: { ...good(1).addresses, hostname: 'node-2' } } }, ['warn host-name-twice']],
  [{ one: { filesystems: [{ target: '/', size: 4 * GIB, free: 2 ** 20 }] } }, ['stop disk-full node-1']],
  [{ one: { filesystems: [{ target: '/', size: 4 * GIB, free: 400 * 2 ** 20 }] } }, ['warn disk-low node-1']],
  [{ one: space('/var', 100) }, ['stop disk-full node-1']],
  [{ one: space('/var', 600) }, ['warn disk-low node-1']],
  [{ one: space('/var/log', 100) }, ['warn log-space node-1']],
  [{ one: host({ fewInodes: ['/'] }) }, ['warn inodes node-1']],
  [
    { one: { repositories: [{ file: '/etc/x.list', kind: 'deb', uris: [], suites: [], enabled: true, key: '', unsigned: true }] } },
    ['warn repository-unsigned node-1'],
  ],
  [{ one: { packages: { lockedBy: '1 (apt-get)', interrupted: false, proxy: false } } }, ['warn packages-locked node-1']],
  [{ one: { packages: { lockedBy: null, interrupted: true, proxy: false } } }, ['warn packages-interrupted node-1']],
  [{ one: { program: { version: '9.6', server: true, client: true, glusterd2: false } } }, ['warn versions-mixed']],
  [{ one: { program: { version: '10.5', server: true, client: true, glusterd2: false } } }, []],
  [
    { paths: [{ from: 'node-1', to: 'x', address: 'debian.example', port: 80, what: 'packages', listener: true, reach: 'unresolvable' }] },
    ['warn package-server node-1'],
  ],
  [{ clocks: clocks(0, 0.2, 40) }, ['warn clock-skew node-3']],
  [{ clocks: clocks(7200, 7200.1, 0) }, ['stop clock-skew node-3']],
  [{ clocks: clocks(0, 0.5, 0.9) }, []],
  [{ one: { clock: { epoch: 0, synchronised: false, by: 'chrony' } } }, ['warn clock-unsynchronised node-1']],
  [
    {
      one: {
        services: new Map([
          ['glusterd.service', up],
          ['chrony.service', gone],
        ]),
      },
    },
    ['warn clock-unkept node-1'],
  ],
  [{ one: { services: new Map([['glusterd.service', up]]) }, planned: new Set(['time@node-1']) }, []],
  [{ one: { names: new Map([['node-1', ['127.0.1.1']]]) } }, ['warn own-name-loopback node-1']],
  [
    { one: { addresses: { ...good(1).addresses, addresses: [{ ...good(9).addresses.addresses[0], address: '192.168.1.5' } as never] } } },
    ['warn address-missing node-1'],
  ],
  [{ one: host({ nameServer: false }) }, ['warn dns node-1']],
  [{ paths: reach('node-2', 'glusterd', 'filtered') }, ['stop glusterd-port node-2']],
  [{ paths: reach('node-2', 'glusterd', 'refused') }, ['stop glusterd-port node-2']],
  [{ paths: reach('node-2', 'glusterd', 'refused', false) }, []],
  [{ paths: reach('node-2', 'bricks', 'filtered') }, ['stop brick-ports node-2']],
  [{ paths: reach('node-2', 'bricks', 'filtered'), planned: new Set(['firewall@node-2']) }, ['warn brick-ports node-2']],
  [{ paths: reach('node-2', 'glusterd', 'unknown') }, ['warn port-untried node-1', 'warn port-untried node-3']],
  [{ one: { services: new Map([['chrony.service', up]]) } }, ['stop port-taken node-1']],
  [{ one: host({ mtu: new Map([['eth1', 9000]]) }) }, ['warn mtu']],
  [{ one: { firewall: { active: 'iptables', at: ['iptables'], installed: [], foreignRules: false } } }, ['warn firewall-unmanaged node-1']],
  [
    { one: { firewall: { active: 'firewalld', at: ['firewalld', 'nftables'], installed: [], foreignRules: false } } },
    ['warn firewall-two node-1'],
  ],
  [{ all: { selinux: { mode: 'enforcing', configured: 'enforcing' } } }, NAMES.map((name) => `warn selinux-tools ${name}`)],
  [{ one: { selinux: { mode: 'permissive', configured: 'enforcing' }, ...host({ semanage: true }) } }, ['warn selinux-differs node-1']],
  [
    {
      all: { selinux: { mode: 'enforcing', configured: 'enforcing' }, ...host({ semanage: true }) },
      one: { selinux: { mode: 'permissive', configured: 'permissive' } },
    },
    ['warn selinux-mixed'],
  ],
  [{ one: brickOn('nfs4') }, ['stop brick-filesystem node-1']],
  [{ one: brickOn('tmpfs') }, ['warn brick-fleeting node-1']],
  [
    {
      one: {
        filesystems: [
          { target: '/', size: GIB * 9, free: GIB * 8 },
          { target: '/data/brick1', size: 100 * GIB, free: GIB },
        ],
      },
    },
    ['warn brick-full node-1'],
  ],
  [
    {
      one: {
        services: new Map([
          ['chrony.service', up],
          ['glusterd.service', { ...up, active: 'failed' }],
        ]),
        listening: new Set([22]),
      },
    },
    ['warn glusterd-failed node-1'],
  ],
  [{ lost: [{ node: 'node-3', what: 'cannot connect to root@192.0.2.3', why: 'no answer' }] }, ['stop unreachable node-3']],
  [{ lost: [{ node: 'node-3', check: 'sudo', what: 'ops cannot become root: there is no sudo' }] }, ['stop sudo node-3']],
  [{ reasons: [{ step: 'volume', what: 'nobody knows why', node: 'node-1' }] }, ['stop cannot-plan node-1']],
];

describe('what is found', () => {
  it('is nothing on nodes that are as they should be', () => {
    expect(faults()).toEqual([]);
  });

  it.each(CASES.map(([what, wanted]) => ({ what, wanted, name: wanted.join(', ') || 'nothing' })))('is $name', ({ what, wanted }) => {
    const { nodes: _nodes, ...rest } = what ?? {};
    expect(faults(rest)).toEqual(wanted);
  });

  it('is tried by a case above for each check that is no refusal of a step or a login', () => {
    const tried = new Set(CASES.flatMap(([, wanted]) => wanted.map((line) => line.split(' ')[1])));
    const bySteps = new Set(
      checks
        .filter(({ id }) => faults({ reasons: [{ step: 'x', check: id, what: 'what', node: 'node-1' }] }).length > 0)
        .map(({ id }) => id),
    );
    const left = checks.map(({ id }) => id).filter((id) => !tried.has(id) && !bySteps.has(id));
    expect(left).toEqual(['fuse-device', 'names-differ']);
  });

  it('is a name that leads elsewhere on another node', () => {
    const base = seen({ all: { names: new Map([['node-3', ['10.0.0.3']]]) }, one: { names: new Map([['node-3', ['198.51.100.3']]]) } });
    expect(judge(base).faults).toMatchObject([
      { id: 'names-differ', node: null, what: 'node-3 leads to 198.51.100.3 and 10.0.0.3, depending on whom one asks' },
    ]);
  });

  it('is /dev/fuse that a container lacks, where a volume is to be mounted', () => {
    const base = seen({ one: { ...machine({ container: true }), ...host({ fuse: false }) } });
    expect(said(judge(base))).toEqual(['warn container node-1']);
    const mounts = [{ volume: 'gv0', path: '/mnt', nodes: ['node-1'] }];
    expect(said(judge({ ...base, cluster: { ...base.cluster, mounts } }))).toContain('stop fuse-device node-1');
  });

  it('keeps what a node did not answer apart from what it answered', () => {
    const is = good(1);
    Object.defineProperty(is, 'mounts', {
      get: () => {
        throw new Unread('mounts');
      },
    });
    const base = seen({ one: {} });
    const nodes = [{ node: base.nodes[0]?.node ?? node('x'), is }, ...base.nodes.slice(1)];
    expect(said(judge({ ...base, nodes, unread: [{ node: 'node-1', fact: 'mounts', why: 'late' }] }))).toEqual(['warn no-answer node-1']);
  });

  it('is nothing on a node that answered no question at all', () => {
    const nobody = Object.keys(good(1)).reduce(
      (is, key) =>
        Object.defineProperty(is, key, {
          get: () => {
            throw new Unread(key);
          },
        }),
      {},
    ) as CheckFacts;
    const base = seen({ paths: reach('node-1', 'glusterd', 'filtered') });
    expect(said(judge({ ...base, nodes: base.nodes.map((one, i) => (i === 0 ? { ...one, is: nobody } : one)) }))).toEqual([
      'stop glusterd-port node-1',
    ]);
  });

  it('has a name that the catalogue knows, or is a bug', () => {
    expect(() => judge(seen({ reasons: [{ step: 'x', check: 'nosuch', what: 'what' }] }))).toThrow('no check is called nosuch');
  });
});

describe('the report', () => {
  const base = seen({
    paths: reach('node-2', 'glusterd', 'filtered'),
    lost: [{ node: 'node-4', what: 'cannot connect to node-4', why: 'no answer', next: 'look' }],
  });
  const small = ({ is, ...one }: NodeSeen): NodeSeen => ({ ...one, is: { ...is, machine: { ...is.machine, memory: GIB / 2 } } });
  const report = judge({ ...base, nodes: base.nodes.map(small) });

  it('says first what would stop a run, and each fault with cause and remedy', () => {
    expect(said(report)).toEqual(['stop unreachable node-4', 'stop glusterd-port node-2', ...NAMES.map((name) => `warn memory ${name}`)]);
    for (const { why, next } of report.faults) expect(Math.min(why.length, next.length)).toBeGreaterThan(3);
    expect(report.summary).toEqual({ nodes: 4, reached: 3, checks: checks.length, stop: 2, warn: 3 });
  });

  it('is read by a person: what is the same on several nodes once, and who reaches whom', () => {
    const text = checkText(report, paint(false));
    expect(text).toContain('warn  node-1, node-2, node-3: there are 512 MiB of memory  [memory]');
    expect(text).toContain('port 24007 cannot be reached from node-1 and node-3');
    expect(text).toContain('FROM    to node-1  to node-2  to node-3\nnode-1  -          no 24007   ok\n');
    expect(text).toContain('2 would stop a run, 3 to know');
  });
});

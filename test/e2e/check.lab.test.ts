import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { CheckReport } from '../../src/checks/report.ts';
import { nodeState, stateDiff } from '../helpers/node-state.ts';
import { openScene, type Scene } from '../helpers/scene.ts';
import type { LabNode } from '../lab/index.ts';

let scene: Scene;
let yaml: string;

const must = async (name: string, script: string): Promise<string> => {
  const { code, stdout, stderr } = await scene.lab.node(name).exec(script, { timeoutMs: 300_000 });
  if (code !== 0) throw new Error(`${name}: ${stderr}`);
  return stdout;
};

const check = async (...words: string[]): Promise<{ report: CheckReport; code: number | null }> => {
  const { stdout, stderr, code } = await scene.run(['check', '--json', ...words]);
  expect(stderr).toBe('');
  return { report: JSON.parse(stdout), code };
};
const ids = ({ faults }: CheckReport, node: string | null): string[] =>
  faults
    .filter((fault) => fault.node === node)
    .map(({ id }) => id)
    .sort();
const states = (): Promise<string[]> => Promise.all(scene.lab.nodes.slice(0, 3).map((node: LabNode) => nodeState(node)));

/** What every node of a lab has: it is a container, and has no name server. */
const LAB = ['container', 'dns'];

beforeAll(async () => {
  scene = await openScene({ name: 'fwcheck', nodes: 4 });
  yaml = scene.lab.clusterYaml();
  scene.write(yaml);
  await Promise.all(scene.lab.nodes.map((node) => node.snapshot('bare')));
});
afterAll(() => scene?.close());

afterEach(async () => {
  scene.write(yaml);
  await Promise.all(scene.lab.nodes.map((node) => node.restore('bare')));
});

describe('check', () => {
  it('finds nothing that would stop a run on bare nodes, and exits with 0', async () => {
    const { report, code } = await check();
    expect(report.faults.filter(({ severity }) => severity === 'stop')).toEqual([]);
    expect(code).toBe(0);
    for (const { name } of scene.lab.nodes) expect(ids(report, name)).toEqual(LAB);
    expect(report.matrix.filter(({ what }) => what === 'glusterd')).toHaveLength(12);
    // Somebody listened for a moment, on the first and the last port.
    const bricks = report.matrix.filter(({ what }) => what === 'bricks');
    expect(new Set(bricks.map(({ port, listener, reach }) => `${port} ${listener} ${reach}`))).toEqual(
      new Set(['49152 true open', '60999 true open']),
    );
    await expect.poll(() => must('node-1', "grep -c ':C000 00000000:0000 0A' /proc/net/tcp || true"), { timeout: 10_000 }).toBe('0\n');
  });

  it('names many faults of all nodes in one report, with cause and remedy, and writes nothing', async () => {
    await must(
      'node-1',
      `mkdir -p /var/lib/glusterd /data/brick1/gv0 && echo UUID=11111111-2222-3333-4444-555555555555 >/var/lib/glusterd/glusterd.info
      echo data >/data/brick1/gv0/file
      echo '198.51.100.9 node-2' >>/etc/hosts
      ip link set eth0 mtu 1400`,
    );
    await must(
      'node-2',
      `mkdir -p /var/lib/glusterd && echo UUID=11111111-2222-3333-4444-555555555555 >/var/lib/glusterd/glusterd.info
      printf '#!/bin/sh\\nshift; exec /bin/date -d "@$(($(/bin/date +%%s) + 7200))" +%%s.%%N\\n' >/usr/local/bin/date && chmod 755 /usr/local/bin/date
      echo 'MaxStartups 1:30:10' >/etc/ssh/sshd_config.d/few.conf
      systemctl mask -q glusterd.service
      mkdir -p /data/brick1 && umount /data/brick1`,
    );
    await must(
      'node-3',
      `cp /etc/machine-id /etc/machine-id.own
      touch /var/lib/dpkg/updates/0000
      mkdir -p /var/lib/glusterd2
      sed -i 's/debian.example/nosuch.invalid/' /etc/apt/sources.list.d/* /etc/apt/sources.list || true
      perl -e 'use Socket; socket(S, PF_INET, SOCK_STREAM, 0); bind(S, pack_sockaddr_in(24007, INADDR_ANY)); listen(S, 5); sleep 600' </dev/null >/dev/null 2>&1 &
      perl -e 'use Fcntl; open(F, ">>", "/var/lib/dpkg/lock-frontend"); my $l = pack("s s x4 q q i", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die; sleep 600' </dev/null >/dev/null 2>&1 &
      sleep 1`,
    );
    const id = (await must('node-1', 'cat /etc/machine-id')).trim();
    await must('node-3', `echo ${id} >/etc/machine-id`);
    await scene.lab.node('node-4').powerCut({ stayOff: true });

    const before = await states();
    const { report, code } = await check();
    expect(code).toBe(7);
    expect(await states().then((now) => now.map((state, i) => stateDiff(before[i] ?? '', state)))).toEqual([[], [], []]);

    expect(ids(report, 'node-1')).toEqual([...LAB, 'brick-data', 'hosts-file'].sort());
    expect(ids(report, 'node-2')).toEqual([...LAB, 'brick-on-root', 'clock-skew', 'service-masked', 'sshd-startups'].sort());
    expect(ids(report, 'node-3')).toEqual(
      expect.arrayContaining([...LAB, 'glusterd2', 'packages-interrupted', 'packages-locked', 'port-taken']),
    );
    expect(ids(report, 'node-4')).toEqual(['unreachable']);
    expect(ids(report, null)).toEqual(expect.arrayContaining(['machine-id', 'mtu', 'uuid-clone']));
    for (const fault of report.faults) {
      expect(Object.keys(fault)).toEqual(['id', 'node', 'severity', 'what', 'why', 'next']);
      expect(fault.what && fault.why && fault.next).toBeTruthy();
    }
    expect(report.summary).toMatchObject({
      nodes: 4,
      reached: 3,
      stop: report.faults.filter(({ severity }) => severity === 'stop').length,
    });

    const person = await scene.run(['check']);
    expect(person.code).toBe(7);
    for (const { what } of report.faults) expect(person.stdout).toContain(what.split('\n')[0]?.slice(0, 30));
  });

  it('and plan say the same of what stops a run', async () => {
    await must('node-1', 'mkdir -p /data/brick1/gv0 && echo data >/data/brick1/gv0/file');
    const { report } = await check();
    const plan = await scene.run(['plan']);
    expect(plan.code).toBe(7);
    const stops = report.faults.filter(({ severity }) => severity === 'stop');
    expect(stops.map(({ id }) => id)).toEqual(['brick-data']);
    for (const { what, next } of stops) for (const text of [what, next]) expect(plan.stderr).toContain(text);
  });

  it('looks at the nodes that are named, and exits with 4 when none can be reached', async () => {
    await scene.lab.node('node-4').powerCut({ stayOff: true });
    expect((await check('node-4')).code).toBe(4);
    const { report, code } = await check('node-1', 'node-2');
    expect([report.summary.nodes, code]).toEqual([2, 0]);
  });
});

describe('what users ran into', () => {
  it('voice 8: dm_thin_pool is missing, and that is said before lvcreate', async () => {
    scene.write(yaml.replace(/(name: node-1, address: [0-9.]+)/, '$1, disks: [{ device: /dev/vdb, use: thin, mount: /data/thin1 }]'));
    const { report, code } = await check();
    expect(code).toBe(7);
    expect(report.faults.find(({ id }) => id === 'module-missing')).toMatchObject({
      node: 'node-1',
      severity: 'stop',
      what: expect.stringContaining('dm_thin_pool'),
      next: expect.stringMatching(/load it|linux-modules-extra|boot a kernel/),
    });
  });

  it('voice 17: "Transport endpoint is not connected" is found before any probe, by real connections between the nodes', async () => {
    await must(
      'node-3',
      `DEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND
      { apt-get -qq update && apt-get -qq -y --no-install-recommends install nftables; } </dev/null >/dev/null 2>&1
      nft -f - <<'X'
table inet mine { chain input { type filter hook input priority 0; ct state established,related accept
tcp dport 24007 drop
tcp dport 49152-60999 reject with tcp reset
}
}
X`,
    );
    const { report, code } = await check();
    expect(code).toBe(7);
    const of = (id: string) => report.faults.filter((fault) => fault.id === id);
    expect(of('glusterd-port')).toMatchObject([
      { node: 'node-3', what: 'port 24007 cannot be reached from node-1, node-2 and node-4', why: expect.stringContaining('no answer') },
    ]);
    // A reset looks like a port on which nothing listens; but there was a listener.
    expect(of('brick-ports')).toMatchObject([{ node: 'node-3', why: expect.stringContaining('refused, although something listens') }]);
    expect(report.faults.filter(({ node, id }) => node !== 'node-3' && id.endsWith('-port'))).toEqual([]);
  });

  it('voice 19: cloned UUIDs and machine-ids, and names that lead elsewhere, are found by comparing all nodes', async () => {
    scene.write(`${yaml}hosts: leave\n`);
    const names = scene.lab.nodes.map(({ name, address }) => `${address} ${name}\\n`).join('');
    await Promise.all(scene.lab.nodes.map(({ name }) => must(name, `sed -i '/node-/d' /etc/hosts; printf '${names}' >>/etc/hosts`)));
    const uuid = 'mkdir -p /var/lib/glusterd && echo UUID=aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee >/var/lib/glusterd/glusterd.info';
    const id = (await must('node-1', 'cat /etc/machine-id')).trim();
    await Promise.all([
      must('node-1', uuid),
      must('node-2', `${uuid}; echo ${id} >/etc/machine-id; sed -i 's/.* node-3$/127.0.0.1 node-3/' /etc/hosts`),
      must('node-3', "sed -i 's/.* node-3$/127.0.1.1 node-3/' /etc/hosts"),
      must('node-4', "sed -i '/ node-1$/d' /etc/hosts; sed -i 's/.* node-2$/198.51.100.2 node-2/' /etc/hosts"),
    ]);
    const { report, code } = await check();
    expect(code).toBe(7);
    expect(report.faults.map(({ id: fault, node, what }) => `${fault} ${node}: ${what}`)).toEqual(
      expect.arrayContaining([
        'uuid-clone null: node-1 and node-2 have the same glusterd UUID aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
        'machine-id null: node-1 and node-2 have the same machine-id',
        expect.stringMatching(/^name-nowhere node-4: cannot resolve node-1/),
        expect.stringMatching(/^name-loopback node-2: takes node-3 for itself/),
        'own-name-loopback node-3: its own name leads to 127.0.1.1',
        expect.stringMatching(/^names-differ null: node-2 leads to /),
      ]),
    );
  });
});

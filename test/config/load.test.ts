import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cluster, Ssh } from '../../src/model/cluster.ts';
import { fixture, fixtureNames, GLUSTER, HEAD, load, nodesText, problemsOf } from './fixtures.ts';

const NO_SSH: Ssh = {
  user: null,
  port: null,
  identityFile: null,
  knownHosts: null,
  hostKeys: 'strict',
  jump: null,
  sudo: 'auto',
  transport: 'ssh2',
};

test('what waits for another source is accepted, and said', () => {
  expect(load(fixture('good', 'idle-keys.yaml')).notes).toEqual([
    'gluster.key is not used: gluster.source is distro',
    'gluster.fingerprint is not used: gluster.source is distro',
  ]);
});

test.each(fixtureNames('good'))('%s loads', (name) => {
  expect(problemsOf(fixture('good', name))).toEqual([]);
});

test('the smallest file, with every default filled in', () => {
  expect(load(fixture('good', 'minimal.yaml'))).toEqual({
    name: 'prod',
    file: 'cluster.yaml',
    baseDir: '/srv/prod',
    gluster: {
      version: '10.3',
      source: 'upstream',
      mirror: null,
      key: null,
      fingerprint: null,
      hold: true,
      modules: ['dm_thin_pool', 'dm_snapshot', 'dm_mirror'],
    },
    nodes: [
      {
        name: 'node-1',
        address: '192.0.2.11',
        storage: '192.0.2.11',
        zone: 'node-1',
        roles: ['server'],
        ssh: NO_SSH,
        disks: [],
        partition: null,
      },
    ],
    volumes: [],
    mounts: [],
    grml: null,
    firewall: 'manage',
    selinux: 'leave',
    hosts: 'manage',
    time: 'manage',
    heketi: {},
    kubernetes: null,
    notes: [],
  } satisfies Cluster);
});

test('the file of the documentation', () => {
  const cluster = load(fixture('good', 'design.yaml'));
  expect(cluster.nodes[0]).toEqual({
    name: 'node-1',
    address: '192.0.2.11',
    storage: '10.0.0.11',
    zone: 'rack-a',
    roles: ['server'],
    ssh: {
      user: 'ops',
      port: 2222,
      identityFile: '/home/ops/.ssh/id_ed25519',
      knownHosts: ['/home/ops/.ssh/known_hosts'],
      hostKeys: 'strict',
      jump: 'ops@bastion:22',
      sudo: 'auto',
      transport: 'ssh2',
    },
    disks: [
      {
        select: { by: 'device', value: '/dev/vdb' },
        link: 'gluster-disk',
        use: 'thin',
        mount: '/data/brick1',
        raid: { level: 6, disks: 10, stripeUnit: 128 * 1024 },
        wipe: false,
      },
    ],
    partition: { disk: '/dev/vda', rootSize: 30 * 1024 ** 3, label: 'gluster', link: 'gluster-part' },
  });
  expect(cluster.gluster).toMatchObject({
    mirror: { deb: 'https://mirror.example/pub/gluster/glusterfs', rpm: 'https://mirror.example/pub/gluster/glusterfs' },
    key: { deb: '/srv/prod/gluster.asc', rpm: '/srv/prod/gluster.asc' },
  });
  expect(cluster.grml).toMatchObject({ sha256: null, signature: null, bootOptions: '' });
  expect(cluster.volumes[0]).toEqual({
    name: 'gv0',
    type: 'replicate',
    setSize: 3,
    redundancy: 0,
    bricks: ['node-1', 'node-2', 'node-3'].map((node) => ({ node, path: '/data/brick1/gv0' })),
    options: { 'network.ping-timeout': '20' },
    group: 'virt',
    start: true,
    allow: [],
  });
  expect(cluster.kubernetes).toBeNull();
});

test('every field is carried over', () => {
  expect(load(fixture('good', 'full.yaml'))).toMatchSnapshot();
});

test('a list that is left out means all: bricks on the disks, mounts on the clients', () => {
  const text = `${HEAD}${GLUSTER}${nodesText(3, 1)}  - { name: c1, address: 10.9.0.1, roles: [client] }
  - { name: c2, address: 10.9.0.2, roles: [client] }
volumes: [{ name: gv0, type: arbiter }]
mounts: [{ volume: gv0, path: /mnt/gv0 }]
`;
  const { volumes, mounts } = load(text);
  expect(volumes[0]?.bricks.map(({ node, path }) => `${node}:${path}`).sort()).toEqual([1, 2, 3].map((n) => `node-${n}:/data/brick1/gv0`));
  expect(mounts).toEqual([{ volume: 'gv0', path: '/mnt/gv0', nodes: ['c1', 'c2'] }]);
});

test('a filter with a mount takes one disk, one without takes all that fit', () => {
  const disk = (more: string) =>
    load(`${HEAD}${GLUSTER}nodes: [{ name: a, address: 10.0.0.1, disks: [{ match: { rotational: false }, ${more} }] }]`).nodes[0]?.disks[0]
      ?.select;
  expect(disk('use: xfs, mount: /data/b1')).toMatchObject({ limit: 1 });
  expect(disk('use: heketi')).toMatchObject({ limit: null });
});

test('what a node says of ssh comes before what the file says', () => {
  const { nodes } = load(fixture('good', 'anchors.yaml'));
  expect(nodes.map(({ ssh }) => [ssh.user, ssh.port])).toEqual([
    ['ops', 2222],
    ['ops', 2222],
  ]);
});

test('the cluster is frozen, all the way down', () => {
  const loose: string[] = [];
  const visit = (value: unknown, path: string): void => {
    if (value === null || typeof value !== 'object') return;
    if (!Object.isFrozen(value)) loose.push(path);
    for (const [key, inner] of Object.entries(value)) visit(inner, `${path}.${key}`);
  };
  visit(load(fixture('good', 'full.yaml')), '');
  expect(loose).toEqual([]);
});

test('a file of 50 nodes and 300 disks loads in a moment', () => {
  const text = `${HEAD}${GLUSTER}${nodesText(50, 6)}volumes: [{ name: gv0, type: disperse, replica: { data: 4, redundancy: 2 } }]\n`;
  load(text);
  const began = process.cpuUsage();
  expect(load(text).volumes[0]?.bricks).toHaveLength(300);
  // Processor time, as the tests share the machine; 0.1 s were measured.
  expect(process.cpuUsage(began).user / 1000).toBeLessThan(1000);
});

describe('whatever stands in the file, the answer is a cluster or a list of problems', () => {
  test('random text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => void problemsOf(text)));
  });

  test('a good file with a piece cut out or put in', () => {
    const good = fixture('good', 'full.yaml');
    const piece = fc.constantFrom(
      '',
      '\t',
      ': ',
      '- ',
      '[',
      '}',
      '"',
      '&a ',
      '*a',
      '|',
      '\n---\n',
      '\u0000',
      '!!map ',
      '1',
      'null',
      '<<: ',
    );
    fc.assert(
      fc.property(
        fc.nat(good.length),
        fc.nat(30),
        piece,
        (at, cut, text) => void problemsOf(good.slice(0, at) + text + good.slice(at + cut)),
      ),
      { numRuns: 150 },
    );
  });

  test('nesting that would break the stack, and a file that is too large', () => {
    expect(problemsOf('['.repeat(20_000))[0]?.message).toBe('the file is nested too deeply');
    expect(problemsOf(`#${' '.repeat(5 * 1024 * 1024)}`)[0]?.message).toBe('the file is larger than 4 MiB, so it is no cluster file');
  });
});

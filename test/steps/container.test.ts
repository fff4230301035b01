import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { MARK } from '../../src/container/paths.ts';
import { bricksPlaces } from '../../src/container/places.ts';
import { rotationText, runBy, unitText, wrapperText } from '../../src/container/texts.ts';
import { containerHost, imageState } from '../../src/facts/container.ts';
import { glusterProgram } from '../../src/facts/gluster.ts';
import type { Service } from '../../src/facts/services.ts';
import type { Cluster, Disk, Gluster, Volume } from '../../src/model/cluster.ts';
import { aptPackages } from '../../src/steps/apt-packages.ts';
import { aptRepository } from '../../src/steps/apt-repository.ts';
import { containerEngine } from '../../src/steps/container-engine.ts';
import { containerImage } from '../../src/steps/container-image.ts';
import { containerRestart } from '../../src/steps/container-restart.ts';
import { containerService } from '../../src/steps/container-service.ts';
import { glusterd } from '../../src/steps/glusterd.ts';
import { bookworm, cluster, file, gluster, ids, node, reasons, run } from './answers.ts';

const IMAGE = 'registry.example/glusterfs:10.3';
const container = { image: IMAGE, engine: 'podman' as const };
const contained = (more: Partial<Gluster> = {}): Gluster => gluster({ container, ...more });
const deb = { text: 'key', fingerprint: 'F'.repeat(40) };
const want = { ...container, places: ['/data'], rotate: true };
const loaded = (more: Partial<Service> = {}): Service => ({
  load: 'loaded',
  active: 'active',
  sub: 'running',
  file: 'enabled',
  path: '',
  ...more,
});
const NONE = loaded({ load: 'not-found', active: 'inactive', file: '' });

const disk = (mount: string | null, use: Disk['use'] = 'xfs'): Disk => ({
  select: { by: 'device', value: '/dev/vdb' },
  link: null,
  use,
  mount,
  raid: null,
  wipe: false,
});
const volume = (...bricks: Volume['bricks']) => ({ name: 'v', bricks }) as Volume;

describe('who gets what', () => {
  const nodes = [node('a'), node('b', { roles: ['server', 'client'] }), node('c', { roles: ['client'] })];
  const pool = (more: Partial<Cluster> = {}) =>
    cluster({ nodes, gluster: contained({ source: 'distro' }), signingKeys: { deb, rpm: null }, ...more });

  it('gives packages to those that mount only, and as clients', () => {
    expect(aptPackages.jobs(pool()).map(({ node, want }) => [node, want.role])).toEqual([
      ['b', 'client'],
      ['c', 'client'],
    ]);
    expect(aptRepository.jobs(pool()).map((job) => job.node)).toEqual(['b', 'c']);
    expect(aptPackages.jobs(cluster({ nodes, gluster: gluster({ source: 'distro' }) })).map(({ want }) => want.role)).toEqual([
      'server',
      'server',
      'client',
    ]);
  });

  it('gives containers to servers, and to nobody with packages', () => {
    for (const step of [containerEngine, containerImage, containerService]) {
      expect(
        step.jobs(pool()).map((job) => job.node),
        step.id,
      ).toEqual(['a', 'b']);
      expect(step.jobs(cluster({ nodes })), step.id).toEqual([]);
    }
    expect(containerRestart.jobs(pool())).toMatchObject([
      { nodes: ['a', 'b'], want: { units: { a: unitText({ ...container, places: [] }) } } },
    ]);
    expect(containerRestart.jobs(cluster({ nodes }))).toEqual([]);
  });

  it.each(['podman', 'docker'] as const)('is known again by its unit: %s', (engine) => {
    const running = { image: `registry.example:5000/a/glusterfs@sha256:${'0'.repeat(64)}`, engine };
    expect(runBy(unitText({ ...running, places: ['/data', '/srv'] }))).toEqual(running);
    expect(runBy(null)).toBeNull();
    expect(runBy(`[Unit]\n${unitText({ ...running, places: [] })}`)).toBeNull();
  });

  it('shares the first folder of each path with the container, where a filesystem that comes later is seen', () => {
    const server = node('a', { disks: [disk('/data/brick1'), disk('/data/brick2'), disk(null, 'heketi')] });
    const bricks = [
      { node: 'a', path: '/data/brick1/v' },
      { node: 'a', path: '/bricks/v' },
      { node: 'b', path: '/other/v' },
    ];
    expect(bricksPlaces(server, { volumes: [volume(...bricks)] })).toEqual(['/bricks', '/data', '/var/lib/heketi']);
  });
});

describe('the unit', () => {
  const lines = unitText(want).split('\n');

  it('runs the image in the foreground, all of whose names, ports, processes and semaphores are the host’s', () => {
    expect(lines[0]).toBe(MARK);
    const start = lines.slice(lines.indexOf('ExecStart=/usr/bin/podman run \\')).join('\n');
    for (const option of [
      '--network host',
      '--pid host',
      '--ipc host',
      '--privileged',
      '--pull=never',
      '--volume /data:/data:rslave',
      `${IMAGE} \\\n  -c '`,
    ])
      expect(start).toContain(option);
    expect(start).toContain('exec glusterd -N -p /run/gluster/glusterd.pid');
  });

  it('is bound to Docker’s daemon with docker, and has nothing that only podman knows', () => {
    const text = unitText({ ...want, engine: 'docker' });
    expect(text).toContain('Requires=docker.service');
    expect(text).not.toMatch(/podman|--cgroups|--replace/);
    expect(unitText(want)).not.toContain('docker');
  });

  it('has no line that systemd would read otherwise: specifiers, variables, quotes', () => {
    for (const line of lines) {
      expect(line, line).not.toMatch(/%/);
      expect(line.replace(/\$\$|\$\{MAINPID\}/g, ''), line).not.toContain('$');
      expect((line.match(/'/g) ?? []).length % 2, line).toBe(0);
    }
  });
});

describe('the gluster command', () => {
  const dir = mkdtempSync(join(tmpdir(), 'glusterctl-wrapper-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  it('says what is wrong while no glusterd runs', () => {
    const text = wrapperText.replaceAll('/run/gluster/', `${dir}/`);
    for (const pid of [null, '1', '999999999']) {
      rmSync(join(dir, 'glusterd.pid'), { force: true });
      if (pid !== null) writeFileSync(join(dir, 'glusterd.pid'), `${pid}\n`);
      const file = join(dir, 'gluster');
      writeFileSync(file, text);
      chmodSync(file, 0o755);
      expect(readFileSync(file, 'utf8')).toContain(`${dir}/glusterd.pid`);
      const said = run({ text: `${file} pool list`, shown: '' } as Parameters<typeof run>[0]);
      expect(said).toEqual({ code: 1, stdout: '', stderr: 'glusterd does not run in its container; see: systemctl status glusterd\n' });
    }
  });
});

describe('container-image', () => {
  const facts = (id: string | null, seen: { id: string; release: string } | null) => ({ image: { id, seen }, record: 'image-1' });
  const wish = { ...container, version: '10' };

  it('is fetched or looked at where what is there was not seen yet, always by the same text', () => {
    const plans = [facts(null, null), facts('new', null), facts('new', { id: 'old', release: '10.3' })].map((is) =>
      containerImage.plan(wish, is),
    );
    expect(plans.map(ids)).toEqual([['image'], ['image'], ['image']]);
    expect(new Set(plans.map(([change]) => change?.do.text)).size).toBe(1);
    expect(containerImage.plan(wish, facts('x', { id: 'x', release: '10.4' }))).toEqual([]);
  });

  it('is refused when it is known to hold another version', () => {
    expect(reasons(() => containerImage.plan({ ...wish, version: '10.3' }, facts('x', { id: 'x', release: '10.4' })))[0]).toMatch(
      /has GlusterFS 10\.4, and cluster\.yaml wants 10\.3/,
    );
  });

  it('reads what was seen and what is there', () => {
    const { parse } = imageState('podman', IMAGE);
    expect(parse({ stdout: 'seen abc\nseen 10.3\nid abc\n', code: 0 })).toEqual({ id: 'abc', seen: { id: 'abc', release: '10.3' } });
    expect(parse({ stdout: '', code: 0 })).toEqual({ id: null, seen: null });
  });
});

describe('container-engine', () => {
  const facts = {
    os: bookworm,
    there: false,
    debs: new Map(),
    rpms: null,
    record: 'engine-1',
    daemon: NONE,
  };

  it('installs the engine by the package of the system, unless its program is there', () => {
    expect(containerEngine.plan({ engine: 'podman' }, facts)).toMatchObject([{ title: 'install podman, attr' }]);
    expect(containerEngine.plan({ engine: 'podman' }, { ...facts, there: true })).toMatchObject([{ title: 'install attr' }]);
    expect(ids(containerEngine.plan({ engine: 'docker' }, facts))).toEqual(['container-engine', 'daemon']);
    const rocky = { ...facts, os: { ...bookworm, family: 'el' as const }, debs: null, rpms: new Map() };
    expect(containerEngine.plan({ engine: 'docker' }, rocky)).toMatchObject([{ title: 'install docker-ce, attr' }, {}]);
  });
});

describe('container-service', () => {
  const host = { glusterd: null, stranger: false, owner: null, seeded: false };
  const bare = {
    service: NONE,
    unit: file(null),
    wrapper: file(null),
    rotation: file(null),
    host,
    missing: new Set(['/data']),
    record: 'seed-1',
  };
  const whole = {
    ...bare,
    unit: file(unitText(want)),
    wrapper: file(wrapperText),
    rotation: file(rotationText),
    host: { ...host, seeded: true },
    missing: new Set<string>(),
  };

  it('makes what is missing, and nothing where all is there', () => {
    expect(ids(containerService.plan(want, bare))).toEqual([
      'folders',
      'settings',
      'file:/etc/systemd/system/glusterd.service',
      'file:/usr/sbin/gluster',
      'file:/etc/logrotate.d/glusterctl-glusterd',
    ]);
    expect(containerService.plan({ ...want, rotate: false }, whole)).toMatchObject([
      { title: 'remove /etc/logrotate.d/glusterctl-glusterd' },
    ]);
    expect(containerService.plan(want, whole)).toEqual([]);
    expect(ids(containerService.plan({ ...want, places: ['/data', '/more'] }, whole))).toEqual([
      'file:/etc/systemd/system/glusterd.service',
    ]);
  });

  it.each([
    [
      'glusterd from packages',
      { host: { ...host, glusterd: '/usr/sbin/glusterd' } },
      /glusterd is installed on the node itself.*port 24007/,
    ],
    ['a glusterd of another container', { host: { ...host, stranger: true } }, /has port 24007/],
    [
      'a unit of somebody else',
      { unit: file('[Unit]\nDescription=mine\n') },
      /glusterd\.service is there already, and not from glusterctl/,
    ],
    [
      'a command of a package',
      { wrapper: file('\u007fELF'), host: { ...host, owner: 'glusterfs-cli' } },
      /of the package glusterfs-cli.*remove that package/,
    ],
    ['a masked unit, which is a link to /dev/null', { service: { ...NONE, load: 'masked' } }, /masked.*unmask/],
    ['no systemd', { service: null }, /systemd does not run/],
  ])('refuses %s', (_name, more, expected) => {
    expect(reasons(() => containerService.plan(want, { ...bare, ...more })).join('; ')).toMatch(expected);
  });

  it('and packages are refused where the container is', () => {
    const is = { units: new Map([['glusterd.service', loaded()]]), answers: true, contained: true };
    expect(reasons(() => glusterd.plan({ container: false }, is))[0]).toMatch(/runs in a container here/);
    expect(glusterd.plan({ container: true }, is)).toEqual([]);
  });

  it('reads what the host has of its own', () => {
    expect(containerHost.parse({ stdout: 'glusterd /usr/sbin/glusterd\nowner glusterfs-cli\nseeded\n', code: 0 })).toEqual({
      glusterd: '/usr/sbin/glusterd',
      stranger: false,
      owner: 'glusterfs-cli',
      seeded: true,
    });
    expect(containerHost.parse({ stdout: 'stranger\n', code: 0 })).toEqual(host.stranger ? {} : { ...host, stranger: true });
    expect(glusterProgram.parse({ stdout: 'version 10.3\nserver\n', code: 0 })).toMatchObject({ version: '10.3', server: true });
  });
});

describe('container-restart', () => {
  const is = { now: loaded(), unit: file(unitText(want)), volfile: file('    option max-port  60999\n'), unread: false };
  const units = { a: unitText(want), b: unitText(want) };
  const plan = (a: Partial<typeof is>, maxPort: number | null = null) =>
    containerRestart.plan({ units, maxPort }, { a: { ...is, ...a }, b: is });

  it('has nothing to do where what runs is what is written, or nothing runs', () => {
    expect(plan({})).toEqual([]);
    expect(plan({ unit: file(null), now: NONE })).toEqual([]);
    expect(plan({ unread: true, now: NONE })).toEqual([]);
  });

  it('knows before it is written that a unit or a port will ask for it, and says that it disturbs', () => {
    const ids = (list: ReturnType<typeof plan>) => list.map(({ id }) => id);
    expect(plan({ unit: file('old') })).toMatchObject([
      { node: 'a', id: 'restart:a', risk: 'disruptive' },
      { node: 'a', id: 'mesh', risk: 'safe' },
    ]);
    expect(ids(plan({ unread: true }))).toEqual(['restart:a', 'mesh']);
    expect(ids(plan({}, 49400))).toEqual(['restart:a', 'restart:b', 'mesh']);
    expect(plan({}, 60999)).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { DebPackage } from '../../src/facts/packages.ts';
import { aptPackages } from '../../src/steps/apt-packages.ts';
import { aptSource } from '../../src/steps/apt-source.ts';
import { bookworm, cluster, file, gluster, ids, node, reasons } from './answers.ts';

type Is = Parameters<typeof aptPackages.plan>[1];

const source = (version: string, more: Parameters<typeof gluster>[0] = {}) =>
  aptSource(cluster({ gluster: gluster({ version, ...more }), signingKeys: { deb: { text: 'k', fingerprint: 'F' }, rpm: null } }));
const want = (version = '10.3', more: { role?: 'server' | 'client'; hold?: boolean; from?: Parameters<typeof gluster>[0] } = {}) => ({
  role: more.role ?? ('server' as const),
  hold: more.hold ?? true,
  repository: source(version, more.from),
});

const NAMES = ['glusterfs-server', 'glusterfs-client', 'glusterfs-common', 'glusterfs-cli', 'libgfapi0'];
const deb = (name: string, version: string, more: Partial<DebPackage> = {}): [string, DebPackage] => [
  name,
  { name, architecture: 'amd64', version, source: 'glusterfs', state: 'installed', hold: true, auto: name.startsWith('lib'), ...more },
];
const all = (version: string, more: Partial<DebPackage> = {}) => new Map(NAMES.map((name) => deb(name, version, more)));

const PIN = `# Written by glusterctl
Package: src:glusterfs
Pin: version 10.3-*
Pin-Priority: 1001

Package: glusterfs-* libgfapi* libgfchangelog* libgfrpc* libgfxdr* libglusterd* libglusterfs*
Pin: version 10.3-*
Pin-Priority: 1001
`;
const facts = (packages: Map<string, DebPackage>, more: Partial<Is> = {}): Is => ({
  os: bookworm,
  packages,
  pinned: file(null),
  record: 'packages-1',
  command: packages.has('glusterfs-cli'),
  policy: null,
  offer: { state: 'known' },
  ...more,
});
const offered = (...list: [version: string, from: string][]) =>
  new Map([
    [
      'glusterfs-common',
      { installed: null, candidate: null, versions: list.map(([version, from]) => ({ version, priority: 500, from: [from] })) },
    ],
  ]);
const FROM = 'https://download.gluster.org/pub/gluster/glusterfs/10/LATEST/Debian/bookworm/amd64/apt bookworm/main amd64 Packages';
const DEBIAN = 'http://debian.example/debian bookworm/main amd64 Packages';

describe('apt-packages', () => {
  it('gives servers the server, clients the client', () => {
    const nodes = [node('a', { roles: ['server', 'client'] }), node('b', { roles: ['client'] })];
    expect(aptPackages.jobs(cluster({ nodes })).map(({ node: name, want: { role } }) => [name, role])).toEqual([
      ['a', 'server'],
      ['b', 'client'],
    ]);
    const [change] = aptPackages.plan(want('10.3', { role: 'client' }), facts(new Map()));
    expect(change?.title).toBe('install GlusterFS 10.3 (client)');
    expect(change?.do.text).toContain('for name in glusterfs-client glusterfs-common; do');
  });

  it('installs on a bare node, and pins', () => {
    const changes = aptPackages.plan(want(), facts(new Map()));
    expect(ids(changes)).toEqual(['packages', 'file:/etc/apt/preferences.d/glusterctl-gluster']);
    expect(changes[0]).toMatchObject({ title: 'install GlusterFS 10.3 (server)', risk: 'safe' });
    expect(changes[0]?.do.text).toContain('10.3 | 10.3-*) if');
    expect(changes[1]?.diff?.after).toBe(PIN);
  });

  it.each(['10.3-1', '10.3-5', '10.3-ubuntu1~jammy1'])('has nothing to do where all is there, as %s', (version) => {
    expect(aptPackages.plan(want(), facts(all(version), { pinned: file(PIN) }))).toEqual([]);
  });

  it('takes 10.30 for another release than 10.3', () => {
    expect(aptPackages.plan(want(), facts(all('10.30-1'), { pinned: file(PIN) }))[0]?.title).toBe(
      'move from 10.30-1 down to GlusterFS 10.3 (server)',
    );
  });

  it('asks the same of a node before and after its repository is there', () => {
    const early = aptPackages.plan(
      want('10'),
      facts(new Map(), { offer: { state: 'found', uri: 'u', versions: ['10.3-1', '10.4-1'], keep: null } }),
    );
    const late = aptPackages.plan(want('10'), facts(new Map(), { policy: offered(['10.4-1', FROM], ['10.3-1', FROM]) }));
    expect(early[0]?.title).toBe('install GlusterFS 10.4, the newest of 10 (server)');
    expect(late.map((change) => change.do.text)).toEqual(early.map((change) => change.do.text));
  });

  it('looks for the newest of a series where it is to be taken from', () => {
    const policy = offered(['11.1-6', DEBIAN], ['10.5-1', DEBIAN], ['10.4-1', FROM]);
    expect(aptPackages.plan(want('10'), facts(new Map(), { policy }))[0]?.title).toContain('10.4, the newest of 10');
    expect(aptPackages.plan(want('10'), facts(new Map()))[0]?.title).toContain('10, its newest release, which the node looks up then');
    expect(aptPackages.plan(want('10'), facts(all('10.4-1'), { policy, pinned: file(PIN.replaceAll('10.3-*', '10.*')) }))).toEqual([]);
    expect(aptPackages.plan(want('10'), facts(all('10.3-1'), { policy }))[0]).toMatchObject({
      title: expect.stringMatching(/^move from 10.3-1 up to GlusterFS 10.4/),
    });
  });

  it.each([
    ['up on a server', '10.2-1', 'server', 'disruptive'],
    ['down on a server', '10.4-1', 'server', 'disruptive'],
    ['up on a client', '10.2-1', 'client', 'safe'],
    ['down on a client', '10.4-1', 'client', 'disruptive'],
  ] as const)('moving %s is said to be what it is', (_what, version, role, risk) => {
    const packages = new Map([...all(version)].filter(([name]) => role === 'server' || !/server|cli$/.test(name)));
    expect(aptPackages.plan(want('10.3', { role }), facts(packages))[0]?.risk).toBe(risk);
  });

  it.each([
    ['a package is missing', new Map([...all('10.3-1')].filter(([name]) => name !== 'glusterfs-client')), true],
    ['a library is of another version', new Map([...all('10.3-1'), deb('libgfapi0', '10.4-1')]), true],
    ['dpkg was cut off in one', new Map([...all('10.3-1'), deb('glusterfs-common', '10.3-1', { state: 'half-configured' })]), true],
    ['there is no gluster command', all('10.3-1'), false],
  ])('installs again where %s', (_what, packages, command) => {
    expect(ids(aptPackages.plan(want(), facts(packages, { command, pinned: file(PIN) })))).toEqual(['packages']);
  });

  it('does not take leftovers of a removed package for an installed one', () => {
    const gone = new Map([...all('10.3-1')].map(([name, one]) => [name, { ...one, state: 'config-files' }]));
    expect(aptPackages.plan(want(), facts(gone))[0]?.title).toBe('install GlusterFS 10.3 (server)');
  });

  // Voice 7: pin and hold; unhold on upgrade.
  it('holds what is not held, and lets go what it held itself when that is no longer wanted', () => {
    const free = new Map([...all('10.3-1'), deb('libgfapi0', '10.3-1', { hold: false })]);
    const [hold] = aptPackages.plan(want(), facts(free, { pinned: file(PIN) }));
    expect(hold).toMatchObject({ id: 'hold', title: 'hold libgfapi0' });
    expect(hold?.undo).toMatchObject({ text: 'apt-mark unhold libgfapi0' });

    const loose = want('10.3', { hold: false });
    expect(ids(aptPackages.plan(loose, facts(all('10.3-1'), { pinned: file(PIN) })))).toEqual([
      'hold',
      'file:/etc/apt/preferences.d/glusterctl-gluster',
    ]);
    expect(aptPackages.plan(loose, facts(all('10.3-1')))).toEqual([]);
  });

  it('refuses a release that the distribution does not have, where that is known', () => {
    const distro = want('11.1', { from: { source: 'distro' } });
    const [reason] = reasons(() => aptPackages.plan(distro, facts(new Map(), { policy: offered(['10.3-5', DEBIAN]) })));
    expect(reason).toMatch(/^Debian GNU\/Linux 12 \(bookworm\) does not offer GlusterFS 11.1.*10.3-5.*apt-get update/);
    expect(aptPackages.plan(distro, facts(new Map(), { policy: new Map() }))).toHaveLength(2);
  });

  it('refuses systems without dpkg', () => {
    expect(reasons(() => aptPackages.plan(want(), facts(new Map(), { packages: null })))[0]).toMatch(
      /^glusterctl cannot install GlusterFS on/,
    );
  });

  it('numbers its records after those that were completed', () => {
    const { record } = aptPackages.facts(want());
    expect(record.parse({ code: 2, stdout: '' })).toBe('packages-1');
    expect(record.parse({ code: 0, stdout: 'packages-1\npackages-9\npackages-10\n' })).toBe('packages-11');
  });

  it('never touches what is not GlusterFS’s: the simulation comes before every change', () => {
    const script = aptPackages.plan(want(), facts(new Map()))[0]?.do.text ?? '';
    expect(script).not.toMatch(/autoremove|--force-yes|allow-remove-essential|allow-unauthenticated|policy-rc/);
    const body = script.slice(script.indexOf('\nresolve\n'));
    expect(body.indexOf('note')).toBeLessThan(body.indexOf('carry_out'));
  });
});

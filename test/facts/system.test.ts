import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addresses } from '../../src/facts/addresses.ts';
import { clock } from '../../src/facts/clock.ts';
import { machine } from '../../src/facts/machine.ts';
import { modules } from '../../src/facts/modules.ts';
import { names } from '../../src/facts/names.ts';
import { reachable } from '../../src/facts/ports.ts';
import { answersOf, readRecording, recordedAnswers, writeRecording } from '../../src/facts/record.ts';
import { repositories } from '../../src/facts/repositories.ts';
import { firewall, selinux } from '../../src/facts/security.ts';
import { services } from '../../src/facts/services.ts';
import { plain, seen, systemFacts } from '../../src/facts/system.ts';
import { askHere } from './here.ts';

const folder = mkdtempSync(join(tmpdir(), 'glusterctl-facts-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** What is on every minimal image: coreutils, sed, grep, findutils and a shell. */
const MINIMAL =
  'sh cat sed grep uname tr date cut head tail tail sort base64 basename dirname readlink stat ls find mkdir timeout true printf test [ env getent getconf sleep'.split(
    ' ',
  );

beforeAll(() => {
  for (const name of MINIMAL) {
    const at = execFileSync('sh', ['-c', `command -v ${name === '[' ? '\\[' : name} || true`], { encoding: 'utf8' }).trim();
    const path = at.startsWith('/') ? at : `/usr/bin/${name}`;
    try {
      symlinkSync(path, join(folder, name));
    } catch {
      // twice in the list
    }
  }
});

describe('all facts of a node', () => {
  it('are answered by a machine that has nothing but the basics', () => {
    const bare = askHere(systemFacts(), { path: folder });
    expect(bare).toMatchObject({ deb: null, rpm: null, lvm: null, gluster: { version: null }, selinux: { mode: 'absent' } });
    expect(bare.machine.kernel).not.toBe('');
    expect(bare.machine.memory).toBeGreaterThan(2 ** 20);
    expect(bare.mounts.length).toBeGreaterThan(0);
    // Without lsblk, wipefs and blkid nothing is known of a disk, so none is free.
    expect(bare.disks.filter((d) => d.usable)).toEqual([]);
  });

  it('are the same from dash and bash', () => {
    const still = ({ clock: _c, listening: _l, disks: _d, mounts: _m, addresses: _a, ...rest }: ReturnType<typeof ask>) => plain(rest);
    const ask = (shell: string) => askHere(systemFacts(), { shell });
    expect(still(ask('bash'))).toEqual(still(ask('dash')));
  }, 60_000);

  it('survive being written down and read back', () => {
    const facts = { machine, addresses };
    const out = new Map([
      ['machine', { stdout: 'kernel 6.1.0\nmemory 1024\n', code: 0 }],
      ['addresses', { stdout: 'web1\n', code: 0 }],
    ]);
    const text = writeRecording('web1', 'a test', out);
    expect(recordedAnswers(readRecording(text))).toEqual(new Map([...out].sort()));
    expect(answersOf(facts, recordedAnswers(readRecording(text)))).toMatchObject({
      machine: { kernel: '6.1.0', memory: 2 ** 20 },
      addresses: { hostname: 'web1' },
    });
    expect(() => answersOf({ clock }, out)).toThrow(/clock/);
    expect(() => readRecording('{"version":2}')).toThrow(/not a recording/);
  });

  it('of which one cannot be read leave the others to be seen', () => {
    const facts = { machine, clock };
    const is = seen(facts, (fact) => (fact.id === 'clock' ? { stdout: '', code: 124 } : { stdout: 'kernel 6.1\n', code: 0 }));
    expect(is.clock).toEqual({ ok: false, why: expect.stringContaining('in time') });
    expect(is.machine).toMatchObject({ ok: true, value: { kernel: '6.1' } });
  });
});

describe('single facts', () => {
  it('machine: a container before the machine it runs on', () => {
    const of = (...lines: string[]) => machine.parse({ stdout: `${lines.join('\n')}\n`, code: 0 });
    expect(of('container lxc', 'vm kvm')).toMatchObject({ virtualisation: 'lxc', container: true });
    expect(of('container none', 'vm kvm')).toMatchObject({ virtualisation: 'kvm', container: false });
    expect(of('container none', 'vm none')).toMatchObject({ virtualisation: 'none', container: false });
    expect(of('machineId ', 'bootId x').machineId).toBe('');
  });

  it('clock: who keeps it, or that nobody says', () => {
    const of = (line: string) => clock.parse({ stdout: `1700000000\n${line}`, code: 0 });
    expect(of('chrony yes\n')).toEqual({ epoch: 1700000000, synchronised: true, by: 'chrony' });
    expect(of('timesyncd no\n')).toMatchObject({ synchronised: false });
    expect(of('')).toMatchObject({ synchronised: null, by: null });
  });

  it('addresses: from ip, or from hostname -I', () => {
    const ip = `web1
1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
2: ens3    inet 192.0.2.11/24 brd 192.0.2.255 scope global dynamic ens3\\       valid_lft 80000sec
2: ens3    inet6 fe80::5054:ff:fe12:3456/64 scope link \\       valid_lft forever
3: wg0    inet 10.0.0.1 peer 10.0.0.2/32 scope global wg0\\       valid_lft forever
`;
    expect(addresses.parse({ stdout: ip, code: 0 }).addresses.map((a) => [a.interface, a.address, a.prefix, a.scope])).toEqual([
      ['lo', '127.0.0.1', 8, 'host'],
      ['ens3', '192.0.2.11', 24, 'global'],
      ['ens3', 'fe80::5054:ff:fe12:3456', 64, 'link'],
      ['wg0', '10.0.0.1', 32, 'global'],
    ]);
    expect(addresses.parse({ stdout: 'web1\n\n192.0.2.11 fd00::1 \n', code: 0 }).addresses.map((a) => [a.address, a.family])).toEqual([
      ['192.0.2.11', 'inet'],
      ['fd00::1', 'inet6'],
    ]);
  });

  it('names: one answer for each, whatever the name is', () => {
    const list = ['localhost', 'no.such.invalid', "a'b$(exit 9)", '127.0.0.9', '-x'];
    const { found } = askHere({ found: names(list) });
    expect([...found.keys()].sort()).toEqual([...list].sort());
    expect(found.get('127.0.0.9')).toEqual(['127.0.0.9']);
    expect(found.get('no.such.invalid')).toEqual([]);
    expect(found.get('localhost')?.length).toBeGreaterThan(0);
  });

  it('ports: refused and unresolvable are told apart', () => {
    const { reach } = askHere({
      reach: reachable([
        { host: '127.0.0.1', port: 9 },
        { host: 'no.such.invalid', port: 9 },
      ]),
    });
    expect([...reach]).toEqual([
      ['127.0.0.1:9', 'refused'],
      ['no.such.invalid:9', 'unresolvable'],
    ]);
    expect([
      ...reachable([{ host: 'a', port: 1 }])
        .parse({ stdout: '', code: 3 })
        .values(),
    ]).toEqual(['unknown']);
  });

  it('modules: where one is, by either spelling', () => {
    const root = join(folder, 'lib');
    const dep = join(root, 'modules.dep');
    execFileSync('mkdir', ['-p', root]);
    writeFileSync(
      dep,
      'kernel/drivers/md/dm-thin-pool.ko.xz: kernel/drivers/md/persistent-data/dm-persistent-data.ko.xz\nkernel/fs/fuse/fuse.ko:\n',
    );
    writeFileSync(join(root, 'modules.builtin'), 'kernel/fs/xfs/xfs.ko\nkernel/drivers/md/dm-mirror.ko\n');
    const fact = modules(['dm-thin-pool', 'dm_mirror', 'dm_snapshot', 'thin']);
    const moved = {
      ...fact,
      read: {
        ...fact.read,
        text: fact.read.text.replace('/lib/modules/$r', root),
        shown: fact.read.text.replace('/lib/modules/$r', root),
      } as typeof fact.read,
    };
    const { is } = askHere({ is: moved });
    expect(Object.fromEntries(is.states)).toEqual({
      'dm-thin-pool': 'available',
      dm_mirror: 'builtin',
      dm_snapshot: 'missing',
      thin: 'missing',
    });
    expect(is.folder).toBe(true);
    expect(askHere({ is: fact }).is.kernel).toBe(execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim());
  });

  it('services: every unit by the name that was asked for', () => {
    const glusterd =
      'Names=glusterd.service gluster.service\nLoadState=loaded\nActiveState=active\nSubState=running\nFragmentPath=/lib/systemd/system/glusterd.service\nUnitFileState=enabled\n';
    const missing = 'Names=nosuch.service\nLoadState=not-found\nActiveState=inactive\nSubState=dead\nFragmentPath=\nUnitFileState=\n';
    const found = services(['nosuch.service', 'gluster.service', 'glusterd.service']).parse({ stdout: `${glusterd}\n${missing}`, code: 0 });
    expect(found?.get('gluster.service')).toEqual(found?.get('glusterd.service'));
    expect(found?.get('glusterd.service')).toEqual({
      load: 'loaded',
      active: 'active',
      sub: 'running',
      file: 'enabled',
      path: '/lib/systemd/system/glusterd.service',
    });
    expect(found?.get('nosuch.service')).toMatchObject({ load: 'not-found', active: 'inactive', file: '' });
    expect(services(['x.service']).parse({ stdout: '', code: 3 })).toBeNull();
  });

  it('firewall: the one in charge, or rules of nobody we know', () => {
    const of = (...lines: string[]) => firewall.parse({ stdout: `${lines.join('\n')}\n`, code: 0 });
    expect(of('has=ufw', 'has=firewalld', 'on=firewalld', 'on=nftables', 'rules=yes')).toEqual({
      active: 'firewalld',
      at: ['firewalld', 'nftables'],
      installed: ['ufw', 'firewalld'],
      foreignRules: false,
    });
    expect(of('has=nftables', 'rules=yes')).toMatchObject({ active: null, foreignRules: true });
    expect(of('')).toEqual({ active: null, at: [], installed: [], foreignRules: false });
  });

  it('selinux: what it does now, and after the next boot', () => {
    const of = (stdout: string) => selinux.parse({ stdout, code: 0 });
    expect(of('1\nenforcing\n')).toEqual({ mode: 'enforcing', configured: 'enforcing' });
    expect(of('0\npermissive\n')).toMatchObject({ mode: 'permissive' });
    expect(of('\n\ndisabled\n')).toEqual({ mode: 'absent', configured: 'disabled' });
    expect(of('\n\n')).toEqual({ mode: 'absent', configured: null });
  });

  it('repositories: one-line, deb822 and yum files', () => {
    const files: Record<string, string> = {
      '/etc/apt/sources.list':
        '# deb http://commented\ndeb [arch=amd64 signed-by=/etc/apt/keyrings/g.asc] https://m/apt bookworm main\ndeb-src https://m/apt bookworm main\ndeb [trusted=yes] http://x ./\n',
      '/etc/apt/sources.list.d/d.sources':
        'Types: deb\nURIs: http://debian.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By: /usr/share/keyrings/d.gpg\n\nTypes: deb\nURIs: https://y\nSuites: s\nEnabled: no\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n',
      '/etc/yum.repos.d/CentOS-Gluster-10.repo':
        '[centos-gluster10]\nname=CentOS-$stream - Gluster 10\nmetalink=https://mirrors.centos.org/metalink?repo=x&arch=$basearch\ngpgcheck=1\nenabled=1\ngpgkey=file:///etc/pki/rpm-gpg/KEY\n\n[centos-gluster10-test]\nbaseurl=http://buildlogs.centos.org/x\ngpgcheck=0\nenabled=0\n',
    };
    const stdout = Object.entries(files)
      .map(([file, text]) => `${file}\n${Buffer.from(text).toString('base64')}\n`)
      .join('');
    expect(repositories.parse({ stdout, code: 0 }).map(({ file: _, ...rest }) => rest)).toEqual([
      { kind: 'deb', uris: ['https://m/apt'], suites: ['bookworm'], enabled: true, key: '/etc/apt/keyrings/g.asc', unsigned: false },
      { kind: 'deb', uris: ['http://x'], suites: ['./'], enabled: true, key: '', unsigned: true },
      {
        kind: 'deb',
        uris: ['http://debian.example/debian'],
        suites: ['bookworm', 'bookworm-updates'],
        enabled: true,
        key: '/usr/share/keyrings/d.gpg',
        unsigned: false,
      },
      { kind: 'deb', uris: ['https://y'], suites: ['s'], enabled: false, key: '(in the file)', unsigned: false },
      {
        kind: 'rpm',
        uris: ['https://mirrors.centos.org/metalink?repo=x&arch=$basearch'],
        suites: ['centos-gluster10'],
        enabled: true,
        key: 'file:///etc/pki/rpm-gpg/KEY',
        unsigned: false,
      },
      { kind: 'rpm', uris: ['http://buildlogs.centos.org/x'], suites: ['centos-gluster10-test'], enabled: false, key: '', unsigned: true },
    ]);
  });
});

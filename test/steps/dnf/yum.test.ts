import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Sh } from '../../../src/sh.ts';
import { install } from '../../../src/steps/dnf/install.ts';
import { offer } from '../../../src/steps/dnf/offer.ts';
import { refused, ruledOut } from '../../../src/steps/dnf/refusal.ts';
import { repoFile, uris, urisIn } from '../../../src/steps/dnf/source.ts';
import { bookworm, run } from '../answers.ts';

// yum 3 of EL 7 cannot be had here: these are its outputs as yum 3.4.3 formats them (output.py), wrapped at 80 columns.

const LIST = `Available Packages
glusterfs.x86_64                       9.5-1.el7              glusterctl-gluster
glusterfs.x86_64                       9.6-1.el7              glusterctl-gluster
glusterfs-cli.x86_64                   9.6-1.el7              glusterctl-gluster
glusterfs-client-xlators.x86_64        9.6-1.el7              glusterctl-gluster
glusterfs-fuse.x86_64                  9.6-1.el7              glusterctl-gluster
glusterfs-server.x86_64                9.6-1.el7              glusterctl-gluster
glusterfs-a-name-that-is-very-long-indeed.x86_64
                                       9.6-1.el7              glusterctl-gluster
`;
const table = (rows: string) => `
Dependencies Resolved

================================================================================
 Package                  Arch      Version         Repository             Size
================================================================================
${rows}
Transaction Summary
================================================================================
Install  1 Package (+1 Dependent package)

Total download size: 1.2 M
Exiting on user command
`;
const GOOD = table(`Installing:
 glusterfs-server         x86_64    9.6-1.el7       glusterctl-gluster    1.3 M
Installing for dependencies:
 userspace-rcu            x86_64    0.10.0-3.el7    glusterctl-gluster     94 k
`);

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'yum-'));
  mkdirSync(join(dir, 'bin'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** `installed`: what rpm -qa says of Gluster; `said`: the table of the transaction. The real tools of the shell do the rest. */
const onYum = (script: Sh, { installed = '', said = GOOD, list = LIST }: { installed?: string; said?: string; list?: string } = {}) => {
  writeFileSync(join(dir, 'list'), list);
  writeFileSync(join(dir, 'said'), said);
  const programs: Record<string, string> = {
    yum: `echo "$*" >>${dir}/calls
      case "$*" in *list*) cat ${dir}/list ;; *--assumeno*) cat ${dir}/said; exit 1 ;; esac`,
    rpm: `case "$*" in *vercmp*) [ "$(printf '%s' "$2" | sed "s/.*'\\(.*\\)', '\\(.*\\)'.*/\\1/")" = "$(printf '%s' "$2" | sed "s/.*'\\(.*\\)', '\\(.*\\)'.*/\\1\\n\\2/" | sort -V | tail -n 1)" ] && echo 1 || echo -1 ;;
      *_arch*) echo x86_64 ;; -qa*) printf '%s' '${installed}' ;; '-q --qf'*) echo 'glusterfs 0:9.6-1.el7 x86_64' ;; esac`,
    getent: 'exit 2',
  };
  for (const [name, text] of Object.entries(programs)) writeFileSync(join(dir, 'bin', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const result = run(script, { env: { PATH: `${join(dir, 'bin')}:/usr/bin:/bin` } });
  return { ...result, calls: readFileSync(join(dir, 'calls'), 'utf8').trim().split('\n') };
};
const wish = (version: string) => ({
  record: join(dir, 'undo/packages-1'),
  version,
  ours: true,
  packages: ['glusterfs-server', 'glusterfs-fuse', 'glusterfs-cli'],
});
const OPTIONS = '--disableplugin=versionlock --setopt=clean_requirements_on_remove=False';
const EXACT = 'glusterfs-server-9.6-1.el7 glusterfs-fuse-9.6-1.el7 glusterfs-cli-9.6-1.el7';

describe('the installation by yum', () => {
  it('takes the newest of the series by exact versions, whatever is wrapped, and notes what comes', () => {
    const { code, stderr, calls } = onYum(install(wish('9')));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(calls.slice(1)).toEqual([`${OPTIONS} --assumeno install ${EXACT}`, `${OPTIONS} -y install ${EXACT}`]);
    expect(readFileSync(join(dir, 'undo/packages-1/new'), 'utf8')).toBe('glusterfs-server\nuserspace-rcu\n');
  });

  it('goes down by downgrade, which install does not do there', () => {
    const installed = 'glusterfs 0:9.7-1.el7 x86_64 glusterfs-9.7-1.el7.src.rpm\n';
    const { code, calls } = onYum(install(wish('9.6')), { installed });
    expect(code).toBe(0);
    expect(
      calls
        .map((call) =>
          call
            .replace(OPTIONS, '')
            .replace(/ glusterfs-.*/, '')
            .trim(),
        )
        .slice(1),
    ).toEqual(['--assumeno downgrade', '-y downgrade', '-y install']);
  });

  it.each([
    ['Updating for dependencies', 'change openssl-libs'],
    ['Removing for dependencies', 'remove openssl-libs'],
  ])('does nothing where others would be touched: %s', (heading, said) => {
    const rows = `Installing:\n glusterfs-server         x86_64    9.6-1.el7       glusterctl-gluster    1.3 M\n${heading}:\n openssl-libs             x86_64    1:1.0.2k-26.el7 base                  1.2 M\n`;
    const { code, stderr, calls } = onYum(install(wish('9')), { said: table(rows) });
    expect({ code, stderr }).toEqual({ code: 1, stderr: `refused, and nothing was done: to have this, yum would also\n${said}\n` });
    expect(calls.filter((call) => call.includes(' -y '))).toEqual([]);
  });

  it('names what is offered where the version is not', () => {
    const { code, stderr } = onYum(install(wish('9.2')));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^GlusterFS 9.2 is not offered to this node by its repository\noffered: 9.5-1.el7 9.6-1.el7/);
  });
});

const el = (id: string, versionId: string, pretty: string) => ({
  ...bookworm,
  id,
  versionId,
  codename: '',
  pretty,
  family: 'el' as const,
});
const centos7 = el('centos', '7', 'CentOS Linux 7 (Core)');
const source = (more: object) => ({
  source: 'centos-sig' as const,
  base: '',
  version: '10',
  key: { text: 'k', fingerprint: 'F' },
  ...more,
});

describe('the addresses', () => {
  it.each([
    ['7', '9', ['https://vault.centos.org/7.9.2009/storage/x86_64/gluster-9/']],
    [
      '8.10',
      '10',
      [
        'https://vault.centos.org/8-stream/storage/x86_64/gluster-10/',
        'https://dl.rockylinux.org/vault/centos/8.5.2111/storage/x86_64/gluster-10/',
      ],
    ],
    ['9.4', '11.1', ['https://mirror.stream.centos.org/SIGs/9-stream/storage/x86_64/gluster-11/']],
  ])('of the SIG for release %s and version %s are literal', (release, version, expected) => {
    expect(uris(source({ version }), el('rocky', release, 'x'))).toEqual(expected);
  });

  it('of a mirror are laid out like those of the SIG', () => {
    expect(uris(source({ source: 'mirror', base: 'https://m.example/SIGs' }), el('rhel', '9.4', 'x'))[0]).toBe(
      'https://m.example/SIGs/9-stream/storage/x86_64/gluster-10/',
    );
  });

  it('are in the repo file, each with signatures required, and are read out of it again', () => {
    const text = repoFile(['https://a/', 'https://b/']);
    expect(urisIn(text)).toEqual(['https://a/', 'https://b/']);
    expect(text.match(/^gpgcheck=1$/gm)).toHaveLength(2);
    expect(text).toMatch(/^\[glusterctl-gluster\].*^\[glusterctl-gluster-before\]/ms);
  });

  it('are asked only where there is a repository to ask', () => {
    expect(offer(source({ source: 'distro' })).id).toBe('offer:none');
    expect(offer(source({ source: 'upstream' })).id).toBe('offer:none');
    expect(offer(source({ key: null })).id).toBe('offer:none');
    expect(offer(source({})).read.text).not.toMatch(/\$stream|mirrorlist/);
  });
});

describe('what is refused', () => {
  const what = (more: object, os = el('rocky', '9.4', 'Rocky Linux 9.4')) => ruledOut(source(more), os).map((one) => one.what);
  it('is said before anything is asked', () => {
    expect(what({ source: 'upstream' })).toEqual(['download.gluster.org has no packages for Rocky Linux 9.4']);
    expect(what({ source: 'ppa' })).toEqual(['the PPA has packages for Ubuntu, not for Rocky Linux 9.4']);
    expect(what({ source: 'mirror' })).toEqual(['cluster.yaml names no mirror for dnf and yum']);
    expect(what({ key: null })).toEqual(['the key that signs the packages is not known']);
    expect(what({}, centos7)).toEqual(['there is no GlusterFS 10 for CentOS Linux 7 (Core)']);
    expect(what({ version: '9.6' }, centos7)).toEqual([]);
    expect(what({}, el('almalinux', '10.0', 'AlmaLinux 10.0'))).toEqual(['the CentOS Storage SIG has no GlusterFS for AlmaLinux 10.0']);
    expect(what({}, el('fedora', '40', 'Fedora Linux 40'))).toEqual(['the CentOS Storage SIG has no packages for Fedora Linux 40']);
  });

  it('names all that was tried (voice 6)', () => {
    const tried = [
      { uri: 'https://a/', why: ['404'] },
      { uri: 'https://b/', why: ['no answer within 7 s'] },
    ];
    expect(refused(source({}), centos7, { state: 'failed', tried })[0]?.why).toBe(
      'tried https://a/\n404\ntried https://b/\nno answer within 7 s',
    );
    expect(refused(source({}), centos7, { state: 'found', uri: 'https://a/', versions: ['9.6-1.el7'], keep: null })[0]).toMatchObject({
      what: 'the repository has no GlusterFS 10 for x86_64',
      why: 'https://a/ has 9.6',
    });
  });
});

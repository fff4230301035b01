import { describe, expect, it } from 'vitest';
import { aptPolicy } from '../../src/facts/apt.ts';
import { debPackages, rpmPackages } from '../../src/facts/packages.ts';

/** Debian 12, dpkg 1.21.22: `ii ` installed, `hi ` held, `rc ` removed with its configuration left, `iHR` half-installed and broken. */
const DPKG = [
  'glusterfs-server\tamd64\t10.3-5\thi \tglusterfs',
  'glusterfs-common\tamd64\t10.3-5\tii \tglusterfs',
  'libglusterfs0\tamd64\t10.3-5\tii \tglusterfs',
  'libglusterfs0\ti386\t10.3-5\tii \tglusterfs',
  'heketi\tamd64\t10.3.0-1\trc \theketi',
  'glusterfs-client\tamd64\t10.3-5\tiHR\tglusterfs',
  'auto',
  'glusterfs-common',
  'libglusterfs0',
  '',
].join('\n');

describe('packages of dpkg', () => {
  const found = debPackages({ sources: ['glusterfs'], names: ['heketi'] }).parse({ stdout: DPKG, code: 0 });

  it('have version, source, state and marks', () => {
    expect(found?.get('glusterfs-server')).toEqual({
      name: 'glusterfs-server',
      architecture: 'amd64',
      version: '10.3-5',
      source: 'glusterfs',
      state: 'installed',
      hold: true,
      auto: false,
    });
    expect(found?.get('glusterfs-common')).toMatchObject({ hold: false, auto: true });
    expect(found?.get('heketi')?.state).toBe('config-files');
    expect(found?.get('glusterfs-client')?.state).toBe('half-installed');
  });

  it('of a second architecture stand beside the first', () => {
    expect([...(found?.keys() ?? [])]).toContain('libglusterfs0:i386');
  });

  it('are none where none is installed, and null where there is no dpkg', () => {
    expect(debPackages({ names: ['x'] }).parse({ stdout: '', code: 0 })).toEqual(new Map());
    expect(debPackages({ names: ['x'] }).parse({ stdout: '', code: 3 })).toBeNull();
  });

  it('are asked for by whole names: dots and pluses mean themselves', () => {
    expect(debPackages({ names: ['libstdc++6', 'python3.11'] }).read.text).toContain(String.raw`python3\.11`);
  });
});

describe('packages of rpm', () => {
  it('have an epoch of 0 where rpm says (none)', () => {
    const stdout =
      'glusterfs-server\t(none)\t10.5\t1.el9s\tx86_64\tglusterfs-10.5-1.el9s.src.rpm\nlvm2\t9\t2.03.24\t2.el9\tx86_64\tlvm2-2.03.24-2.el9.src.rpm\n';
    const found = rpmPackages(['glusterfs*', 'lvm2']).parse({ stdout, code: 0 });
    expect(found?.get('glusterfs-server')).toEqual({
      name: 'glusterfs-server',
      epoch: 0,
      version: '10.5',
      release: '1.el9s',
      architecture: 'x86_64',
      source: 'glusterfs-10.5-1.el9s.src.rpm',
    });
    expect(found?.get('lvm2')?.epoch).toBe(9);
    expect(rpmPackages(['x']).parse({ stdout: '', code: 3 })).toBeNull();
  });
});

/** apt 2.6.1 with two mirrors and a pin. */
const POLICY = `glusterfs-server:
  Installed: 10.3-1
  Candidate: 10.3-1
  Version table:
     10.4-1 500
        500 https://download.gluster.org/pub/gluster/glusterfs/10/LATEST/Debian/bookworm/amd64/apt bookworm/main amd64 Packages
     10.3-5 500
        500 http://debian.example/debian bookworm/main amd64 Packages
        500 http://security.debian.example/debian-security bookworm-security/main amd64 Packages
 *** 10.3-1 1001
        100 /var/lib/dpkg/status
glusterfs-cli:
  Installed: (none)
  Candidate: (none)
  Version table:
     9.2-1 -1
         -1 http://debian.example/debian bullseye/main amd64 Packages
`;

describe('the policy of apt', () => {
  const found = aptPolicy(['glusterfs-cli', 'glusterfs-server']).parse({ stdout: POLICY, code: 0 });

  it('names what is installed, what would be, and every version with its priority', () => {
    const server = found?.get('glusterfs-server');
    expect(server).toMatchObject({ installed: '10.3-1', candidate: '10.3-1' });
    expect(server?.versions.map((v) => [v.version, v.priority, v.from.length])).toEqual([
      ['10.4-1', 500, 1],
      ['10.3-5', 500, 2],
      ['10.3-1', 1001, 0],
    ]);
    expect(found?.get('glusterfs-cli')).toMatchObject({ installed: null, candidate: null, versions: [{ version: '9.2-1', priority: -1 }] });
  });

  it('knows only what apt knows', () => {
    expect(found?.has('nosuch')).toBe(false);
    expect(aptPolicy(['x']).parse({ stdout: '', code: 3 })).toBeNull();
  });
});

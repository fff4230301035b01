import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { os, parseAssignments } from '../../src/facts/os.ts';
import { askHere } from './here.ts';

const release = (folder: string) => readFileSync(new URL(`../fixtures/${folder}/os-release`, import.meta.url), 'utf8');
const parse = (folder: string, machine: string, packaged: string) =>
  os.parse({ stdout: `${machine}\n${packaged}\n${release(folder)}`, code: 0 });

describe('the operating system', () => {
  it.each([
    ['debian-9', 'debian', '9', 'stretch', 'debian'],
    ['debian-11', 'debian', '11', 'bullseye', 'debian'],
    ['debian-12', 'debian', '12', 'bookworm', 'debian'],
    ['debian-13', 'debian', '13', 'trixie', 'debian'],
    ['ubuntu-20.04', 'ubuntu', '20.04', 'focal', 'debian'],
    ['ubuntu-22.04', 'ubuntu', '22.04', 'jammy', 'debian'],
    ['ubuntu-24.04', 'ubuntu', '24.04', 'noble', 'debian'],
    ['linuxmint-21', 'linuxmint', '21.3', 'jammy', 'debian'],
    ['centos-7', 'centos', '7', '', 'el'],
    ['rocky-8', 'rocky', '8.10', '', 'el'],
    ['almalinux-9', 'almalinux', '9.4', '', 'el'],
    ['centos-stream-9', 'centos', '9', '', 'el'],
    ['rhel-9', 'rhel', '9.4', '', 'el'],
    ['opensuse-leap-15', 'opensuse-leap', '15.6', '', 'other'],
  ] as const)('%s', (folder, id, versionId, codename, family) => {
    const arch = family === 'el' ? 'x86_64' : 'amd64';
    expect(parse(folder, 'x86_64', arch)).toMatchObject({
      id,
      versionId,
      codename,
      family,
      arch: { machine: 'x86_64', deb: 'amd64', rpm: 'x86_64' },
    });
    expect(parse(folder, 'x86_64', arch).pretty).toMatch(/\d/);
  });

  it('names architectures as the package manager does, the kernel aside', () => {
    expect(parse('debian-12', 'aarch64', 'arm64').arch).toEqual({ machine: 'aarch64', deb: 'arm64', rpm: 'aarch64' });
    expect(parse('debian-12', 'x86_64', 'i386').arch.deb).toBe('i386');
    expect(parse('debian-12', 'ppc64le', '').arch.deb).toBe('ppc64el');
    expect(parse('centos-7', 'aarch64', 'aarch64').arch.rpm).toBe('aarch64');
  });

  it('is nothing known where there is no os-release', () => {
    expect(os.parse({ stdout: 'x86_64\n\n', code: 1 })).toMatchObject({ id: '', family: 'other', codename: '' });
  });

  it('is read from the machine, by dash and by bash alike', () => {
    const [dash, bash] = ['dash', 'bash'].map((shell) => askHere({ os }, { shell }).os);
    expect(dash).toEqual(bash);
    expect(dash?.id).toMatch(/^[a-z0-9-]+$/);
    expect(dash?.arch.machine).not.toBe('');
  });
});

describe('parseAssignments', () => {
  it('takes quotes off as a shell does', () => {
    const text = `A=plain\nB="two words"\nC='it is $5'\nD="a \\"b\\" \\$c"\nexport E=x\n# F=no\nG=\n`;
    expect(Object.fromEntries(parseAssignments(text))).toEqual({ A: 'plain', B: 'two words', C: 'it is $5', D: 'a "b" $c', E: 'x', G: '' });
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => parseAssignments(text).size >= 0));
  });
});

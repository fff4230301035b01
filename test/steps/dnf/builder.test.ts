import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builder, enable, enableBuilder } from '../../../src/steps/dnf/builder.ts';

const answer = (section: string, file: string, text: string) => ({
  stdout: `[${section}]\n${file}\n644 0:0\n${Buffer.from(text).toString('base64')}`,
  code: 0,
});
const section = (id: string, enabled: string) => `[${id}]\nname=${id}\n${enabled}gpgcheck=1\n`;

describe("the builders' repository", () => {
  it.each([
    ['enabled=0\n', false],
    ['enabled = 0\n', false],
    ['enabled=False\n', false],
    ['enabled=1\n', true],
    ['', true],
  ])('with %j is enabled: %s', (line, enabled) => {
    const text = `${section('baseos', 'enabled=1\n')}\n${section('crb', line)}\n${section('crb-debug', 'enabled=0\n')}`;
    expect(builder.parse(answer('crb', '/etc/yum.repos.d/rocky.repo', text))).toMatchObject({ id: 'crb', enabled });
  });

  it('is not there', () => expect(builder.parse({ stdout: '', code: 0 })).toBeNull());

  it('is enabled in its file, and nothing else of that is touched', () => {
    const id = fc.constantFrom('baseos', 'crb', 'crb-debug', 'appstream');
    const file = fc.uniqueArray(id, { minLength: 1 }).filter((ids) => ids.includes('crb'));
    fc.assert(
      fc.property(file, fc.constantFrom('enabled=0\n', 'enabled = 0\n'), (ids, line) => {
        const text = ids.map((one) => section(one, line)).join('\n');
        const after = enable(text, 'crb');
        expect(builder.parse(answer('crb', '/x.repo', after))?.enabled).toBe(true);
        const changed = after.split('\n').filter((one, i) => one !== text.split('\n')[i]);
        expect(changed).toEqual([line.replace('0', '1').trimEnd()]);
      }),
    );
  });

  it('of Red Hat is enabled by the program that writes its file', () => {
    const id = 'codeready-builder-for-rhel-9-x86_64-rpms';
    const is = builder.parse(answer(id, '/etc/yum.repos.d/redhat.repo', section(id, 'enabled = 0\n')));
    if (is === null) throw new Error('not found');
    expect(enableBuilder(is)).toMatchObject({
      do: expect.objectContaining({ text: `subscription-manager repos --enable=${id}` }),
      undo: expect.objectContaining({ text: `subscription-manager repos --disable=${id}` }),
    });
  });
});

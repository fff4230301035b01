import { describe, expect, it } from 'vitest';
import { seenText } from '../../src/ui/init-text.ts';
import { makeOutput, type Output } from '../../src/ui/output.ts';
import { pickNumbers } from '../../src/ui/prompt-plain.ts';
import { promptTheme } from '../../src/ui/prompt-theme.ts';
import { seenNode } from '../init/seen-node.ts';

const choices = [
  { value: 'a', title: 'A' },
  { value: 'b', title: 'B', refused: 'in use' },
  { value: 'c', title: 'C' },
  { value: 'd', title: 'D' },
];

describe('numbers of choices', () => {
  it.each([
    ['1', ['a']],
    ['1 3', ['a', 'c']],
    ['3-4, 1', ['c', 'd', 'a']],
    ['1 1', ['a']],
    ['', []],
  ])('%j', (text, expected) => expect(pickNumbers(text, choices)).toEqual(expected));
  it.each(['2', '0', '5', 'x', '1-', '1-4'])('%j is none', (text) => expect(pickNumbers(text, choices)).toBe(null));
});

const output = (env: Partial<Parameters<typeof makeOutput>[0]['env']>, color = true): Output => {
  const terminal = { isTTY: true, columns: 100, write: () => true } as never;
  return makeOutput({
    color,
    input: true,
    quiet: false,
    verbose: false,
    env: { noColor: false, forceColor: null, term: 'xterm', lang: 'C.UTF-8', columns: null, ...env },
    streams: { stdin: { isTTY: true }, stdout: terminal, stderr: terminal },
  });
};

const everything = (theme: ReturnType<typeof promptTheme>): string =>
  JSON.stringify([
    theme.prefix,
    theme.icon,
    theme.style.message('m'),
    theme.style.error('e'),
    theme.style.keysHelpTip([
      ['↑↓', 'navigate'],
      ['⏎', 'submit'],
    ]),
  ]);

describe('what a terminal takes', () => {
  it.each([
    ['colour and unicode', output({}), true, true],
    ['NO_COLOR', output({ noColor: true }), false, true],
    ['--no-color', output({}, false), false, true],
    ['LANG=C', output({ lang: 'C' }), true, false],
    ['TERM=dumb', output({ term: 'dumb' }), false, false],
    ['FORCE_COLOR over TERM', output({ term: 'dumb', forceColor: true }), true, false],
  ] as const)('%s', (_name, out, colored, unicode) => {
    const text = everything(promptTheme(out));
    expect(text.includes('\\u001b[')).toBe(colored);
    expect([...text].some((char) => char > '~')).toBe(unicode);
  });

  it('does not redraw on a dumb terminal', () => {
    expect(output({ term: 'dumb' }).live).toBe(false);
    expect(output({}).live).toBe(true);
  });
});

describe('what was seen', () => {
  const hosts = ['node-1', 'node-2'].map((name, i) => ({
    name,
    host: { name, address: `192.0.2.${i}`, user: null, port: null },
    seen: seenNode(name, `192.0.2.${i}`),
    server: true,
    client: false,
  }));

  it('is a table, with every disk and the reasons against it', () => {
    const text = seenText(hosts, output({ noColor: true }));
    expect(text).toMatch(/^HOST +SYSTEM +CPUS +MEMORY +GLUSTER$/m);
    expect(text).toContain('node-1 /dev/vda  100 GiB, QEMU HARDDISK, serial S-a  not usable: system disk (/)');
    expect(text).toContain('node-2 /dev/vdb  100 GiB, QEMU HARDDISK, serial S-b  usable: blank');
  });

  it('is a block for each host where the table would be too wide', () => {
    const text = seenText(hosts, output({ noColor: true, columns: 50 }));
    expect(text).not.toMatch(/^HOST +SYSTEM/m);
    expect(text).toContain('node-1\n  system: Debian GNU/Linux 12 (bookworm) (amd64)\n  cpus: 4');
  });
});

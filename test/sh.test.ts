import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { all, quote, Secret, Sh, sh } from '../src/sh.ts';

/** Bytes, so that a lone surrogate half (which no file or channel can carry) is the only thing left out. */
const text = fc
  .oneof(
    fc.string({ unit: 'binary' }),
    fc.string({
      unit: fc.constantFrom("'", '"', '\\', '$', '`', '\n', ' ', '!', '*', '-', '(', ')', ';', '&', '#', '~', '{', '}', 'a', 'ü', '%'),
    }),
  )
  .filter((s) => !s.includes('\0') && !/\p{Surrogate}/u.test(s));

/** What a real shell makes of it: all of stdout. */
const run = (shell: string, script: string): string =>
  execFileSync(shell, ['-s'], { input: `${script}\n`, encoding: 'utf8', env: { PATH: process.env.PATH } });

/** Many words in one shell: each is printed with its length in bytes before it. */
const words = (shell: string, list: Sh): string[] => {
  const out = spawnSync(shell, ['-s'], { input: `for w in ${list.text}; do printf '%s\\0' "$w"; done\n`, env: { PATH: process.env.PATH } });
  if (out.status !== 0 || out.stderr.length > 0) throw new Error(out.stderr.toString());
  return out.stdout.toString('utf8').split('\0').slice(0, -1);
};

describe.each(['dash', 'bash'])('%s', (shell) => {
  test('every string without NUL comes through as one word', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 50 }), (list) => {
        expect(words(shell, sh`${list}`)).toEqual(list);
      }),
      { numRuns: 60 },
    );
  });

  test('nothing in a value is run', () => {
    const values = [
      '$(echo run)',
      '`echo run`',
      '"; echo run; "',
      "'; echo run; '",
      '\n echo run\n',
      '&& echo run',
      '| echo run',
      `$${'{x:-run}'}`,
      '$((1+1))',
      '-n',
      '~root',
      '*',
      '{a,b}',
      '#',
    ];
    for (const value of values) expect(run(shell, sh`printf %s ${value}`.text)).toBe(value);
  });

  test('values stand where they are put: before, after and inside of words', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(run(shell, sh`printf %s before${a}between${b}after`.text)).toBe(`before${a}between${b}after`);
      }),
      { numRuns: 30 },
    );
  });

  test('quote alone does the same', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(run(shell, `printf %s ${quote(value)}`)).toBe(value);
      }),
      { numRuns: 30 },
    );
  });

  test('an empty string is an empty word', () => {
    expect(words(shell, sh`${['', 'a', '']}`)).toEqual(['', 'a', '']);
  });

  test('a secret is run as it is', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(run(shell, sh`printf %s ${new Secret(value)}`.text)).toBe(value);
      }),
      { numRuns: 30 },
    );
  });

  test('all: the first that fails ends it', () => {
    expect(run(shell, sh`${all(sh`echo 1`, sh`echo 2; false`, sh`echo 3`)} || echo ended`.text)).toBe('1\n2\nended\n');
    expect(run(shell, all(sh`echo only`).text)).toBe('only\n');
    expect(run(shell, all(sh`echo 1 # comment`, sh`echo 2 # comment`).text)).toBe('1\n2\n');
  });
});

test('NUL is refused, wherever it stands', () => {
  expect(() => quote('a\0b')).toThrow(TypeError);
  expect(() => sh`echo ${['ok', 'a\0b']}`).toThrow('NUL');
  expect(() => sh`echo ${new Secret('\0')}`).toThrow('NUL');
});

test('numbers are written out; what is no number is refused', () => {
  expect(sh`head -c ${10} -n ${-1}`.text).toBe('head -c 10 -n -1');
  expect(() => sh`${Number.NaN}`).toThrow(TypeError);
  expect(() => sh`${Number.POSITIVE_INFINITY}`).toThrow(TypeError);
});

test('plain words need no quotes, others get them', () => {
  expect(sh`${'/etc/hosts'} ${'a b'} ${"it's"} ${''}`.text).toBe(`/etc/hosts 'a b' 'it'\\''s' ''`);
});

test('an Sh is put in as it is, and arrays may hold it', () => {
  const inner = sh`-o ${'Dir=a b'}`;
  expect(sh`apt-get ${inner} update`.text).toBe("apt-get -o 'Dir=a b' update");
  expect(sh`x ${[inner, 'c d', ['e', 'f g']]}`.text).toBe("x -o 'Dir=a b' 'c d' e 'f g'");
  expect(sh`x ${[]}`.text).toBe('x ');
});

test('backslashes stay as they are written; \\` and \\${ stand for themselves', () => {
  expect(sh`printf '%s\n' "\$x" \`date\` \${y}`.text).toBe(`${String.raw`printf '%s\n' "\$x" ${'`date`'} $`}{y}`);
});

test('a template that begins with a newline loses its common indentation, values keep theirs', () => {
  const value = 'one\n    two';
  const script = sh`
    set -eu
    if true; then
      printf %s ${value}

    fi
  `;
  expect(script.text).toBe(`set -eu\nif true; then\n  printf %s 'one\n    two'\n\nfi`);
  expect(sh`  kept  `.text).toBe('  kept  ');
});

test('dedent leaves what an Sh holds alone', () => {
  const inner = sh`
    cat <<E
      deep
    E`;
  expect(
    sh`
      a
      ${inner}
      b`.text,
  ).toBe('a\ncat <<E\n  deep\nE\nb');
});

describe('a Secret', () => {
  const secret = new Secret("hun'ter2");
  const script = sh`login ${secret} ${[secret]} ${sh`nested ${secret}`}`;

  test('is real in what is run', () => {
    expect(script.text.match(/hun'\\''ter2/g)).toHaveLength(3);
  });

  test('is masked in all that is shown', () => {
    const shown = [
      script.shown,
      String(script),
      JSON.stringify({ script }),
      JSON.stringify(secret),
      String(secret),
      `${secret}`,
      all(script, script).shown,
    ];
    for (const s of shown) expect(s).not.toContain('ter2');
    expect(script.shown).toBe("login '<secret>' '<secret>' nested '<secret>'");
    expect(JSON.stringify(secret)).toBe('"<secret>"');
    expect(Object.values(secret)).toEqual([]);
  });

  test('what is shown is what is run where there is none', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(sh`x ${value}`.shown).toBe(sh`x ${value}`.text);
      }),
    );
  });

  test('raw text keeps both of its forms', () => {
    expect(Sh.raw('run', 'shown')).toMatchObject({ text: 'run', shown: 'shown' });
    expect(Sh.raw('same').shown).toBe('same');
  });
});

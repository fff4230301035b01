import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConnectError } from '../../src/errors.ts';
import { FACT_SECONDS, factAnswers, factScript, TIMED_OUT } from '../../src/facts/script.ts';
import type { Fact, FactOutput } from '../../src/model/fact.ts';
import { Secret, Sh, sh } from '../../src/sh.ts';

const NONCE = '0123456789abcdef0123456789abcdef';

const ask = (id: string, read: Sh): Fact<FactOutput> => ({ id, read, parse: (out) => out });
const numbered = (...texts: string[]) => texts.map((text, i) => ask(`f${i}`, Sh.raw(text)));

/** As the transports do it: the script on the stdin of `sh -s`. `limit` stands in for the 20 seconds. */
const run = (shell: string, facts: Fact<FactOutput>[], limit = FACT_SECONDS): string => {
  const input = factScript(facts, NONCE).replaceAll(`timeout -k 2 ${FACT_SECONDS}`, `timeout -k 2 ${limit}`);
  const out = spawnSync(shell, ['-s'], { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  expect(out.stderr).toBe('');
  return out.stdout;
};
const answers = (shell: string, facts: Fact<FactOutput>[]) =>
  Object.fromEntries(factAnswers(facts, run(shell, facts), NONCE, { partial: true }));

describe.each(['dash', 'bash'])('a fact script under %s', (shell) => {
  it('gives each fact what its fragment printed and how it ended', () => {
    expect(answers(shell, numbered('echo a', 'printf b; exit 3', 'printf "x\\n\\n"', ':', 'echo lost >&2; false'))).toEqual({
      f0: { stdout: 'a\n', code: 0 },
      f1: { stdout: 'b', code: 3 },
      f2: { stdout: 'x\n\n', code: 0 },
      f3: { stdout: '', code: 0 },
      f4: { stdout: '', code: 1 },
    });
  });

  it('closes stdin, so that no fragment eats the script or the next answer', () => {
    expect(answers(shell, numbered('cat', 'read x; echo "got $x"', 'sed q', 'sh', 'echo end'))).toMatchObject({
      f0: { stdout: '', code: 0 },
      f1: { stdout: 'got \n' },
      f2: { stdout: '' },
      f4: { stdout: 'end\n', code: 0 },
    });
  });

  it('keeps fragments apart: syntax errors, exit, break, variables, options, traps, a killed parent', () => {
    const bad = [
      'if',
      'exit 7',
      'echo "',
      'break',
      'n=x; shift; set -eu; false',
      'kill -9 $PPID',
      'trap "echo bye" EXIT',
      'exec 1>&-; echo',
      '}',
      'cd /; PATH=',
    ];
    const facts = numbered(...bad.flatMap((b) => [b, 'echo fine "$n" "$#"', 'echo fine', 'echo fine', 'echo fine']));
    const got = answers(shell, facts);
    for (const [i, f] of facts.entries()) if (i % 5 > 1) expect(got[f.id]).toEqual({ stdout: 'fine\n', code: 0 });
    expect(got.f5?.code).toBe(7);
    expect(got.f30?.stdout).toBe('bye\n');
    expect(got.f0?.code).not.toBe(0);
    expect(got.f10?.code).not.toBe(0);
  });

  it('hands over long and binary-looking text as it is', () => {
    const got = answers(
      shell,
      numbered('yes | head -c 300000', "printf '\\r\\f\\033[2J\\\\n%%s'", 'yes abc | tr -d "\\n" | head -c 200000', 'yes | head -c 300000'),
    );
    expect(got.f0?.stdout).toBe('y\n'.repeat(150_000));
    expect(got.f1?.stdout).toBe('\r\f\u001b[2J\\n%s');
    expect(got.f2?.stdout).toHaveLength(200_000);
    expect(got.f3?.stdout).toBe('y\n'.repeat(150_000));
  });

  it('gives up a fragment that hangs and answers all others', () => {
    const facts = numbered('echo a', 'sleep 60', 'echo b', 'sleep 60 | cat', 'echo c', 'echo d', 'echo e', 'echo f');
    const out = run(shell, facts, 1);
    const got = Object.fromEntries(factAnswers(facts, out, NONCE, { partial: true }));
    expect(got.f1).toEqual({ stdout: '', code: TIMED_OUT });
    expect(got.f3).toEqual({ stdout: '', code: TIMED_OUT });
    expect([0, 2, 4, 5, 6, 7].map((i) => got[`f${i}`]?.stdout)).toEqual(['a\n', 'b\n', 'c\n', 'd\n', 'e\n', 'f\n']);
    expect(() => factAnswers(facts, out, NONCE, { node: 'web1' })).toThrow(new RegExp(`web1: .*f1, f3 within ${FACT_SECONDS} s`));
  });

  it('does not wait for a process that outlives its fragment', () => {
    const started = Date.now();
    const got = answers(shell, numbered('(sleep 5; echo late) & echo now', 'echo b', 'echo c', 'echo d'));
    expect(got.f0?.stdout).toBe('now\n');
    expect(Date.now() - started).toBeLessThan(4000);
  });

  it('works without timeout(1)', () => {
    const facts = numbered('echo a', 'exit 4', 'if', 'echo b');
    const input = factScript(facts, NONCE).replaceAll('if timeout ', 'if no-such-timeout ');
    const out = spawnSync(shell, ['-s'], { input, encoding: 'utf8' });
    expect(factAnswers(facts, out.stdout, NONCE).get('f1')).toEqual({ stdout: '', code: 4 });
    expect(factAnswers(facts, out.stdout, NONCE).get('f3')).toEqual({ stdout: 'b\n', code: 0 });
  });

  it('frames whatever the content is, and keeps it byte for byte', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc
        .array(
          fc.constantFrom(
            '\n',
            'B 0',
            'E 0 0',
            'END',
            ' ',
            NONCE.slice(1),
            NONCE.slice(0, -1),
            '$N',
            "'",
            '"',
            '`',
            '\\',
            '$(exit 9)',
            '0 B 0\n',
            '\n0 E 1 0\n',
          ),
        )
        .map((p) => p.join('')),
    );
    const said = fc.record({ text: text.map((t) => t.replaceAll('\0', '')), code: fc.integer({ min: 0, max: 123 }) });
    fc.assert(
      fc.property(fc.array(said, { minLength: 1, maxLength: 12 }), (all) => {
        const facts = all.map(({ text, code }, i) => ask(`f${i}`, sh`printf %s ${text}; exit ${code}`));
        expect(answers(shell, facts)).toEqual(Object.fromEntries(all.map(({ text, code }, i) => [`f${i}`, { stdout: text, code }])));
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe('factScript', () => {
  it('asks a fact once, however often it is given', () => {
    const facts = [ask('a', sh`echo once`), ask('b', sh`echo b`), ask('a', sh`echo once`)];
    expect(factScript(facts, NONCE).match(/echo once/g)).toHaveLength(1);
    expect([...factAnswers(facts, run('dash', facts), NONCE).keys()].sort()).toEqual(['a', 'b']);
  });

  it('refuses a weak nonce, a secret and a fragment that no argument can hold', () => {
    expect(() => factScript([], 'short')).toThrow(TypeError);
    expect(() => factScript([], `${NONCE}$(x)`)).toThrow(TypeError);
    expect(() => factScript([ask('s', sh`echo ${new Secret('x')}`)], NONCE)).toThrow(/secret/);
    expect(() => factScript([ask('s', sh`echo ${'x'.repeat(130_000)}`)], NONCE)).toThrow(/too long/);
  });

  it('is a script without facts, too', () => {
    expect(factAnswers([], run('dash', []), NONCE)).toEqual(new Map());
  });
});

describe('factAnswers', () => {
  const facts = numbered('echo a', 'echo b', 'echo c');

  it('names what is missing when the answer is cut anywhere', () => {
    const out = run('dash', facts);
    const whole = out.lastIndexOf(`${NONCE} END`);
    for (let cut = 0; cut < whole - 12; cut += 7) {
      expect(() => factAnswers(facts, out.slice(0, cut), NONCE, { node: 'web1' })).toThrow(ConnectError);
    }
    expect(() => factAnswers(facts, '', NONCE, { node: 'web1' })).toThrow(/web1: the node did not answer f0, f1, f2/);
  });

  it('knows no answer of another script', () => {
    expect(() => factAnswers(facts, run('dash', facts), 'f'.repeat(32))).toThrow(/did not answer/);
  });

  it('skips what a login shell prints before and after', () => {
    const out = `Welcome!\nE 0 0\n${run('dash', facts)}logout\n`;
    expect(factAnswers(facts, out, NONCE).get('f2')).toEqual({ stdout: 'c\n', code: 0 });
  });
});

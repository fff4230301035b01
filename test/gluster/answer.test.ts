import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reply } from '../../src/gluster/answer.ts';
import { parseHeal } from '../../src/gluster/heal.ts';
import { parsePool } from '../../src/gluster/pool.ts';
import { parseVolumes } from '../../src/gluster/volume-info.ts';
import { parseStatus } from '../../src/gluster/volume-status.ts';
import { index, recorded } from './recorded.ts';

/** Every recorded answer that is a refusal, and what it is understood as. */
const REFUSED: Record<string, string> = {
  'daemon-down': 'daemon-down',
  'daemon-down-plain': 'daemon-down',
  'probe-unresolvable': 'unreachable',
  'probe-refused': 'unreachable',
  'probe-invalid': 'bad-address',
  'probe-foreign': 'foreign-pool',
  'probe-cloned': 'same-uuid',
  'detach-stranger': 'not-a-peer',
  'detach-bricks': 'hosts-bricks',
  'detach-down': 'hosts-bricks',
  'create-exists': 'volume-exists',
  'create-in-use': 'brick-in-use',
  'create-stranger': 'not-a-peer',
  'create-again-stamped': 'brick-marked',
  'create-no-parent': 'brick-parent',
  'create-mount-point': 'brick-mount-point',
  'create-root': 'brick-on-root',
  'create-same-node': 'same-node',
  'create-odd': 'brick-count',
  'create-stripe': 'usage',
  'create-bad-name': 'usage',
  'create-peer-down': 'peer-down',
  'status-not-started': 'not-started',
  'status-missing': 'no-volume',
  'start-missing': 'no-volume',
  'start-again': 'already-started',
  'start-brick-gone': 'brick-missing',
  'start-brick-empty': 'brick-unmarked',
  'set-unknown': 'bad-option',
  'set-group-missing': 'no-group',
  'info-missing': 'no-volume',
  'op-version-too-high': 'op-version',
  'delete-started': 'started',
  'delete-missing': 'no-volume',
  'stop-stopped': 'not-started',
  'heal-missing': 'no-volume',
  'heal-not-started': 'not-started',
  'heal-launch-one-down': 'heal-brick-down',
  'snapshot-create': 'no-thin',
  usage: 'usage',
  'unknown-word': 'usage',
  'busy-here': 'busy',
  'busy-there': 'busy',
};

describe('an answer of gluster 10.3', () => {
  it.each(index)('$name: worked or not, and why', ({ name }) => {
    const answer = reply(recorded(name));
    expect(answer.ok ? 'worked' : answer.problem.code).toBe(REFUSED[name] ?? 'worked');
    if (!answer.ok) {
      expect(answer.problem.cause).not.toBe('');
      expect(answer.problem.remedy).not.toBe('');
      expect(answer.problem.text).not.toMatch(/<\/?op/);
    }
  });

  it('is not judged by the exit code: most refusals exit with 0', () => {
    const lied = index.filter(({ name, code }) => code === 0 && !reply(recorded(name)).ok);
    expect(lied.length).toBeGreaterThan(20);
  });

  it('tells apart probes that all worked', () => {
    const errno = (name: string) => {
      const answer = reply(recorded(name));
      return answer.ok ? answer.value.errno : null;
    };
    expect(['probe-ok', 'probe-localhost', 'probe-again'].map(errno)).toEqual([0, 1, 2]);
  });

  it('keeps all lines of a reason', () => {
    const answer = reply(recorded('set-unknown'));
    expect(answer).toMatchObject({ ok: false, problem: { text: 'option : nosuch.option does not exist\nDid you mean auth.allow?' } });
  });

  it('guesses no cause for a text it does not know', () => {
    expect(
      reply({ stdout: '<?xml version="1.0"?><cliOutput><opRet>-1</opRet><opErrstr>the moon is full</opErrstr></cliOutput>', code: 0 }),
    ).toEqual({
      ok: false,
      problem: { code: 'unknown', text: 'the moon is full', cause: 'the moon is full', remedy: expect.stringContaining('glusterd.log') },
    });
  });

  it('finds the answer behind warnings on stderr', () => {
    const { stdout } = recorded('pool-three');
    expect(parsePool({ stdout: `[2026-11-20] W [logging.c] could not open log\n${stdout}`, code: 0 }).ok).toBe(true);
  });

  const parsers = [parsePool, parseVolumes, parseStatus, parseHeal];

  it('never takes a cut answer for a whole one', () => {
    for (const name of ['pool-three', 'info-all', 'status-all', 'heal-summary']) {
      const { stdout } = recorded(name);
      for (let cut = 0; cut < stdout.lastIndexOf('</cliOutput>') + 11; cut += 13) {
        for (const parse of parsers) expect(parse({ stdout: stdout.slice(0, cut), code: 0 }).ok).toBe(false);
      }
    }
  });

  it('never throws, whatever is said', () => {
    const text = fc.oneof(
      fc.string(),
      fc
        .array(
          fc.constantFrom(
            '<?xml version="1.0"?>',
            '<cliOutput>',
            '</cliOutput>',
            '<opRet>0</opRet>',
            '<peer>',
            '<volInfo>',
            '<volume>',
            '<a b="c">',
            '&lt;',
            ']]>',
            '<!--',
            '<volumes/>',
            'x',
          ),
        )
        .map((p) => p.join('')),
    );
    fc.assert(
      fc.property(text, (stdout) => {
        for (const parse of parsers) expect(typeof parse({ stdout, code: 0 }).ok).toBe('boolean');
      }),
      { examples: [['<?xml version="1.0"?><!--</cliOutput>']] },
    );
  });
});

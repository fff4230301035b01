import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reply } from '../../src/gluster/answer.ts';
import { glusterSh, LOCK_TRIES } from '../../src/gluster/prelude.ts';
import { index, recorded } from './recorded.ts';

const folder = mkdtempSync(join(tmpdir(), 'glusterctl-prelude-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A gluster that gives recorded answers, one after the other, the last one for ever; and a sleep that only notes. */
beforeAll(() => {
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    chmodSync(join(folder, name), 0o755);
  };
  put(
    'gluster',
    `#!/bin/sh
cd ${folder}
echo "$*" >>asked
read stdin && echo "$stdin" >>asked
n=$(wc -l <asked)
[ -e "$n.out" ] || n=last
cat "$n.out"
exit "$(cat "$n.code")"
`,
  );
  put('sleep', `#!/bin/sh\necho "$1" >>${folder}/slept\n`);
});

const run = (shell: string, script: string, ...names: string[]) => {
  for (const file of ['asked', 'slept']) writeFileSync(join(folder, file), '');
  for (let i = 1; i <= 20; i++) rmSync(join(folder, `${i}.out`), { force: true });
  names.forEach((name, i) => {
    const at = i === names.length - 1 ? 'last' : String(i + 1);
    writeFileSync(join(folder, `${at}.out`), recorded(name).stdout);
    writeFileSync(join(folder, `${at}.code`), String(recorded(name).code));
  });
  const input = `set -eu\n${glusterSh}\n${script}\n`;
  const out = spawnSync(shell, ['-s'], { input, encoding: 'utf8', env: { PATH: `${folder}:${process.env.PATH}`, LC_ALL: 'C' } });
  const lines = (file: string) => readFileSync(join(folder, file), 'utf8').split('\n').filter(Boolean);
  return { stdout: out.stdout, stderr: out.stderr, code: out.status, asked: lines('asked'), slept: lines('slept').map(Number) };
};

const singles = index.filter(({ name, command }) => !command.startsWith('(plain)') && !name.startsWith('busy'));

describe.each(['dash', 'bash'])('the gluster function under %s', (shell) => {
  it('agrees with the parser on every recorded answer', () => {
    // The functions are the same text; a part of the answers is enough for the second shell.
    for (const { name, command } of shell === 'dash' ? singles : singles.filter((_, i) => i % 5 === 0)) {
      const answer = reply(recorded(name));
      const out = run(shell, `g ${command.startsWith('peer probe') ? command : 'volume info'}`, name);
      expect([name, out.code]).toEqual([name, answer.ok ? 0 : 1]);
      expect(out.stdout).toBe('');
      expect(out.asked).toHaveLength(1);
      if (answer.ok) expect(out.stderr).toBe('');
      else expect(out.stderr).toContain(answer.problem.text.split('\n')[0]);
    }
  }, 60_000);

  it('asks in script mode, as XML, with stdin closed, and every word kept', () => {
    const out = run(shell, `g volume set gv0 auth.allow 'a b'`, 'set');
    expect(out.asked).toEqual(['--mode=script --xml volume set gv0 auth.allow a b']);
  });

  it('prints the XML where it is wanted', () => {
    const out = run(shell, 'gx pool list | grep -c "<connected>1</connected>"', 'pool-three');
    expect(out).toMatchObject({ stdout: '3\n', code: 0 });
  });

  it('ends a script under set -e, and can be asked with if', () => {
    expect(run(shell, 'g volume info nosuch\necho on', 'info-missing')).toMatchObject({ stdout: '', code: 1 });
    expect(run(shell, 'if g volume info nosuch; then echo there; else echo gone; fi', 'info-missing')).toMatchObject({
      stdout: 'gone\n',
      code: 0,
    });
  });

  it('says all of the reason, in plain text', () => {
    expect(run(shell, 'g volume set gv0 x y', 'set-unknown').stderr).toBe(
      'gluster volume set gv0 x y: option : nosuch.option does not exist\nDid you mean auth.allow?\n',
    );
    expect(run(shell, 'g volume create v b', 'create-stranger').stderr).toBe(
      "gluster volume create v b: Host n4 is not in 'Peer in Cluster' state\n",
    );
    expect(run(shell, 'g pool list', 'daemon-down').stderr).toBe(
      'gluster pool list: Connection failed. Please check if gluster daemon is operational.\n',
    );
  });

  it('waits for the lock of the pool, and no longer than said', () => {
    const soon = run(shell, 'g volume set gv0 a b', 'busy-here', 'busy-there', 'set');
    expect(soon).toMatchObject({ code: 0, stderr: '', slept: [2, 4] });
    const never = run(shell, 'g volume set gv0 a b', 'busy-here');
    expect(never.code).toBe(1);
    expect(never.asked).toHaveLength(LOCK_TRIES);
    expect(never.stderr).toContain('Another transaction is in progress for gv0');
    expect(never.slept).toEqual([2, 4, 6, 8, 10, 10, 10, 10, 10]);
  });

  it('tries nothing else twice', () => {
    expect(run(shell, 'g volume start v', 'start-brick-gone', 'start').asked).toHaveLength(1);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Sh } from '../../src/sh.ts';
import { waitForLocks } from '../../src/steps/apt-wait.ts';
import { run } from './answers.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'locks-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** A process that holds the lock the way dpkg does, with fcntl(2). */
const holder = async (seconds: number) => {
  const locked = `use Fcntl; $| = 1; open(F, ">", $ARGV[0]); my $l = pack("s s x4 q q i", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die; print "locked\\n"; sleep $ARGV[1]`;
  const child = spawn('perl', ['-e', locked, join(dir, 'lock'), String(seconds)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
};
const wait = (seconds: number, shell: string) =>
  run(Sh.raw(waitForLocks.text.replaceAll('/var/lib/dpkg/lock-frontend', join(dir, 'lock')).replaceAll('120', String(seconds))), { shell });

describe.each(['dash', 'bash'])('the locks of dpkg under %s', (shell) => {
  it('are not waited for when nobody holds them', () => expect(wait(0, shell)).toEqual({ code: 0, stdout: '', stderr: '' }));

  it('are waited for, and then it goes on', async () => {
    const child = await holder(1);
    expect(wait(60, shell)).toEqual({
      code: 0,
      stdout: `waiting for process ${child.pid}, which holds the lock of apt or dpkg\n`,
      stderr: '',
    });
  });

  it('are not waited for for ever: then it is said who holds them', async () => {
    const child = await holder(30);
    try {
      expect(wait(0, shell)).toMatchObject({
        code: 1,
        stderr: `apt or dpkg is locked, for more than 0 s now, by process ${child.pid} (perl)\n`,
      });
    } finally {
      child.kill();
    }
  });
});

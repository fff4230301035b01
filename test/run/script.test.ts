import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { doScript, NOT_IN_EFFECT, undoScript } from '../../src/run/script.ts';
import { sh } from '../../src/sh.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-script-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const start = (script: string) => spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });

const run = async (script: string) => {
  const child = start(script);
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (said.stdout += chunk));
  child.stderr.on('data', (chunk) => (said.stderr += chunk));
  const [code] = await once(child, 'close');
  return { code, ...said };
};

describe('a script', () => {
  it('says what its deed says, each on its own stream, and ends as that ended', async () => {
    const change = { do: sh`echo out; echo err >&2; exit 7`, verify: sh`true` };
    expect(await run(doScript(change))).toEqual({ code: 7, stdout: 'out\n', stderr: 'err\n' });
    expect(await run(doScript({ ...change, do: sh`echo out; echo err >&2` }))).toEqual({ code: 0, stdout: 'out\n', stderr: 'err\n' });
    expect(await run(doScript({ do: sh`:`, verify: sh`false` }))).toMatchObject({ code: NOT_IN_EFFECT });
  });

  it.each([
    ['deed', (text: ReturnType<typeof sh>) => doScript({ do: text, verify: sh`true` })],
    ['undo', (text: ReturnType<typeof sh>) => undoScript({ undo: text, verify: sh`false` })],
  ])('goes on where nobody reads what it says any more: a %s', async (_what, script) => {
    const end = join(dir, 'end');
    // cat, like dpkg and mkfs, is ended by the first write to a pipe that nobody reads.
    const child = start(script(sh`set -e; echo begun; sleep 1; echo more | cat; echo more | cat >&2; seq 100000; echo end >${end}`));
    await once(child.stdout, 'data');
    child.stdout.destroy();
    child.stderr.destroy();
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(existsSync(end)).toBe(true);
  });
});

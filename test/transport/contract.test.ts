import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Host, Receiver, RunResult } from '../../src/model/host.ts';
import { sh } from '../../src/sh.ts';
import { openHost, recordedHost, recordingHost } from '../../src/transport/index.ts';
import { type Bench, bench, node, type Sshd, startSshd } from './sshd.ts';

let at: Bench;
let sshd: Sshd;
const hosts = new Map<string, Host>();
const host = (kind: string): Host => hosts.get(kind) as Host;

const HOSTILE = `it's $HOME \`id\` "$(id)" \\n \n *;&|<>~ ü 漢 \u{1F600} !! %s -rf`;
const WIDE = 'grüße, 漢字 \u{1F600} '.repeat(20_000);

/** What every transport has to make of a script. */
const SCRIPTS: Record<string, { script: string; expect: Partial<RunResult> }> = {
  'plain output': { script: 'echo one; echo two >&2', expect: { stdout: 'one\n', stderr: 'two\n', code: 0 } },
  'an exit status': { script: 'echo partly; exit 3', expect: { stdout: 'partly\n', code: 3 } },
  'exit status 255': { script: 'exit 255', expect: { stdout: '', stderr: '', code: 255 } },
  'exit status 127': { script: 'no-such-program-here 2>/dev/null', expect: { code: 127 } },
  'nothing at all': { script: '', expect: { stdout: '', stderr: '', code: 0 } },
  'only a comment': { script: '# nothing', expect: { stdout: '', stderr: '', code: 0 } },
  'a here-document at its end': { script: 'cat <<E\nin it\nE', expect: { stdout: 'in it\n', code: 0 } },
  'the last status': { script: 'true; false', expect: { code: 1 } },
  'set -e': { script: 'set -eu\nfalse\necho not reached', expect: { stdout: '', code: 1 } },
  'a C locale': { script: 'printf %s "$LC_ALL"', expect: { stdout: 'C' } },
  'a closed stdin': { script: 'cat; read x || echo end', expect: { stdout: 'end\n', code: 0 } },
  'the rights of root': { script: 'id -u', expect: { stdout: `${process.getuid?.()}\n` } },
  'a hostile value': { script: sh`printf %s ${HOSTILE}`.text, expect: { stdout: HOSTILE } },
  'wide characters over chunk borders': { script: sh`printf %s ${WIDE}`.text, expect: { stdout: WIDE } },
  'bytes one at a time': {
    script: `printf '\\303'; sleep 0.1; printf '\\274'; sleep 0.1; printf '\\360\\237'; sleep 0.1; printf '\\230\\200'`,
    expect: { stdout: 'ü\u{1F600}' },
  },
  'the end by a signal': { script: 'echo before; kill -TERM $$; sleep 5; echo after', expect: { stdout: 'before\n', code: 143 } },
  'the end by SIGKILL': { script: 'kill -KILL $$; sleep 5', expect: { code: 137 } },
  'no newline at the end': { script: 'printf a; printf b >&2', expect: { stdout: 'a', stderr: 'b' } },
  '20 MB': { script: 'yes 0123456789abcde | head -c 20971520', expect: { stdout: '0123456789abcde\n'.repeat(1_310_720), code: 0 } },
};
/** A shell that read line by line would have printed. */
const BROKEN = 'echo ran\nif true; then\n';
const LINES = `echo 1; echo 2 >&2; sleep 0.2; printf '3\\n4\\n\\n'; printf five`;

beforeAll(async () => {
  at = bench();
  const key = at.key('id');
  sshd = await startSshd(at, { authorized: [key] });
  const ssh = { port: sshd.port, identityFile: key, knownHosts: [sshd.knownHosts] };
  hosts.set('ssh2', openHost(node(ssh), at.options()));
  hosts.set('openssh', openHost(node({ ...ssh, transport: 'openssh' }), at.options()));
  const local = recordingHost(openHost(node({ address: 'local' }), at.options()));
  hosts.set('local, not recorded', openHost(node({ address: 'local' }), at.options()));
  hosts.set('local', local);
  for (const { script } of Object.values(SCRIPTS)) await local.run(script);
  for (const script of [BROKEN, LINES]) await local.run(script);
  hosts.set('recorded', recordedHost('node-1', JSON.parse(JSON.stringify(local.recorded))));
}, 60_000);

afterAll(async () => {
  for (const h of hosts.values()) await h.close();
  await sshd?.stop();
  at?.remove();
});

describe.each(['ssh2', 'openssh', 'local', 'recorded'])('%s', (kind) => {
  test.each(Object.keys(SCRIPTS))('gives %s', async (name) => {
    const { script, expect: wanted } = SCRIPTS[name] as (typeof SCRIPTS)[string];
    const result = await host(kind).run(script);
    // Compared by length first: a diff of megabytes helps nobody.
    if (wanted.stdout !== undefined) expect(result.stdout.length).toBe(wanted.stdout.length);
    expect({ ...result, stdout: result.stdout === wanted.stdout }).toMatchObject({
      ...wanted,
      stdout: wanted.stdout !== undefined,
    });
  });

  test('runs nothing of a script that is cut short', async () => {
    const { stdout, code } = await host(kind).run(BROKEN);
    expect(stdout).toBe('');
    expect(code).not.toBe(0);
  });

  test('tells each whole line of each stream', async () => {
    const lines: string[] = [];
    await host(kind).run(LINES, { onLine: (line, stream) => lines.push(`${stream} ${line}`) });
    expect(lines.filter((l) => l.startsWith('stdout'))).toEqual(['stdout 1', 'stdout 3', 'stdout 4', 'stdout ', 'stdout five']);
    expect(lines.filter((l) => l.startsWith('stderr'))).toEqual(['stderr 2']);
  });

  test('does not begin when it is stopped already', async () => {
    await expect(host(kind).run('echo', { signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow('stopped');
  });
});

describe.each(['ssh2', 'openssh', 'local'])('%s, live', (kind) => {
  test('tells lines as they come', async () => {
    const times: number[] = [];
    await host(kind).run('echo a; sleep 1; echo b', { onLine: () => times.push(performance.now()) });
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(700);
  });

  test('takes a script of 2 MB', async () => {
    const text = 'x'.repeat(2_000_000);
    const { stdout } = await host(kind).run(sh`printf %s ${text} | wc -c`.text);
    expect(stdout.trim()).toBe('2000000');
  });

  test('adds bytes to a file as they come, whatever bytes; what had arrived when it was cut off is there', async () => {
    const file = join(at.dir, `appended ${kind}`);
    const bytes = Buffer.concat([Buffer.from('#!/bin/sh\nexit 3\n\0'), randomBytes(3_000_000)]);
    const receiver = host(kind === 'local' ? 'local, not recorded' : kind) as Receiver;
    const pieces = async function* (from: number, to: number) {
      for (let i = from; i < to; i += 100_000) yield bytes.subarray(i, Math.min(to, i + 100_000));
    };
    await receiver.append(file, pieces(0, 1_000_000));
    const cut = new AbortController();
    const slow = async function* () {
      yield bytes.subarray(1_000_000, 1_500_000);
      for (let i = 0; i < 100 && readFileSync(file).length < 1_500_000; i += 1) await new Promise((resolve) => setTimeout(resolve, 50));
      cut.abort(new Error('cut'));
      await new Promise((resolve) => setTimeout(resolve, 60_000).unref());
    };
    await expect(receiver.append(file, slow(), { signal: cut.signal })).rejects.toThrow('cut');
    expect(readFileSync(file).length).toBe(1_500_000);
    await receiver.append(file, pieces(1_500_000, bytes.length));
    const sum = (of: Buffer) => createHash('sha256').update(of).digest('hex');
    expect(sum(readFileSync(file))).toBe(sum(bytes));
    await expect(receiver.append(join(at.dir, 'no/such/folder'), pieces(0, 200_000))).rejects.toMatchObject({
      exit: 4,
      report: { what: expect.stringContaining('cannot be written') },
    });
    expect((await host(kind).run('ls /run/glusterctl.receive.* 2>/dev/null')).stdout).toBe('');
  });

  test('runs 25 scripts side by side, more than one connection may have sessions', async () => {
    const results = await Promise.all(Array.from({ length: 25 }, (_, i) => host(kind).run(`sleep 0.5; echo ${i}`)));
    expect(results.map((r) => r.stdout)).toEqual(Array.from({ length: 25 }, (_, i) => `${i}\n`));
  });

  test('is cut by its signal, and goes on working', async () => {
    const cut = new AbortController();
    const began = performance.now();
    const run = host(kind).run('echo begun; while sleep 0.1; do echo on || exit; done', {
      signal: cut.signal,
      onLine: () => cut.abort(new Error('second Ctrl-C')),
    });
    await expect(run).rejects.toThrow('second Ctrl-C');
    expect(performance.now() - began).toBeLessThan(3000);
    expect((await host(kind).run('echo still there')).stdout).toBe('still there\n');
  });

  test('ends a script that it was cut off from when that prints', async () => {
    const marker = `gct-cut-${kind}-${process.pid}`;
    const cut = new AbortController();
    const run = host(kind).run(`t=${marker}; while sleep 0.1; do echo "$t" || exit; done`, {
      signal: cut.signal,
      onLine: () => cut.abort(new Error('cut')),
    });
    await expect(run).rejects.toThrow('cut');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const { stdout } = await host(kind).run(`ps -eo pid,args | grep '[s]leep 0.1' | wc -l`);
    expect(stdout.trim()).toBe('0');
  });

  test('gives up a script that takes too long, and names the limit', async () => {
    const error = await host(kind)
      .run('sleep 20', { timeout: 300 })
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'ConnectError', exit: 4, report: { node: 'node-1', what: expect.stringContaining('0.3 s') } });
  });
});

test('one connection serves all runs', () => {
  // Ten sessions at a time on each: 25 scripts side by side made two more.
  expect(sshd.log().match(/Accepted publickey/g)?.length).toBeLessThan(20);
});

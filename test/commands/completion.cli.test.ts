import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { BIN, CLUSTER, cleanEnv, glusterctl } from '../helpers/cli.ts';
import { folder } from '../helpers/folder.ts';
import { openTerminal } from '../helpers/pty.ts';

const RUN = '20260102-030405-abcd';
const home = folder();
const bin = join(home, 'bin');
const env = { ...cleanEnv(home), PATH: `${bin}:${process.env.PATH}`, TERM: 'xterm', LANG: 'C.UTF-8' };

beforeAll(() => {
  mkdirSync(join(home, 'state/runs', RUN), { recursive: true });
  mkdirSync(bin);
  writeFileSync(join(bin, 'glusterctl'), `#!/bin/sh\nexec ${process.execPath} ${BIN} "$@"\n`);
  chmodSync(join(bin, 'glusterctl'), 0o755);
  writeFileSync(join(home, 'cluster.yaml'), CLUSTER);
  writeFileSync(join(home, 'other.yaml'), CLUSTER.replace('alpha', 'omega'));
  for (const shell of ['bash', 'zsh', 'fish']) writeFileSync(join(home, shell), glusterctl(['completion', shell], { cwd: home }).stdout);
});

/** What is offered for a line that ends at the cursor. */
const offered = {
  fish: (line: string): string[] =>
    spawnSync('fish', ['--no-config', '-c', `source ./fish; complete -C '${line}'`], { cwd: home, env, encoding: 'utf8' })
      .stdout.split('\n')
      .filter(Boolean)
      .map((row) => row.split('\t')[0] ?? ''),
  bash: (line: string): string[] => {
    const words = line.split(' ');
    const script = `source ./bash; COMP_WORDS=(${words.map((w) => `'${w}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _glusterctl; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return spawnSync('bash', ['--norc', '--noprofile', '-c', script], { cwd: home, env, encoding: 'utf8' })
      .stdout.split('\n')
      .filter(Boolean);
  },
  // compadd works only while something is being completed, so it is replaced by one that prints.
  zsh: (line: string): string[] => {
    const words = line.split(' ');
    const script = `autoload -U compinit; compinit -u -D; source ./zsh; compadd() { print -rl -- "\${values[@]}" }; words=(${words.map((w) => `'${w}'`).join(' ')}); CURRENT=${words.length}; _glusterctl`;
    return spawnSync('zsh', ['-f', '-c', script], { cwd: home, env, encoding: 'utf8' }).stdout.split('\n').filter(Boolean);
  },
};

describe.each(['bash', 'zsh', 'fish'] as const)('%s', (shell) => {
  it.each([
    ['glusterctl ro', ['rollback']],
    ['glusterctl node ', ['prepare', 'replace', 'shrink']],
    ['glusterctl facts ', ['alpha', 'beta', 'gamma']],
    ['glusterctl node replace alpha --with b', ['beta']],
    ['glusterctl facts alpha g', ['gamma']],
    ['glusterctl plan --limit alpha,b', ['alpha,beta']],
    ['glusterctl -c other.yaml plan --limit o', ['omega']],
    ['glusterctl rollback ', [RUN]],
    ['glusterctl runs show 2026', [RUN]],
    ['glusterctl apply --on-failure ', ['rollback', 'stop']],
    ['glusterctl completion ', ['bash', 'fish', 'zsh']],
    ['glusterctl apply --dry', ['--dry-run']],
  ])('%s<TAB>', (line, expected) => {
    expect(offered[shell](line).sort()).toEqual(expected);
  });
});

it.each([
  ['bash', ['--norc', '--noprofile', '-i'], 'source ./bash'],
  ['zsh', ['-f', '-i'], 'autoload -U compinit; compinit -u -D; source ./zsh'],
] as const)('completes on a real key in %s', async (shell, flags, load) => {
  const terminal = openTerminal([shell, ...flags], { cwd: home, env });
  onTestFinished(() => terminal.kill());
  await terminal.expect(/[#$%] /);
  terminal.type(`${load}; echo "load"ed\n`);
  await terminal.expect('loaded');
  await terminal.expect(/[#$%] /);
  terminal.type('glusterctl facts be\t');
  await terminal.expect('beta ');
});

it('names the shells it knows', () => {
  const { code, stderr } = glusterctl(['completion', 'tcsh'], { cwd: home });
  expect(code).toBe(2);
  expect(stderr).toContain('Allowed choices are bash, zsh, fish');
});

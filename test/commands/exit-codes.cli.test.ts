import { cpSync, existsSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLUSTER, cleanEnv, glusterctl } from '../helpers/cli.ts';
import { folder } from '../helpers/folder.ts';

/** A folder with a cluster file whose nodes nobody answers for: 127.0.0.1, on ports where nothing listens. */
const place = (text = CLUSTER): string => {
  const cwd = folder();
  writeFileSync(join(cwd, 'cluster.yaml'), text);
  return cwd;
};

const NOBODY = CLUSTER.replaceAll(/address: 192\.0\.2\.(\d)/g, 'address: 127.0.0.1, storage: 192.0.2.$1, ssh: { port: $1 }');
const wrong = CLUSTER.replace('name: alpha', 'nam: alpha');

describe('exit codes that need no node', () => {
  it('0: done', () => expect(glusterctl(['validate'], { cwd: place() }).code).toBe(0));
  it('0: help and version', () => {
    expect(glusterctl(['--help'], { cwd: folder() }).code).toBe(0);
    expect(glusterctl(['help', 'apply'], { cwd: folder() }).code).toBe(0);
    expect(glusterctl(['--version'], { cwd: folder() }).stdout).toBe(`${JSON.parse(readFileSync('package.json', 'utf8')).version}\n`);
  });

  it.each([
    [['aply'], '(Did you mean apply?)'],
    [['plan', '--comands'], '(Did you mean --commands?)'],
    [['apply', 'nothing.json'], 'the plan file nothing.json cannot be read'],
    [['runs', 'show', 'x'], 'there is no run "x"'],
    [['facts', 'alfa'], 'did you mean alpha?'],
    [['plan', '--limit', 'gama'], 'did you mean gamma?'],
    [['steps', 'peer'], 'did you mean peers?'],
    [['apply', '--yes', '--junit', '/nowhere/report.xml'], 'the JUnit report /nowhere/report.xml cannot be written'],
  ])('2: %j', (args, said) => {
    const { code, stdout, stderr } = glusterctl(args, { cwd: place() });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
  });

  it('2: a variable that nobody knows', () => {
    const cwd = place();
    const { code, stderr } = glusterctl(['validate'], { cwd, env: cleanEnv(cwd, { GLUSTERCTL_CONFG: 'x' }) });
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean GLUSTERCTL_CONFIG?');
  });

  it.each([['validate'], ['plan'], ['status'], ['apply', '--yes'], ['facts']])('3: %s with a wrong file, at line and column', (...args) => {
    const { code, stderr } = glusterctl(args, { cwd: place(wrong) });
    expect(code).toBe(3);
    expect(stderr).toMatch(/cluster\.yaml:6:7: nodes\[0\].*there is no key "nam" here/);
    expect(stderr).toContain('did you mean name?');
  });
  it('3: no file', () => expect(glusterctl(['plan'], { cwd: folder() }).code).toBe(3));

  it.each([['plan'], ['status'], ['apply', '--yes']])('4: %s where no node answers', (...args) => {
    const { code, stderr } = glusterctl(args, { cwd: place(NOBODY) });
    expect(code).toBe(4);
    for (const node of ['alpha', 'beta', 'gamma']) expect(stderr).toContain(node);
  });

  it('0: nothing to undo', () => {
    const { code, stderr } = glusterctl(['rollback', '--yes'], { cwd: place() });
    expect([code, stderr]).toEqual([0, expect.stringContaining('there is nothing to undo')]);
  });
  it('7: a question without a terminal', () => {
    expect(glusterctl(['init'], { cwd: folder() }).code).toBe(7);
  });

  it('7: doctor finds something wrong, 0 when not', () => {
    const cwd = place();
    expect(glusterctl(['doctor'], { cwd }).code).toBe(0);
    const sick = glusterctl(['doctor', '--json'], {
      cwd: place(wrong),
      env: cleanEnv(cwd, { GLUSTERCTL_STATE_DIR: '/dev/null/x', SSH_AUTH_SOCK: '/nowhere' }),
    });
    expect(sick.code).toBe(7);
    const findings: { of: string; state: string }[] = JSON.parse(sick.stdout).findings;
    expect(findings.filter(({ state }) => state === 'wrong').map(({ of }) => of)).toEqual(['keys', 'state folder', 'cluster.yaml']);
  });

  it('70: a bug, with a log and where to report it', () => {
    const cwd = place();
    const { code, stderr, stdout } = glusterctl(['apply', '--yes', '--json'], { cwd, bin: brokenPackage() });
    expect(code).toBe(70);
    expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ type: 'run.finished', result: 'failed', exit: 70 });
    const [, log = ''] = /log: (\S+)/.exec(stderr) ?? [];
    expect(stderr).toContain('issues/new');
    expect(existsSync(log)).toBe(true);
  });
});

/** An installation of glusterctl whose playbooks are gone. Gives its command. */
const brokenPackage = (): string => {
  const dir = folder();
  for (const part of ['bin', 'dist', 'package.json']) cpSync(part, join(dir, part), { recursive: true });
  symlinkSync(realpathSync('node_modules'), join(dir, 'node_modules'));
  return join(dir, 'bin/glusterctl.js');
};

describe('what goes where', () => {
  it('leaves stdout empty but for results', () => {
    for (const args of [['plan'], ['status'], ['apply', '--yes'], ['facts']])
      expect(glusterctl(args, { cwd: place(NOBODY) }).stdout).toBe('');
  });

  it.each([
    ['apply', '--yes', '--json'],
    ['node', 'prepare', '--yes', '--json'],
    ['rollback', '--yes', '--json'],
  ])('every line of %s parses, the first and the last as promised', (...args) => {
    const { stdout, stderr, code } = glusterctl(args, { cwd: place(args[0] === 'node' ? wrong : NOBODY) });
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ type: 'version', v: 1 });
    expect(lines.at(-1)).toMatchObject({ type: 'run.finished', exit: code });
    expect(lines.some(({ type, reports }) => type === 'error' && reports.length > 0)).toBe(code !== 0);
    expect(stderr).toBe('');
  });

  it('prints what is wrong with a file as JSON', () => {
    const { stdout, code } = glusterctl(['validate', '--json'], { cwd: place(wrong) });
    expect(code).toBe(3);
    const { valid, problems } = JSON.parse(stdout);
    expect(valid).toBe(false);
    expect(problems).toContainEqual(expect.objectContaining({ line: 6, column: 7, suggestion: 'did you mean name?' }));
  });

  it('annotates in a GitHub job, and adds to its page', () => {
    const cwd = place(wrong);
    const env = cleanEnv(cwd, { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: cwd, GITHUB_STEP_SUMMARY: join(cwd, 'summary.md') });
    expect(glusterctl(['validate'], { cwd, env }).stderr).toContain('::error file=cluster.yaml,line=6,col=7,title=cluster file::');
    const { stdout, stderr } = glusterctl(['apply', '--yes', '--json', '--junit', 'report.xml'], { cwd, env });
    expect(stdout).not.toContain('::error');
    expect(stderr).toContain('::error file=cluster.yaml,line=6,col=7');
    expect(readFileSync(join(cwd, 'summary.md'), 'utf8')).toContain('### glusterctl apply');
    expect(readFileSync(join(cwd, 'report.xml'), 'utf8')).toContain('errors="1"');
  });

  it('says nothing of GitHub elsewhere', () => {
    const cwd = place(wrong);
    expect(glusterctl(['validate'], { cwd, env: cleanEnv(cwd, { GITHUB_STEP_SUMMARY: join(cwd, 's') }) }).stderr).not.toContain('::error');
    expect(existsSync(join(cwd, 's'))).toBe(false);
  });
});

import { describe, expect, test } from 'vitest';
import { readEnv } from '../../src/config/env.ts';
import { EXIT, UsageError } from '../../src/errors.ts';

const HOME = { HOME: '/home/ops' };
const failure = (env: Record<string, string>): UsageError => {
  try {
    readEnv({ ...HOME, ...env });
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
};

describe('the environment', () => {
  test('with nothing set', () => {
    expect(readEnv({ ...HOME, USER: 'ops' })).toEqual({
      config: null,
      limit: null,
      concurrency: null,
      noInput: false,
      home: '/home/ops',
      stateDir: '/home/ops/.local/state/glusterctl',
      cacheDir: '/home/ops/.cache/glusterctl',
      agentSocket: null,
      sshPassword: null,
      sudoPassword: null,
      passphrase: null,
      heketiKey: null,
      user: 'ops',
      ci: false,
      githubActions: false,
      githubStepSummary: null,
      githubWorkspace: null,
      noColor: false,
      forceColor: null,
      term: null,
      lang: null,
      columns: null,
    });
  });

  test('where state is kept: our variable, then XDG, then the home folder', () => {
    expect(readEnv({ ...HOME, XDG_STATE_HOME: '/xdg', GLUSTERCTL_STATE_DIR: '/own' }).stateDir).toBe('/own');
    expect(readEnv({ ...HOME, XDG_STATE_HOME: '/xdg', XDG_CACHE_HOME: '/c' })).toMatchObject({
      stateDir: '/xdg/glusterctl',
      cacheDir: '/c/glusterctl',
    });
    expect(readEnv({ ...HOME, XDG_STATE_HOME: 'relative', GLUSTERCTL_STATE_DIR: '' }).stateDir).toBe('/home/ops/.local/state/glusterctl');
  });

  test('overrides of flags', () => {
    expect(
      readEnv({ ...HOME, GLUSTERCTL_CONFIG: '-', GLUSTERCTL_LIMIT: 'a, b,', GLUSTERCTL_CONCURRENCY: '8', GLUSTERCTL_NO_INPUT: '1' }),
    ).toMatchObject({
      config: '-',
      limit: ['a', 'b'],
      concurrency: 8,
      noInput: true,
    });
    expect(readEnv({ ...HOME, GLUSTERCTL_NO_INPUT: '0' }).noInput).toBe(false);
  });

  test('passwords can be used but not printed', () => {
    const env = readEnv({
      ...HOME,
      GLUSTERCTL_SSH_PASSWORD: 'hunter2',
      GLUSTERCTL_SUDO_PASSWORD: 'hunter3',
      GLUSTERCTL_SSH_PASSPHRASE: 'hunter4',
    });
    expect([env.sshPassword, env.sudoPassword, env.passphrase].map((secret) => secret?.reveal())).toEqual([
      'hunter2',
      'hunter3',
      'hunter4',
    ]);
    expect(`${JSON.stringify(env)} ${String(env.sshPassword)}`).not.toContain('hunter');
  });

  test('a variable that is nearly ours is refused, and the near one named', () => {
    expect(failure({ GLUSTERCTL_CONFG: 'x' })).toMatchObject({ exit: EXIT.usage, report: { next: 'did you mean GLUSTERCTL_CONFIG?' } });
    expect(failure({ GLUSTERCTL_SSH_PASWORD: 'hunter2' }).message).not.toContain('hunter2');
    expect(failure({ GLUSTERCTL_FROBNICATE: '1' }).report.next).toContain('known are GLUSTERCTL_CONFIG');
    expect(readEnv({ ...HOME, GLUSTERCTL_LAB_CACHE: '/x', OTHER: '1' }).config).toBeNull();
  });

  test.each(['0', '-1', '1.5', 'many', '10000'])('GLUSTERCTL_CONCURRENCY=%s is refused', (value) => {
    expect(failure({ GLUSTERCTL_CONCURRENCY: value }).message).toContain(value);
  });

  test('GLUSTERCTL_NO_INPUT takes yes and no only', () => {
    expect(failure({ GLUSTERCTL_NO_INPUT: 'maybe' }).report.next).toBe('give it 1 or 0');
  });

  test('colour, locale and the pipeline it runs in', () => {
    const env = {
      NO_COLOR: '1',
      FORCE_COLOR: '0',
      TERM: 'dumb',
      LANG: 'C',
      LC_ALL: 'de_DE.UTF-8',
      COLUMNS: '72',
      CI: 'true',
      GITHUB_ACTIONS: 'true',
    };
    expect(readEnv({ ...HOME, ...env, GITHUB_STEP_SUMMARY: '/s' })).toMatchObject({
      noColor: true,
      forceColor: false,
      term: 'dumb',
      lang: 'de_DE.UTF-8',
      columns: 72,
      ci: true,
      githubActions: true,
      githubStepSummary: '/s',
    });
    expect(readEnv({ ...HOME, NO_COLOR: '', FORCE_COLOR: '', CI: 'false' })).toMatchObject({ noColor: false, forceColor: true, ci: false });
  });

  test('the user behind sudo is the one who does it', () => {
    expect(readEnv({ ...HOME, USER: 'root', SUDO_USER: 'ops' }).user).toBe('ops');
  });
});

import { userInfo } from 'node:os';
import { UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { Secret } from '../sh.ts';
import { cacheDirOf, homeOf, stateDirOf } from './folders.ts';

/** Variables of glusterctl's own, and what each is for. */
export const VARIABLES = {
  GLUSTERCTL_CONFIG: 'the cluster file, as with --config; - is stdin',
  GLUSTERCTL_LIMIT: 'only these nodes, separated by commas, as with --limit',
  GLUSTERCTL_CONCURRENCY: 'nodes to work on at a time, as with --concurrency',
  GLUSTERCTL_NO_INPUT: '1: never ask, as with --no-input',
  GLUSTERCTL_STATE_DIR: 'where journals and host keys are kept; else $XDG_STATE_HOME/glusterctl, else ~/.local/state/glusterctl',
  GLUSTERCTL_SSH_PASSWORD: 'password for SSH',
  GLUSTERCTL_SSH_PASSPHRASE: 'passphrase of the private key',
  GLUSTERCTL_SUDO_PASSWORD: 'password for sudo',
  GLUSTERCTL_HEKETI_KEY: "key of Heketi's admin, for `glusterctl k8s manifests`",
} as const;

const OURS = Object.keys(VARIABLES);

/** All that glusterctl takes from the environment. A variable that is set but empty counts as not set. */
export interface Env {
  /** GLUSTERCTL_CONFIG: a path, or - for stdin. */
  config: string | null;
  /** GLUSTERCTL_LIMIT: node names, separated by commas. */
  limit: readonly string[] | null;
  /** GLUSTERCTL_CONCURRENCY. */
  concurrency: number | null;
  /** GLUSTERCTL_NO_INPUT: never ask. */
  noInput: boolean;
  home: string;
  /** Journals, host keys, signing keys: GLUSTERCTL_STATE_DIR, else $XDG_STATE_HOME/glusterctl, else ~/.local/state/glusterctl. */
  stateDir: string;
  /** What may be thrown away: $XDG_CACHE_HOME/glusterctl, else ~/.cache/glusterctl. */
  cacheDir: string;
  agentSocket: string | null;
  sshPassword: Secret | null;
  sudoPassword: Secret | null;
  /** Opens an encrypted private key. */
  passphrase: Secret | null;
  /** GLUSTERCTL_HEKETI_KEY. */
  heketiKey: Secret | null;
  /** Who started this, as a journal names them; the user behind sudo. */
  user: string;
  ci: boolean;
  githubActions: boolean;
  /** GITHUB_STEP_SUMMARY: the file that takes a job's summary. */
  githubStepSummary: string | null;
  /** GITHUB_WORKSPACE: the top of the checkout, which paths in annotations start from. */
  githubWorkspace: string | null;
  noColor: boolean;
  /** FORCE_COLOR; null when it is not set. */
  forceColor: boolean | null;
  term: string | null;
  /** The locale that text is written in: LC_ALL, else LC_CTYPE, else LANG. */
  lang: string | null;
  columns: number | null;
}

type Variables = Readonly<Record<string, string | undefined>>;

/** GLUSTERCTL_LAB_ belongs to the test lab, which starts glusterctl with it set. */
const refuseUnknown = (env: Variables): void => {
  for (const name of Object.keys(env)) {
    if (!name.startsWith('GLUSTERCTL_') || name.startsWith('GLUSTERCTL_LAB_') || OURS.includes(name)) continue;
    const near = nearest(
      name.slice(11),
      OURS.map((known) => known.slice(11)),
    );
    throw new UsageError({
      what: `the environment has ${name}, which glusterctl does not know`,
      next: near === null ? `unset it; known are ${OURS.join(', ')}` : `did you mean GLUSTERCTL_${near}?`,
    });
  }
};

const wholeNumber = (name: string, text: string | null): number | null => {
  if (text === null) return null;
  if (!/^[1-9][0-9]{0,3}$/.test(text))
    throw new UsageError({ what: `${name} is ${JSON.stringify(text)}`, next: 'give it a whole number from 1 to 9999' });
  return Number(text);
};

const yesOrNo = (name: string, text: string | null): boolean => {
  const word = text?.toLowerCase() ?? '0';
  if (['1', 'true', 'yes'].includes(word)) return true;
  if (['0', 'false', 'no'].includes(word)) return false;
  throw new UsageError({ what: `${name} is ${JSON.stringify(text)}`, next: 'give it 1 or 0' });
};

const userName = (): string => {
  try {
    return userInfo().username;
  } catch {
    // A container may run under an id that has no entry in passwd.
    return String(process.getuid?.() ?? 'unknown');
  }
};

/** The one place, besides cli.ts and ui/, that reads the environment. Throws UsageError on a GLUSTERCTL_ variable that is unknown or wrong. */
export const readEnv = (env: Variables = process.env): Env => {
  refuseUnknown(env);
  const text = (name: string): string | null => env[name] || null;
  const secret = (name: string): Secret | null => (env[name] ? new Secret(env[name]) : null);
  const columns = text('COLUMNS');
  return {
    config: text('GLUSTERCTL_CONFIG'),
    limit:
      text('GLUSTERCTL_LIMIT')
        ?.split(',')
        .map((name) => name.trim())
        .filter(Boolean) ?? null,
    concurrency: wholeNumber('GLUSTERCTL_CONCURRENCY', text('GLUSTERCTL_CONCURRENCY')),
    noInput: yesOrNo('GLUSTERCTL_NO_INPUT', text('GLUSTERCTL_NO_INPUT')),
    home: homeOf(env),
    stateDir: text('GLUSTERCTL_STATE_DIR') ?? stateDirOf(env),
    cacheDir: cacheDirOf(env),
    agentSocket: text('SSH_AUTH_SOCK'),
    sshPassword: secret('GLUSTERCTL_SSH_PASSWORD'),
    sudoPassword: secret('GLUSTERCTL_SUDO_PASSWORD'),
    passphrase: secret('GLUSTERCTL_SSH_PASSPHRASE'),
    heketiKey: secret('GLUSTERCTL_HEKETI_KEY'),
    user: text('SUDO_USER') ?? text('USER') ?? text('LOGNAME') ?? userName(),
    ci: text('CI') !== null && env.CI !== 'false' && env.CI !== '0',
    githubActions: env.GITHUB_ACTIONS === 'true',
    githubStepSummary: text('GITHUB_STEP_SUMMARY'),
    githubWorkspace: text('GITHUB_WORKSPACE'),
    noColor: text('NO_COLOR') !== null,
    forceColor: env.FORCE_COLOR === undefined ? null : env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false',
    term: text('TERM'),
    lang: text('LC_ALL') ?? text('LC_CTYPE') ?? text('LANG'),
    columns: columns !== null && /^[1-9][0-9]{0,4}$/.test(columns) ? Number(columns) : null,
  };
};

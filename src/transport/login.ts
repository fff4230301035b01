import type { AnyAuthMethod, AuthenticationType, NextAuthHandler, ParsedKey } from 'ssh2';
import { ConnectError, type GlusterctlError, Refused } from '../errors.ts';
import type { Identity } from './identities.ts';
import type { Shared } from './shared.ts';
import type { Ssh2 } from './ssh2.ts';
import { placeOf, type Target } from './target.ts';

export interface Login {
  handler(left: AuthenticationType[] | null, partial: boolean | null, next: NextAuthHandler): void;
  /** Why no login was possible; asked for after the server has refused all. */
  failure(why?: string): GlusterctlError;
  /** Set as soon as there is no sense in going on. */
  fatal(): GlusterctlError | null;
  /** The password that was sent last, to be used again when it was right. */
  password(): string | null;
}

export interface LoginHooks {
  /** While a question is open, no time limit runs. */
  pause<T>(question: () => Promise<T>): Promise<T>;
  /** There is no sense in going on. */
  stop(): void;
}

/** An agent to ssh2: it offers all keys in order, and signs only with the one that the server takes. */
const keyring = (ssh2: Ssh2, keys: readonly Identity[], tried: string[], hooks: LoginHooks, failed: (error: Error) => void) => {
  class Keyring extends ssh2.BaseAgent<ParsedKey> {
    override getIdentities(cb: (error?: Error | null, keys?: ParsedKey[]) => void): void {
      tried.push(...keys.map((k) => k.name));
      cb(
        null,
        keys.map((k) => k.publicKey),
      );
    }
    override sign(key: ParsedKey, data: Buffer, ...rest: unknown[]): void {
      const cb = rest.at(-1) as (error?: Error | null, signature?: Buffer) => void;
      const { hash } = (rest.length > 1 ? rest[0] : {}) as { hash?: string };
      const identity = keys.find((k) => k.publicKey === key || k.publicKey.getPublicSSH().equals(key.getPublicSSH()));
      const sign = async (): Promise<Buffer> => {
        if (identity === undefined) throw new Error('a key that was not offered');
        if (hash === 'sha1') throw new Error(`the server takes RSA signatures with SHA-1 only, and none is given; use an ed25519 key`);
        return hooks.pause(() => identity.sign(data, hash));
      };
      sign().then(
        (signature) => cb(null, signature),
        (error: Error) => {
          failed(error);
          cb(error);
        },
      );
    }
  }
  return new Keyring();
};

const TRIES = 3;

/** Keys first, all of them; then, if the server takes one and somebody knows it, a password. */
export const login = (
  target: Target,
  node: string,
  keys: readonly Identity[],
  known: string | null,
  ssh2: Ssh2,
  shared: Shared,
  hooks: LoginHooks,
): Login => {
  const { ask, options } = shared;
  const tried: string[] = [];
  const remarks: string[] = [];
  const given = known ?? options.env.password?.reveal() ?? null;
  let unused = given;
  let fatal: GlusterctlError | null = null;
  let methods: readonly string[] = [];
  let password: string | null = null;
  let asked = 0;

  const give = (error: GlusterctlError): void => {
    fatal = error;
    hooks.stop();
  };
  const signFailed = (error: Error): void => {
    // Another way is open with a password at hand.
    if ((error instanceof Refused || error instanceof ConnectError) && given === null) give(error);
    else remarks.push(error.message);
  };

  const secret = async (text: string): Promise<string | null> => {
    if (unused !== null) {
      const first = unused;
      unused = null;
      return first;
    }
    if (asked >= TRIES || ask === null) return null;
    asked += 1;
    const again = asked > 1 ? 'That was not right. ' : '';
    return hooks.pause(() => ask({ kind: 'password', node, text: `${again}${text}` }));
  };

  const place = placeOf(target);

  const withPassword = async (): Promise<AnyAuthMethod | false> => {
    const { user: username } = target;
    if (methods.includes('password')) {
      password = await secret(`password of ${place}`);
      if (password === null) return false;
      tried.push('password');
      return { type: 'password', username, password };
    }
    if (!methods.includes('keyboard-interactive') || (unused === null && (asked >= TRIES || ask === null))) return false;
    tried.push('keyboard-interactive');
    return {
      type: 'keyboard-interactive',
      username,
      prompt: (_name, _instructions, _lang, prompts, finish) => {
        const answer = async (): Promise<string[]> => {
          const answers: string[] = [];
          for (const { prompt } of prompts) answers.push((await secret(`${place}: ${prompt.trim()}`)) ?? '');
          password = answers[0] ?? null;
          return answers;
        };
        answer().then(finish, (error: GlusterctlError) => give(error));
      },
    };
  };

  let stage: 'keys' | 'methods' | 'password' = keys.length > 0 ? 'keys' : 'methods';
  const step = async (left: readonly string[] | null): Promise<AnyAuthMethod | false> => {
    const { user: username } = target;
    if (stage === 'keys') {
      stage = 'methods';
      return { type: 'agent', username, agent: keyring(ssh2, keys, tried, hooks, signFailed) };
    }
    if (stage === 'methods') {
      // ssh2 does not pass on what the server said to the keys, so that it is asked what else it takes.
      stage = 'password';
      return { type: 'none', username };
    }
    methods = left ?? methods;
    return withPassword();
  };

  return {
    handler: (left, _partial, next) => {
      if (fatal) return;
      step(left).then(
        (method) => next(method as AnyAuthMethod),
        (error: GlusterctlError) => give(error),
      );
    },
    failure: (why) => {
      if (fatal) return fatal;
      const takes = methods.filter((m) => m === 'password' || m === 'keyboard-interactive');
      if (tried.length === 0 && takes.length > 0 && ask === null)
        return new Refused({
          check: 'login',
          what: `${place} asks for a password, and there is no terminal to ask on`,
          why: 'there is no key to log in with',
          next: 'set GLUSTERCTL_SSH_PASSWORD, or give a key (ssh.identityFile, or an agent)',
        });
      const list = tried.length > 0 ? `tried: ${[...new Set(tried)].join(', ')}` : 'there is no key to log in with';
      const server = methods.length > 0 ? `; the server takes: ${methods.join(', ')}` : '';
      return new ConnectError({
        check: 'login',
        what: `cannot log in to ${place}`,
        why: [why, `${list}${server}`, ...remarks].filter((line) => line !== undefined).join('\n'),
        next: [
          `add one of the keys there (ssh-copy-id), or give another by ssh.identityFile`,
          ...(takes.length > 0 && given === null ? ['or set GLUSTERCTL_SSH_PASSWORD'] : []),
        ].join(', '),
      });
    },
    fatal: () => fatal,
    password: () => password,
  };
};

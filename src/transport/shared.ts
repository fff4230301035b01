import type { ParsedKey } from 'ssh2';
import { ConnectError, Refused } from '../errors.ts';
import { type HostKeys, hostKeys } from './host-keys.ts';
import { type KeyFile, readKeyFile } from './key-file.ts';
import type { ConnectOptions, Question } from './options.ts';
import type { Ssh2 } from './ssh2.ts';
import { type AskConfig, configs, ownKnownHosts } from './target.ts';

/** What all nodes that are opened with the same options have in common. */
export interface Shared {
  options: ConnectOptions;
  /** One question at a time. null: nobody can be asked. */
  ask: ((question: Question) => Promise<string>) | null;
  config: AskConfig;
  hostKeys: HostKeys;
  keyFile(ssh2: Ssh2, path: string): Promise<KeyFile | null>;
  /** The private key of an encrypted file; its passphrase is asked for once, whoever needs it. */
  unlock(file: KeyFile, node: string): Promise<ParsedKey>;
  /** The public keys that an agent holds. */
  agentKeys(ssh2: Ssh2, socket: string): Promise<ParsedKey[]>;
  /** The passphrase of a key, for the ssh program. `wrong`: the one that did not open it. null: there is no other. */
  passphrase(path: string, node: string, wrong: string | null): Promise<string | null>;
}

const inTurn = (ask: NonNullable<ConnectOptions['ask']>): NonNullable<ConnectOptions['ask']> => {
  let last: Promise<unknown> = Promise.resolve();
  return (question) => {
    const mine = last.then(() => ask(question));
    last = mine.catch(() => {});
    return mine;
  };
};

const noPassphrase = (path: string): Refused =>
  new Refused({
    what: `the key ${path} is encrypted, and there is no terminal to ask for its passphrase on`,
    next: 'set GLUSTERCTL_SSH_PASSPHRASE, or load the key into an agent (ssh-add)',
  });

const unlocker =
  (options: ConnectOptions, ask: Shared['ask']) =>
  async (file: KeyFile, node: string): Promise<ParsedKey> => {
    const given = options.env.passphrase?.reveal();
    if (given !== undefined) {
      const key = file.unlock(given);
      if (!(key instanceof Error)) return key;
      options.log?.(`GLUSTERCTL_SSH_PASSPHRASE does not open ${file.path}`);
    }
    if (ask === null) {
      if (given === undefined) throw noPassphrase(file.path);
      throw new ConnectError({
        what: `cannot open the key ${file.path}`,
        why: 'GLUSTERCTL_SSH_PASSPHRASE is not its passphrase',
        next: 'mend GLUSTERCTL_SSH_PASSPHRASE, or load the key into an agent (ssh-add)',
      });
    }
    for (let tries = 0; tries < 3; tries++) {
      const text = `${tries > 0 ? 'That was not right. ' : ''}passphrase of ${file.path}`;
      const key = file.unlock(await ask({ kind: 'passphrase', node, text }));
      if (!(key instanceof Error)) return key;
    }
    throw new ConnectError({
      what: `cannot open the key ${file.path}`,
      why: 'three wrong passphrases',
      next: 'run again with the right one',
    });
  };

/** Keeps what worked; what failed is tried again by the next one who wants it. */
const memo = <A extends [unknown, ...unknown[]], T>(keyOf: (...args: A) => unknown, make: (...args: A) => Promise<T>) => {
  const kept = new Map<unknown, Promise<T>>();
  return (...args: A): Promise<T> => {
    const key = keyOf(...args);
    const known = kept.get(key) ?? make(...args);
    kept.set(key, known);
    known.catch(() => kept.delete(key));
    return known;
  };
};

const passphrases = (options: ConnectOptions, ask: Shared['ask']): Shared['passphrase'] => {
  const kept = new Map<string, Promise<string | null>>();
  return async (path, node, wrong) => {
    const known = kept.get(path);
    if (known && (wrong === null || (await known) !== wrong)) return known;
    // While this one waited, another may have asked anew.
    const newer = kept.get(path);
    if (newer && newer !== known) return newer;
    const given = options.env.passphrase?.reveal() ?? null;
    const find = async (): Promise<string | null> => {
      if (given !== null && wrong === null) return given;
      return ask === null
        ? null
        : ask({ kind: 'passphrase', node, text: `${wrong === null ? '' : 'That was not right. '}passphrase of ${path}` });
    };
    const found = find();
    kept.set(path, found);
    return found;
  };
};

const listKeys = (ssh2: Ssh2, socket: string): Promise<ParsedKey[]> =>
  new Promise((resolve, reject) => {
    new ssh2.OpenSSHAgent(socket).getIdentities((error, keys) => {
      if (error) return reject(error);
      // Kinds of keys that ssh2 does not know (sk-...) come as something else.
      resolve((keys ?? []).filter((key): key is ParsedKey => 'getPublicSSH' in key));
    });
  });

const all = new WeakMap<ConnectOptions, Shared>();

export const sharedBy = (options: ConnectOptions): Shared => {
  const known = all.get(options);
  if (known) return known;
  const ask = options.ask === null ? null : inTurn(options.ask);
  const shared: Shared = {
    options,
    ask,
    config: configs(options),
    hostKeys: hostKeys(ownKnownHosts(options.stateDir), options),
    keyFile: memo((_ssh2, path) => path, readKeyFile),
    unlock: memo((file) => file.path, unlocker(options, ask)),
    agentKeys: memo((_ssh2, socket) => socket, listKeys),
    passphrase: passphrases(options, ask),
  };
  all.set(options, shared);
  return shared;
};

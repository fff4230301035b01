import type { ParsedKey } from 'ssh2';
import { ConnectError } from '../errors.ts';
import { fingerprint } from './known-hosts.ts';
import type { Shared } from './shared.ts';
import type { Ssh2 } from './ssh2.ts';
import type { Target } from './target.ts';

/** A key to log in with. `sign` may have to ask for a passphrase: it is called only when the server takes the key. */
export interface Identity {
  name: string;
  publicKey: ParsedKey;
  sign(data: Buffer, hash: string | undefined): Promise<Buffer>;
}

const describe = (key: ParsedKey, where: string): string =>
  `${where} (${key.type.replace(/^ssh-/, '')} ${fingerprint(key.getPublicSSH())})`;

const withKey = (key: ParsedKey, data: Buffer, hash: string | undefined): Buffer => {
  const signature = key.sign(data, hash);
  if (signature instanceof Error) throw signature;
  return signature;
};

const ofFile = async (path: string, required: boolean, node: string, ssh2: Ssh2, shared: Shared): Promise<Identity | null> => {
  let file: Awaited<ReturnType<Shared['keyFile']>>;
  try {
    file = await shared.keyFile(ssh2, path);
    if (file === null && required) throw new Error('there is no such file');
  } catch (error) {
    const why = (error as Error).message;
    if (required) throw new ConnectError({ what: `cannot use the key ${path}`, why, next: 'mend ssh.identityFile in cluster.yaml' });
    shared.options.log?.(`the key ${path} is passed over: ${why}`);
    return null;
  }
  if (file === null) return null;
  const found = file;
  const open = async (): Promise<ParsedKey> => found.privateKey ?? shared.unlock(found, node);
  // Only an old encrypted format hides even its public half.
  const publicKey = file.publicKey ?? (await open());
  if (!file.encrypted && file.privateKey === null)
    return {
      name: describe(publicKey, path),
      publicKey,
      sign: () => Promise.reject(new Error(`${path} is a public key, and no agent holds its private half`)),
    };
  return { name: describe(publicKey, path), publicKey, sign: async (data, hash) => withKey(await open(), data, hash) };
};

const ofAgent = (key: ParsedKey, socket: string, ssh2: Ssh2): Identity => ({
  name: describe(key, `agent: ${key.comment || 'no comment'}`),
  publicKey: key,
  sign: (data, hash) =>
    new Promise((resolve, reject) => {
      const options = hash === undefined ? {} : { hash: hash as 'sha256' };
      new ssh2.OpenSSHAgent(socket).sign(key, data, options, (error, signature) => {
        if (error || !signature) return reject(error ?? new Error('the agent gave no signature'));
        resolve(signature);
      });
    }),
});

/**
 * The keys to offer, in ssh's order: those that are named and that an agent holds, then the agent's others, then the
 * files. A named key that the agent holds is signed by the agent, so that no passphrase is asked for.
 */
export const identities = async (target: Target, node: string, ssh2: Ssh2, shared: Shared): Promise<Identity[]> => {
  const { explicit, files, only, agent } = target.identity;
  let held: Identity[] = [];
  if (agent !== null) {
    try {
      held = (await shared.agentKeys(ssh2, agent)).map((key) => ofAgent(key, agent, ssh2));
    } catch (error) {
      shared.options.log?.(`the agent at ${agent} is passed over: ${(error as Error).message}`);
    }
  }
  const paths = explicit === null ? files : only ? [explicit] : [explicit, ...files];
  const named: Identity[] = [];
  for (const path of paths) {
    const identity = await ofFile(path, path === explicit, node, ssh2, shared);
    if (identity) named.push(identity);
  }
  const same = (a: Identity) => (b: Identity) => a.publicKey.getPublicSSH().equals(b.publicKey.getPublicSSH());
  const byAgent = named.flatMap((n) => held.find(same(n)) ?? []);
  const others = only ? [] : held.filter((h) => !byAgent.includes(h));
  const fromFiles = named.filter((n) => !held.some(same(n)));
  const first = explicit === null ? [] : fromFiles.splice(0, fromFiles.findIndex((n) => n.name.startsWith(`${explicit} (`)) + 1);
  return [...first, ...byAgent, ...others, ...fromFiles];
};

import { hostname, userInfo } from 'node:os';
import { findCluster } from '../config/find.ts';
import { signingKeys } from '../config/keys.ts';
import { GlusterctlError, UsageError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Receiver } from '../model/host.ts';
import { nearest } from '../nearest.ts';
import { openHost, type Question } from '../transport/index.ts';
import { askSecret } from '../ui/ask.ts';
import type { Invocation } from './invocation.ts';

/** A checked cluster file, and a host for each node that is looked at. */
export interface Session {
  cluster: Cluster;
  /** The file's own text, kept with a run. */
  clusterText: string;
  hosts: ReadonlyMap<string, Receiver>;
  /**
   * One of them again, over a connection of its own; what was asked for the first one is not asked again. `user`: who logs in
   * where it is not who the file names.
   */
  afresh(node: string, user?: string): Receiver;
  /** Begins to log in to all of them, while the verb loads the rest of itself; unless they are more than work side by side. */
  connect(): void;
  /** Who does it, as a lock and a journal name them. */
  who: string;
  close(): Promise<void>;
}

/** The names that --limit or a verb's arguments may hold. */
const chosen = (cluster: Cluster, names: readonly string[] | null): string[] => {
  const known = cluster.nodes.map((node) => node.name);
  if (names === null || names.length === 0) return known;
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw new UsageError({
      what: `there is no node ${JSON.stringify(name)} in ${cluster.file}`,
      next: near ? `did you mean ${near}?` : `the nodes are: ${known.join(', ')}`,
    });
  }
  return known.filter((name) => names.includes(name));
};

type Opened = Pick<Session, 'hosts' | 'afresh'>;

/** What a question is about; the same question may be asked in other words when an answer was wrong. */
const about = ({ kind, node, text }: Question): string =>
  kind === 'passphrase' ? text.slice(text.indexOf('passphrase of ')) : `${kind} ${node}`;

/** Opens hosts for nodes of a cluster that was loaded by whatever way. They connect when they are first used. */
export const openNodes = (invocation: Invocation, cluster: Pick<Cluster, 'name' | 'nodes'>, names: readonly string[]): Opened => {
  const { env, output } = invocation;
  const given = new Map<string, string>();
  const ask = async (question: Question): Promise<string> => {
    const answer = await askSecret(question.text);
    given.set(about(question), answer);
    return answer;
  };
  /** Answers each question once with what was said before; whoever asks again did not like that. */
  const remembering = (): typeof ask => {
    const left = new Map(given);
    return async (question) => {
      const answer = left.get(about(question));
      left.delete(about(question));
      return answer ?? ask(question);
    };
  };
  const options = (asking: typeof ask) => ({
    cluster: cluster.name,
    stateDir: env.stateDir,
    home: env.home,
    agentSocket: env.agentSocket,
    env: { password: env.sshPassword, sudoPassword: env.sudoPassword, passphrase: env.passphrase },
    ask: output.interactive ? asking : null,
    ...(output.verbose && { log: (line: string) => output.err(line) }),
  });
  const shared = options(ask);
  const nodes = new Map(cluster.nodes.filter((node) => names.includes(node.name)).map((node) => [node.name, node]));
  return {
    hosts: new Map([...nodes].map(([name, node]) => [name, openHost(node, shared)])),
    afresh(name, user) {
      const node = nodes.get(name);
      if (!node) throw new Error(`no host for ${name}`);
      return openHost(user === undefined ? node : { ...node, ssh: { ...node.ssh, user } }, options(remembering()));
    },
  };
};

export const openHosts = (...all: Parameters<typeof openNodes>): Opened['hosts'] => openNodes(...all).hosts;

export const who = (): string => `${userInfo().username}@${hostname()} (process ${process.pid})`;

/** What a verb makes of the file's cluster. */
export type Shape = (cluster: Cluster) => Cluster;

/** Seconds for a node that is replaced to take a login. */
const SIGN_OF_LIFE = 10;

/** A node that is replaced may be dead: it is left out then, and nothing is asked about it. */
const withoutDead = async ({ replacing }: Cluster, opened: Opened): Promise<Opened> => {
  const host = replacing && replacing.old !== replacing.by ? opened.hosts.get(replacing.old) : undefined;
  if (!host) return opened;
  try {
    await host.run('true', { timeout: SIGN_OF_LIFE * 1000 });
    return opened;
  } catch (error) {
    if (!(error instanceof GlusterctlError)) throw error;
    await host.close();
    return { ...opened, hosts: new Map([...opened.hosts].filter(([name]) => name !== host.name)) };
  }
};

/** `names` are a verb's own node arguments; --limit holds for all verbs. */
export const openSession = async (invocation: Invocation, names: readonly string[] = [], shape: Shape = (c) => c): Promise<Session> => {
  const inFile = await findCluster(invocation.config, invocation.env);
  const found = { ...inFile, cluster: shape(inFile.cluster) };
  const limited = chosen(found.cluster, invocation.limit);
  const wanted = chosen(found.cluster, names).filter((name) => limited.includes(name));
  const cluster = { ...found.cluster, signingKeys: await signingKeys(found.cluster, invocation.env) };
  const { hosts, afresh } = await withoutDead(cluster, openNodes(invocation, cluster, wanted));
  const close = async (): Promise<void> => {
    await Promise.all([...hosts.values()].map((host) => host.close()));
  };
  const connect = (): void => {
    if (hosts.size <= invocation.concurrency) for (const host of hosts.values()) host.connect();
  };
  return { cluster, clusterText: found.text, hosts, afresh, connect, who: who(), close };
};

/** Opens, uses, closes; whatever happens in between. */
export const withSession = async <T>(
  invocation: Invocation,
  names: readonly string[],
  use: (session: Session) => Promise<T>,
  shape?: Shape,
): Promise<T> => {
  const session = await openSession(invocation, names, shape);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
};

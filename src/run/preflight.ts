import pLimit from 'p-limit';
import { type NodeSeen, type Seen, told, Unread } from '../checks/check.ts';
import { type CheckFacts, checkFacts } from '../checks/facts.ts';
import { GlusterctlError, Refused, type Report } from '../errors.ts';
import type { Target } from '../facts/ports.ts';
import type { Repository } from '../facts/repositories.ts';
import { TIMED_OUT } from '../facts/script.ts';
import { seen as readFacts } from '../facts/system.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Fact, FactOutput } from '../model/fact.ts';
import type { Host } from '../model/host.ts';
import { type Job, questionsOf } from '../plan/jobs.ts';
import { makePlan } from '../plan/plan.ts';
import { FIRST_BRICK_PORT, LAST_BRICK_PORT } from '../steps/firewall/wish.ts';
import { faultsOfPool } from '../steps/peers/judge.ts';
import { coordinatorOf, type PeerFacts } from '../steps/peers/view.ts';
import { peers } from '../steps/peers.ts';
import { askAll } from './ask.ts';
import { readClocks } from './clocks.ts';
import { type Door, tryPaths } from './matrix.ts';

type Answers = ReadonlyMap<string, ReadonlyMap<string, FactOutput>>;

/** Every node by itself: one that refuses the login must not hide the others. */
const askEach = async (
  hosts: ReadonlyMap<string, Host>,
  questions: ReadonlyMap<string, readonly Fact<unknown>[]>,
  concurrency: number,
): Promise<{ answers: Answers; lost: Report[] }> => {
  const limit = pLimit(concurrency);
  const answers = new Map<string, ReadonlyMap<string, FactOutput>>();
  const lost: Report[] = [];
  const one = async (node: string, facts: readonly Fact<unknown>[]): Promise<void> => {
    try {
      const asked = await askAll(hosts, new Map([[node, facts]]), 1, { partial: true });
      for (const [name, given] of asked.answers) answers.set(name, given);
      for (const error of asked.failures.values()) lost.push({ ...error.report, node });
    } catch (error) {
      if (!(error instanceof GlusterctlError)) throw error;
      lost.push(...(error instanceof Refused ? error.reasons : [error.report]).map((report) => ({ ...report, node })));
    }
  };
  await Promise.all([...questions].map(([node, facts]) => limit(() => one(node, facts))));
  return { answers, lost };
};

/** Facts of which one that was not answered throws when it is read, so that a check that needs it is left out. */
const lazily = (cluster: Cluster, given: ReadonlyMap<string, FactOutput>): { is: CheckFacts; unread: { fact: string; why: string }[] } => {
  const facts = checkFacts(cluster);
  const read = readFacts(facts, (fact) => given.get(fact.id));
  const unread: { fact: string; why: string }[] = [];
  const is = {};
  for (const [key, fact] of Object.entries(read)) {
    if (!fact.ok) unread.push({ fact: key, why: fact.why });
    Object.defineProperty(is, key, {
      enumerable: true,
      get: () => {
        if (!fact.ok) throw new Unread(key);
        return fact.value;
      },
    });
  }
  return { is: is as CheckFacts, unread };
};

const isWhole = ({ step, nodes, want }: Job, answers: Answers): boolean => {
  const facts: Fact<unknown>[] = Object.values(step.facts(want));
  return nodes.every((node) =>
    facts.every((fact) => {
      const out = answers.get(node)?.get(fact.id);
      return out !== undefined && !(out.code === TIMED_OUT && out.stdout === '');
    }),
  );
};

/** Step by step, so that each reason is known by its step. */
const planAll = (cluster: Cluster, jobs: readonly Job[], answers: Answers): Pick<Seen, 'reasons' | 'planned'> => {
  const reasons: (Report & { step: string })[] = [];
  const planned = new Set<string>();
  for (const step of new Set(jobs.map((job) => job.step))) {
    const own = jobs.filter((job) => job.step === step && isWhole(job, answers));
    const made = makePlan(cluster.name, own, answers, [], () => '');
    reasons.push(...made.reasons.map((reason) => ({ ...reason, step: step.id })));
    for (const change of made.plan.changes) planned.add(`${change.step}@${change.node}`);
  }
  return { reasons, planned };
};

/** What can be said of a pool of which some nodes did not answer: they might be the peers that look foreign. */
const SURE = new Set(['glusterd2', 'uuid-clone', 'peer-rejected']);

const judgePart = (jobs: readonly Job[], answers: Answers, seen: readonly NodeSeen[]): Seen['reasons'] => {
  if (jobs.every((job) => job.step.id !== peers.id || isWhole(job, answers))) return [];
  const servers = told(
    seen.filter(({ node }) => node.roles.includes('server')),
    ({ glusterd }): PeerFacts => ({ disk: glusterd, pool: { ok: true, value: { peers: [] } }, names: new Map() }),
  );
  const names = servers.map(({ node }) => node.name);
  if (names.length === 0) return [];
  const views = Object.fromEntries(servers.map(({ node, value }) => [node.name, value]));
  return faultsOfPool(names, 'manage', views, coordinatorOf(names, views))
    .filter(({ check }) => check !== undefined && SURE.has(check))
    .map((fault) => ({ ...fault, step: peers.id }));
};

/** Where the node fetches packages from, as far as its addresses can be read without filling in variables. */
const serversOf = (repositories: readonly Repository[]): Target[] => {
  const all = repositories
    .filter(({ enabled }) => enabled)
    .flatMap(({ uris }) => uris)
    .filter((uri) => /^https?:\/\/[^/$]+(\/|$)/.test(uri) && URL.canParse(uri))
    .map((uri) => new URL(uri))
    .map(({ hostname, port, protocol }) => ({ host: hostname, port: Number(port) || (protocol === 'https:' ? 443 : 80) }));
  return [...new Map(all.map((target) => [`${target.host}:${target.port}`, target])).values()];
};

const ifRead = <T>(read: () => T, otherwise: T): T => {
  try {
    return read();
  } catch (error) {
    if (error instanceof Unread) return otherwise;
    throw error;
  }
};

/** The lowest and the highest port of bricks on which nothing listens: older rules often open only the first ones. */
const freePorts = (listening: ReadonlySet<number>, last: number): number[] => {
  const free = (from: number, step: 1 | -1): number => {
    let port = from;
    while (listening.has(port)) port += step;
    return port;
  };
  return [...new Set([free(FIRST_BRICK_PORT, 1), free(last, -1)])].filter((port) => port >= FIRST_BRICK_PORT && port <= last);
};

const doorsOf = ({ gluster }: Cluster, nodes: readonly NodeSeen[]): Door[] =>
  nodes
    .filter(({ node }) => node.roles.includes('server'))
    .map(({ node, is }) => {
      const listening = ifRead(() => is.listening, new Set<number>());
      return {
        name: node.name,
        address: node.storage,
        glusterd: listening.has(24007),
        brickPorts: freePorts(listening, gluster.maxPort ?? LAST_BRICK_PORT),
      };
    });

const INSTALLS = /^(apt|dnf|storage)-(packages|repository)$/;

/** Looks at all nodes, their clocks and the connections between them. Nothing is installed or written anywhere. */
export const preflight = async (
  cluster: Cluster,
  jobs: readonly Job[],
  hosts: ReadonlyMap<string, Host>,
  concurrency: number,
): Promise<Seen> => {
  const asked = questionsOf(jobs);
  const own: Fact<unknown>[] = Object.values(checkFacts(cluster));
  const questions = new Map([...hosts.keys()].map((node) => [node, [...own, ...(asked.get(node) ?? [])]]));
  const { answers, lost } = await askEach(hosts, questions, concurrency);
  const reached = new Map([...hosts].filter(([name]) => answers.has(name)));

  const unread: Seen['unread'][number][] = [];
  const nodes = cluster.nodes.flatMap((node): NodeSeen[] => {
    const given = answers.get(node.name);
    if (given === undefined) return [];
    const read = lazily(cluster, given);
    unread.push(...read.unread.map((one) => ({ node: node.name, ...one })));
    return [{ node, is: read.is }];
  });
  const { reasons, planned } = planAll(cluster, jobs, answers);
  const more = judgePart(jobs, answers, nodes);
  const installs = (name: string) => [...planned].some((one) => one.endsWith(`@${name}`) && INSTALLS.test(one.slice(0, one.indexOf('@'))));
  const servers = new Map(
    nodes
      .filter(({ node, is }) => installs(node.name) && ifRead(() => !is.packages.proxy, false))
      .map(({ node, is }) => [node.name, ifRead(() => serversOf(is.repositories), [])]),
  );
  const clocks = await readClocks(reached, concurrency);
  const paths = await tryPaths(reached, doorsOf(cluster, nodes), servers, concurrency);
  return { cluster, nodes, lost, reasons: [...reasons, ...more], planned, unread, clocks, paths };
};

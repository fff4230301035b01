import { EXIT } from '../errors.ts';
import { pool, volumes } from '../facts/gluster.ts';
import { healSeen, statusSeen } from '../facts/health.ts';
import type { Answer } from '../gluster/answer.ts';
import { health, type Seen } from '../gluster/health.ts';
import { problem } from '../gluster/problem.ts';
import type { Fact, FactOutput } from '../model/fact.ts';
import { askAll } from '../run/ask.ts';
import { unreachable } from '../run/look.ts';
import { paint } from '../ui/paint.ts';
import { statusText } from '../ui/status-text.ts';
import type { Invocation } from './invocation.ts';
import { type Session, withSession } from './session.ts';

/** What gluster says where its daemon does not run. */
const NOBODY: Answer<never> = { ok: false, problem: problem('Connection failed. Please check if gluster daemon is operational.') };

/** All servers say what pool they see; one whose glusterd answers speaks for the volumes, since that takes locks. */
const see = async (invocation: Invocation, { cluster, hosts }: Session): Promise<Seen> => {
  const servers = cluster.nodes.filter((n) => n.roles.includes('server') && hosts.has(n.name)).map((n) => n.name);
  const ask = (nodes: readonly string[], facts: readonly Fact<unknown>[]) =>
    askAll(hosts, new Map(nodes.map((n) => [n, facts])), invocation.concurrency, { partial: true });
  const first = await ask(servers, [pool]);
  if (first.failures.size === servers.length) throw unreachable(first.failures);
  const pools = new Map([...first.answers].map(([node, out]) => [node, pool.parse(out.get(pool.id) as FactOutput)]));
  const lost = new Map([...first.failures].map(([node, error]) => [node, error.report.why ?? error.report.what]));
  const speaks = (node: string): boolean => {
    const seen = pools.get(node);
    return seen?.ok === true && seen.value.peers.length > 0;
  };
  const teller = servers.find(speaks);
  if (teller === undefined) return { pools, unreachable: lost, volumes: NOBODY, status: new Map(), heal: new Map() };
  const facts = [volumes, statusSeen, healSeen] as const;
  const told = (await ask([teller], facts)).answers.get(teller);
  const read = <T>(fact: Fact<T>): T => fact.parse(told?.get(fact.id) ?? { stdout: '', code: 1 });
  return { pools, unreachable: lost, volumes: read(volumes), status: read(statusSeen), heal: read(healSeen) };
};

export const run = (invocation: Invocation): Promise<number> =>
  withSession(invocation, [], async (session) => {
    const found = health(session.cluster, await see(invocation, session));
    const { output } = invocation;
    if (invocation.json) output.out(JSON.stringify({ v: 1, cluster: session.cluster.name, ...found }, null, 2));
    else output.out(statusText(session.cluster.name, found, paint(output.colorOut)));
    return found.healthy ? EXIT.ok : EXIT.unhealthy;
  });

import { keepSigningKey } from '../config/key.ts';
import { ConnectError, Refused } from '../errors.ts';
import type { InitAnswers } from '../init/answers.ts';
import { type HostWish, hostWord, isIp } from '../init/hosts.ts';
import { type Live, liveDraft, liveVolumes, type Member } from '../init/live.ts';
import { type LiveNode, leadTo, liveFacts, placesOf } from '../init/live-facts.ts';
import { fileText } from '../init/write.ts';
import type { Answers, FactOutput, FactSet } from '../model/fact.ts';
import type { Host } from '../model/host.ts';
import { askAll } from '../run/ask.ts';
import { unreachable } from '../run/look.ts';
import { nodeFor } from './init-look.ts';
import type { Invocation } from './invocation.ts';
import { openHosts } from './session.ts';

const parse = <F extends FactSet>(facts: F, answers: ReadonlyMap<string, FactOutput>): Answers<F> =>
  Object.fromEntries(
    Object.entries(facts).map(([key, fact]) => [key, fact.parse(answers.get(fact.id) ?? { stdout: '', code: 127 })]),
  ) as Answers<F>;

/** Opens hosts as the file that is being made would, uses them, closes them. */
const withHosts = async <T>(
  invocation: Invocation,
  answers: InitAnswers,
  wishes: readonly HostWish[],
  use: (hosts: ReadonlyMap<string, Host>) => Promise<T>,
): Promise<T> => {
  const nodes = wishes.map((host) => ({ ...nodeFor(host, { answers }), name: hostWord(host) }));
  const hosts = openHosts(
    invocation,
    { name: answers.name ?? 'init', nodes },
    nodes.map(({ name }) => name),
  );
  try {
    return await use(hosts);
  } finally {
    await Promise.all([...hosts.values()].map((host) => host.close()));
  }
};

const ask = async <F extends FactSet>(
  invocation: Invocation,
  hosts: ReadonlyMap<string, Host>,
  questions: ReadonlyMap<string, F>,
): Promise<Map<string, Answers<F>>> => {
  const { answers, failures } = await askAll(
    hosts,
    new Map([...questions].map(([name, facts]) => [name, Object.values(facts)])),
    invocation.concurrency,
  );
  if (failures.size > 0) throw unreachable(failures);
  return new Map([...questions].map(([name, facts]) => [name, parse(facts, answers.get(name) ?? new Map())]));
};

const lookAll = async (invocation: Invocation, answers: InitAnswers, wishes: readonly HostWish[]): Promise<Member[]> =>
  withHosts(invocation, answers, wishes, async (hosts) => {
    const seen = await ask(invocation, hosts, new Map(wishes.map((host) => [hostWord(host), liveFacts()])));
    return wishes.map((host) => ({ host, is: seen.get(hostWord(host)) as LiveNode }));
  });

/** Members that no flag named, at the address that a known member has for them. */
const others = async (invocation: Invocation, answers: InitAnswers, members: readonly Member[]): Promise<HostWish[]> => {
  const [teller] = members;
  if (!teller) return [];
  const looked = new Set(members.map(({ is }) => is.uuid));
  const missing = teller.is.pool.ok ? teller.is.pool.value.peers.filter(({ uuid, self }) => !self && !looked.has(uuid)) : [];
  if (missing.length === 0) return [];
  const all = missing.flatMap(({ hostnames }) => hostnames).filter((name) => !isIp(name));
  const { names } = await withHosts(invocation, answers, [teller.host], async (hosts) => {
    const answered = await ask(invocation, hosts, new Map([[hostWord(teller.host), leadTo(all)]]));
    return answered.get(hostWord(teller.host)) as Answers<ReturnType<typeof leadTo>>;
  });
  return missing.map(({ hostnames, hostname }) => {
    const name = hostnames.find((one) => !isIp(one)) ?? null;
    const address = hostnames.find(isIp) ?? names.get(name ?? '')?.find((one) => !/^(127\.|::1$)/.test(one)) ?? hostname;
    return { name, address, user: teller.host.user, port: teller.host.port };
  });
};

/** Names of volumes that have a brick on the root filesystem. */
const volumesOnRoot = async (invocation: Invocation, answers: InitAnswers, members: readonly Member[]): Promise<Set<string>> => {
  const volumes = liveVolumes(members);
  const pathsOf = ({ is }: Member) => volumes.flatMap(({ bricks }) => bricks.filter((b) => b.hostUuid === is.uuid).map(({ path }) => path));
  const carrying = members.filter((member) => pathsOf(member).length > 0);
  return withHosts(
    invocation,
    answers,
    carrying.map(({ host }) => host),
    async (hosts) => {
      const places = await ask(invocation, hosts, new Map(carrying.map((member) => [hostWord(member.host), placesOf(pathsOf(member))])));
      const onRoot = (uuid: string, path: string): boolean => {
        const member = carrying.find(({ is }) => is.uuid === uuid);
        return member !== undefined && places.get(hostWord(member.host))?.[path]?.onRoot === true;
      };
      return new Set(volumes.filter(({ bricks }) => bricks.some((b) => onRoot(b.hostUuid, b.path))).map(({ name }) => name));
    },
  );
};

/** The pool that these nodes are in, as a cluster file. */
export const readLive = async (invocation: Invocation, answers: InitAnswers): Promise<{ text: string }> => {
  const { hosts } = answers;
  if (hosts === undefined)
    throw new Refused({ what: 'which pool is meant? Nobody said a node of it', next: 'give --node NAME=ADDRESS, one is enough' });
  const named = await lookAll(invocation, answers, hosts);
  const strangers = named.filter(({ is }) => is.uuid === null || !is.pool.ok);
  if (strangers.length > 0) {
    throw new Refused(
      strangers.map(({ host, is }) => ({
        node: host.name ?? host.address,
        what: 'is in no pool',
        why: is.pool.ok ? 'glusterd was never used there' : is.pool.problem.cause,
        next: is.pool.ok ? 'name a member of the pool' : is.pool.problem.remedy,
      })),
    );
  }
  const found = await others(invocation, answers, named);
  let rest: Member[];
  try {
    rest = await lookAll(invocation, answers, found);
  } catch (error) {
    if (!(error instanceof ConnectError)) throw error;
    throw new ConnectError({
      ...error.report,
      next: `${error.report.next ?? ''}\nor say where it is: --node NAME=ADDRESS for each member`.trim(),
    });
  }
  const members = [...named, ...rest];
  const key = members.map(({ is }) => is.key.text).find((text) => text !== null);
  const fingerprint = key == null ? null : await keepSigningKey(Buffer.from(key), invocation.env.stateDir);
  const live: Live = liveDraft(members, answers, { onRoot: await volumesOnRoot(invocation, answers, members), fingerprint });
  for (const remark of live.remarks) invocation.output.err(`note: ${remark}`);
  return { text: fileText(live.draft) };
};

import { randomBytes } from 'node:crypto';
import pLimit from 'p-limit';
import { ConnectError, Refused } from '../errors.ts';
import { batched } from '../facts/batch.ts';
import { FACT_SECONDS, factAnswers, factScript } from '../facts/script.ts';
import type { Fact, FactOutput } from '../model/fact.ts';
import type { Host } from '../model/host.ts';

export interface Asked {
  answers: Map<string, ReadonlyMap<string, FactOutput>>;
  /** Nodes that could not be asked, and why. */
  failures: Map<string, ConnectError>;
}

export interface AskOptions {
  signal?: AbortSignal | undefined;
  /** Takes what came back when single questions hang: good for a report, never for a plan. */
  partial?: boolean;
  /** Hangs up on each node as soon as it has answered: hundreds of open connections are what costs memory. */
  hangUp?: boolean;
  /** After which one question is given up; for what may take long on a node that is well. */
  seconds?: number | undefined;
}

const ask = async (
  host: Host,
  facts: readonly Fact<unknown>[],
  { signal, partial = false, seconds = FACT_SECONDS }: AskOptions,
): Promise<ReadonlyMap<string, FactOutput>> => {
  const nonce = randomBytes(12).toString('hex');
  const { questions, spread } = batched(facts);
  const { stdout, stderr, code } = await host.run(factScript(questions, nonce, seconds), {
    signal,
    timeout: Math.max(180_000, seconds * 3000),
  });
  try {
    return spread(factAnswers(questions, stdout, nonce, { node: host.name, partial, seconds }));
  } catch (error) {
    const said = stderr.trim().split('\n').slice(-3).join('\n');
    if (!(error instanceof ConnectError) || said === '') throw error;
    throw new ConnectError({ ...error.report, why: `${error.report.why} (exit ${code})\n${said}` }, { cause: error });
  }
};

/**
 * Puts each node's questions to it in one exec, `concurrency` nodes at a time. Nothing is written on any node. Throws
 * Refused, for all nodes at once, where an answer is missing that nobody can give here.
 */
export const askAll = async (
  hosts: ReadonlyMap<string, Host>,
  questions: ReadonlyMap<string, readonly Fact<unknown>[]>,
  concurrency: number,
  options: AskOptions = {},
): Promise<Asked> => {
  const limit = pLimit(concurrency);
  const answers: Asked['answers'] = new Map();
  const failures: Asked['failures'] = new Map();
  const refusals: Refused[] = [];
  const one = async (node: string, facts: readonly Fact<unknown>[]): Promise<void> => {
    const host = hosts.get(node);
    if (!host) throw new Error(`no host for ${node}`);
    try {
      answers.set(node, await ask(host, facts, options));
      // Whoever opened it waits for its end.
      if (options.hangUp) void host.close().catch(() => {});
    } catch (error) {
      if (error instanceof Refused) refusals.push(error);
      else if (error instanceof ConnectError) failures.set(node, error);
      else throw error;
    }
  };
  await Promise.all([...questions].map(([node, facts]) => limit(() => one(node, facts))));
  if (refusals.length > 0) throw new Refused(refusals.flatMap((r) => r.reasons));
  return { answers, failures };
};

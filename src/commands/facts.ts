import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPlaybook } from '../config/playbook.ts';
import { EXIT } from '../errors.ts';
import { writeRecording } from '../facts/record.ts';
import { plain, type Seen, seen, systemFacts } from '../facts/system.ts';
import type { Fact } from '../model/fact.ts';
import { jobsOf, questionsOf } from '../plan/jobs.ts';
import { askAll } from '../run/ask.ts';
import { unreachable } from '../run/look.ts';
import { stepById } from '../steps/index.ts';
import { errorText } from '../ui/error-text.ts';
import { factsText } from '../ui/facts-text.ts';
import { paint } from '../ui/paint.ts';
import type { Invocation } from './invocation.ts';
import { type Session, withSession } from './session.ts';

interface Options {
  record?: string;
}

/** A recording holds what every step would ask as well, so that a plan can be made from it without the node. */
const planQuestions = ({ cluster, hosts }: Session): Map<string, Fact<unknown>[]> =>
  questionsOf(jobsOf(loadPlaybook('apply', stepById), cluster, stepById, new Set(hosts.keys())).jobs);

const safe = (name: string): string => name.replaceAll(/[^A-Za-z0-9._-]/g, '_');

export const run = (invocation: Invocation, nodes: string[], options: Options): Promise<number> =>
  withSession(invocation, nodes, async (session) => {
    const { output } = invocation;
    const facts = systemFacts();
    const own: Fact<unknown>[] = Object.values(facts);
    const more = options.record === undefined ? new Map<string, Fact<unknown>[]>() : planQuestions(session);
    const questions = new Map([...session.hosts.keys()].map((node) => [node, [...own, ...(more.get(node) ?? [])]]));
    const { answers, failures } = await askAll(session.hosts, questions, invocation.concurrency, { partial: true, hangUp: true });

    if (options.record !== undefined) {
      mkdirSync(options.record, { recursive: true });
      const origin = `glusterctl ${invocation.version}, ${new Date().toISOString()}`;
      for (const [node, given] of answers) writeFileSync(join(options.record, `${safe(node)}.json`), writeRecording(node, origin, given));
    }
    const found = [...session.hosts.keys()].flatMap((node): { name: string; facts: Seen<ReturnType<typeof systemFacts>> }[] => {
      const given = answers.get(node);
      return given ? [{ name: node, facts: seen(facts, (fact) => given.get(fact.id)) }] : [];
    });
    if (invocation.json) {
      const lost = [...failures].map(([name, error]) => ({ name, ...error.report }));
      output.out(
        JSON.stringify(
          { v: 1, cluster: session.cluster.name, nodes: found.map(({ name, facts: f }) => ({ name, facts: plain(f) })), unreachable: lost },
          null,
          2,
        ),
      );
    } else for (const { name, facts: f } of found) output.out(factsText(name, f, paint(output.colorOut)));
    if (failures.size === 0) return EXIT.ok;
    output.err(errorText(unreachable(failures)));
    return EXIT.connect;
  });

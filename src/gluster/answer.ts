import type { FactOutput } from '../model/fact.ts';
import { type Problem, problem } from './problem.ts';
import { count, parseXml, text, type Xml } from './xml.ts';

/** What gluster said, or why it did not. */
export type Answer<T> = { ok: true; value: T } | { ok: false; problem: Problem };

/** An answer whose command worked, before it is given a type. */
export interface Reply {
  xml: Xml;
  /** Tells apart what all "worked": a probe of a peer that is in the pool already answers 2. */
  errno: number;
  /** Words beside the result: `Host n2 port 24007 already in peer list`. */
  output: string;
}

/**
 * Judges by opRet: with --xml the exit code is 0 even where the command failed (glusterfs 10.3,
 * cli/src/cli-rpc-ops.c). What is not XML is a failure whatever the exit code: usage, daemon down, timeout.
 */
export const reply = ({ stdout }: FactOutput): Answer<Reply> => {
  const xml = parseXml(stdout, 'cliOutput');
  if (xml === null) {
    const cut = stdout.includes('<?xml');
    const said = problem(cut ? '' : stdout);
    return { ok: false, problem: cut ? { ...said, code: 'unreadable', cause: 'the answer of gluster is cut off' } : said };
  }
  const output = text(xml, 'output');
  if (count(xml, 'opRet') === 0) return { ok: true, value: { xml, errno: count(xml, 'opErrno') ?? 0, output } };
  return { ok: false, problem: problem(text(xml, 'opErrstr') || output) };
};

export const mapAnswer = <T, U>(answer: Answer<T>, map: (value: T) => U): Answer<U> =>
  answer.ok ? { ok: true, value: map(answer.value) } : answer;

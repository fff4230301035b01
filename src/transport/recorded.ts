import type { Host, RunResult } from '../model/host.ts';

/** A script, or one question out of a script of facts, and what came back. */
export interface Recorded {
  script: string;
  stdout: string;
  stderr?: string;
  code: number;
}

const NONCE = /^N=([A-Za-z0-9]{16,})$/m;

/** The questions in a script of src/facts/script.ts: what stands behind `lane`, by number. */
const questions = (script: string): Map<string, string> => {
  const found = new Map<string, string>();
  for (const call of script.matchAll(/^lane (?=\d)/gm)) {
    const word = /(\d+) ((?:'[^']*'|\\'|[A-Za-z0-9_/:.,@%+-])+) ?/y;
    word.lastIndex = call.index + 'lane '.length;
    for (let m = word.exec(script); m; m = word.exec(script)) {
      const [, index = '', quoted = ''] = m;
      found.set(
        index,
        quoted.replace(/'([^']*)'|\\(')/g, (_whole, text?: string, escaped?: string) => text ?? escaped ?? ''),
      );
    }
  }
  return found;
};

const played = (answer: Recorded): RunResult => ({ stdout: answer.stdout, stderr: answer.stderr ?? '', code: answer.code });

const lines = (text: string): string[] => text.split('\n').slice(0, text.endsWith('\n') ? -1 : undefined);

/**
 * A host for tests that gives recorded answers: to a script that was recorded whole, and to any script of facts whose
 * questions were each recorded, so that one recording serves every set of facts.
 */
export const recordedHost = (name: string, answers: readonly Recorded[]): Host => {
  const known = new Map(answers.map((a) => [a.script, a]));
  const unknown = (script: string): Error => new Error(`${name}: no answer was recorded for: ${script.slice(0, 200)}`);
  const facts = (script: string): RunResult => {
    const nonce = NONCE.exec(script)?.[1];
    if (nonce === undefined) throw unknown(script);
    let stdout = '';
    for (const [index, question] of questions(script)) {
      const answer = known.get(question);
      if (!answer) throw unknown(question);
      stdout += `\n${nonce} B ${index}\n${answer.stdout}\n${nonce} E ${index} ${answer.code}\n`;
    }
    return { stdout, stderr: '', code: 0 };
  };
  return {
    name,
    async run(script, options = {}) {
      options.signal?.throwIfAborted();
      const whole = known.get(script);
      const result = whole ? played(whole) : facts(script);
      for (const stream of ['stdout', 'stderr'] as const)
        if (result[stream] !== '') for (const line of lines(result[stream])) options.onLine?.(line, stream);
      return result;
    },
    async close() {},
  };
};

/** Passes everything on to a host and keeps what it said. */
export const recordingHost = (host: Host): Host & { readonly recorded: readonly Recorded[] } => {
  const recorded: Recorded[] = [];
  return {
    name: host.name,
    recorded,
    async run(script, options) {
      const result = await host.run(script, options);
      recorded.push({ script, ...result });
      return result;
    },
    close: () => host.close(),
  };
};

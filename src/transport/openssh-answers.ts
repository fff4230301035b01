import type { Shared } from './shared.ts';

export interface OpensshAnswers {
  /** There is somebody to ask, or a variable that answers. */
  possible: boolean;
  /** A new ssh starts: what it asks, it asks for the first time. */
  begin(): void;
  /** Throws what somebody who was asked has thrown: Ctrl-C, say. */
  check(): void;
  /** null: there is no answer. */
  answer(prompt: string): Promise<string | null>;
}

const KEY = /passphrase for (?:key )?'?([^':]+)'?/i;
const TRIES = 3;

/** What ssh asks of us, for one node: passphrases of keys, passwords, codes. An answer is kept for later connections. */
export const opensshAnswers = (node: string, shared: Shared): OpensshAnswers => {
  const { env } = shared.options;
  const kept = new Map<string, { text: string; times: number }>();
  /** A question that one ssh asks twice was answered wrongly the first time. */
  let heard = new Set<string>();
  let thrown: { error: unknown } | null = null;

  const find = async (prompt: string, again: boolean): Promise<string | null> => {
    const key = KEY.exec(prompt)?.[1];
    if (key !== undefined) return shared.passphrase(key, node, again ? (kept.get(prompt)?.text ?? null) : null);
    const given = env.password?.reveal();
    if (given !== undefined && !again) return given;
    return shared.ask?.({ kind: 'password', node, text: `${again ? 'That was not right. ' : ''}${prompt.trim()}` }) ?? null;
  };

  return {
    possible: shared.ask !== null || Boolean(env.password ?? env.passphrase),
    check: () => {
      if (thrown) throw thrown.error;
    },
    begin: () => {
      heard = new Set();
    },
    async answer(prompt) {
      const again = heard.has(prompt);
      heard.add(prompt);
      const known = kept.get(prompt);
      if (known && !again) return known.text;
      if (known && known.times >= TRIES) return null;
      const text = await find(prompt, again).catch((error: unknown) => {
        thrown ??= { error };
        return null;
      });
      if (text !== null) kept.set(prompt, { text, times: (known?.times ?? 0) + 1 });
      return text;
    },
  };
};

import { Chalk } from 'chalk';

/** Names by meaning, so that no view chooses colours of its own. */
export interface Paint {
  add(text: string): string;
  change(text: string): string;
  remove(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  warn(text: string): string;
  head(text: string): string;
  dim(text: string): string;
}

export const paint = (color: boolean): Paint => {
  const c = new Chalk({ level: color ? 1 : 0 });
  return { add: c.green, change: c.yellow, remove: c.red, good: c.green, bad: c.red, warn: c.yellow, head: c.bold, dim: c.dim };
};

/** What a terminal without unicode can show too. */
export const marks = (unicode: boolean) =>
  unicode
    ? { done: '✔', failed: '✖', undone: '↶', kept: '•', note: 'ℹ' }
    : { done: 'ok', failed: 'FAILED', undone: 'undone', kept: 'kept', note: 'note' };

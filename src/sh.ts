/** What may stand in a `${}` of the sh tag. Arrays become several words. */
export type ShValue = string | number | Sh | Secret | readonly ShValue[];

const PLAIN = /^[A-Za-z0-9_/:.,@%+-]+$/;
const MASK = "'<secret>'";

/**
 * One word of POSIX sh, whatever the text holds: quotes, `$`, newlines, unicode.
 * Throws on NUL, which no shell can carry.
 */
export const quote = (text: string): string => {
  if (text.includes('\0')) throw new TypeError('a shell word cannot hold a NUL character');
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
};

/** A value that is run but never shown: not in a plan, a log, a journal, `ps` or an error. */
export class Secret {
  readonly #value: string;
  constructor(value: string) {
    this.#value = value;
  }
  reveal(): string {
    return this.#value;
  }
  toString(): string {
    return '<secret>';
  }
  toJSON(): string {
    return '<secret>';
  }
}

/** Shell text in which every value is quoted already. Prints and serialises with secrets masked. */
export class Sh {
  /** What is run. */
  readonly text: string;
  /** What is shown. Equal to `text` unless a Secret is in it. */
  readonly shown: string;
  private constructor(text: string, shown: string) {
    this.text = text;
    this.shown = shown;
  }
  /** Text that was made by this module before: out of a journal or a plan file. Nothing is quoted. */
  static raw(text: string, shown = text): Sh {
    return new Sh(text, shown);
  }
  toString(): string {
    return this.shown;
  }
  toJSON(): string {
    return this.shown;
  }
}

const render = (value: ShValue, shown: boolean): string => {
  if (value instanceof Sh) return shown ? value.shown : value.text;
  if (value instanceof Secret) return shown ? MASK : quote(value.reveal());
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`not a number for a shell: ${value}`);
    return String(value);
  }
  if (typeof value === 'string') return value === '' ? "''" : quote(value);
  return value.map((v) => render(v, shown)).join(' ');
};

/** Cuts the indentation that all lines of a multi-line template share; values are left alone. */
const dedent = (parts: readonly string[]): string[] => {
  const first = parts[0] ?? '';
  if (!first.startsWith('\n')) return [...parts];
  const indents = [...parts.join('\0').matchAll(/\n([ \t]*)(?=[^ \t\n])/g)].map((m) => m[1]?.length ?? 0);
  const cut = indents.length > 0 ? Math.min(...indents) : 0;
  const out = parts.map((p) => p.replace(new RegExp(`\\n[ \\t]{0,${cut}}`, 'g'), '\n'));
  out[0] = (out[0] ?? '').replace(/^\n/, '');
  out[out.length - 1] = (out.at(-1) ?? '').replace(/\s+$/, '');
  return out;
};

/**
 * Shell text for POSIX sh (it has to run under dash). Every string is quoted as one word, an Sh is put in
 * as it is, an array becomes words. Backslashes stay as written, so `printf '%s\n'` needs no doubling.
 */
export const sh = (strings: TemplateStringsArray, ...values: readonly ShValue[]): Sh => {
  const parts = dedent(strings.raw.map((s) => s.replaceAll('\\`', '`').replaceAll('\\${', '${')));
  const join = (shown: boolean): string => parts.map((p, i) => p + (i < values.length ? render(values[i] as ShValue, shown) : '')).join('');
  return Sh.raw(join(false), join(true));
};

/** Several scripts, one after the other; the first that fails ends it. */
export const all = (...scripts: readonly Sh[]): Sh => {
  const wrap = (s: string) => (scripts.length === 1 ? s : `{ ${s}\n}`);
  return Sh.raw(scripts.map((s) => wrap(s.text)).join(' && '), scripts.map((s) => wrap(s.shown)).join(' && '));
};

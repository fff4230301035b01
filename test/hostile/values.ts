/** Text that would run something if it ever came to a shell unquoted; `{}` stands for a command. */
const FORMS: Readonly<Record<string, string>> = {
  'a second command': 'x; {}',
  'a second command in the background': 'x&{}&',
  'command substitution': '$({})',
  'command substitution, old style': '`{}`',
  'in single quotes': "'; {}; '",
  'in double quotes': '"; {}; "',
  'a new line': 'x\n{}\n',
  'a carriage return': 'x\r\n{}\r',
  'a backslash before a quote': "\\'; {}; \\'",
  'the end of a here-document': '\nEOF\n{}\nEOF\n',
  'an option': '--x;{}',
  'after unicode': 'ünï\u2028; {}',
  brackets: ')\n{}\n(',
  'blanks, a star and a tilde': '~ * ; {}',
  'no blanks at all': ';{};',
  'an address': '/x&({});(x)',
};

/** What to write in a value of cluster.yaml, or behind it. Each makes a file /canary, or calls a command canary, which makes it. */
export const hostileValues: readonly { form: string; text: string }[] = Object.entries(FORMS).map(([form, text]) => ({
  form,
  text: text.replaceAll('{}', /[^;&(){}/a-z]/.test(text) ? ':>/canary' : 'canary'),
}));

/** A place in a document, such as ['nodes', 0, 'name']; of a key itself, the last part is { key }. */
export type Place = readonly (string | number | { key: string })[];

/** Every string in a document, and every key of its maps whose keys are free. */
export const stringsOf = (value: unknown, at: Place = []): Place[] => {
  if (typeof value === 'string') return [at];
  if (Array.isArray(value)) return value.flatMap((item, i) => stringsOf(item, [...at, i]));
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, item]) => [
    ...(at.at(-1) === 'options' ? [[...at, { key }]] : []),
    ...stringsOf(item, [...at, key]),
  ]);
};

export const valueAt = (value: unknown, place: Place): string =>
  place.reduce<unknown>(
    (at, part) => (typeof part === 'object' ? part.key : (at as Record<string | number, unknown>)[part]),
    value,
  ) as string;

/** The document with one string replaced. */
export const replaced = (value: unknown, [first, ...rest]: Place, text: string): unknown => {
  if (first === undefined) return text;
  if (typeof first === 'object') {
    const { [first.key]: moved, ...others } = value as Record<string, unknown>;
    return { ...others, [text]: moved };
  }
  if (Array.isArray(value)) return value.map((item, i) => (i === first ? replaced(item, rest, text) : item));
  return { ...(value as object), [first]: replaced((value as Record<string, unknown>)[first], rest, text) };
};

/** As the schema names it: nodes[].disks[].device. */
export const placeName = (place: Place): string =>
  place.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[]`;
    return `${text}${text === '' ? '' : '.'}${typeof part === 'object' ? '<key>' : part}`;
  }, '');

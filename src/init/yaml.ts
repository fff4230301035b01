/** Words that YAML 1.1 or 1.2 takes for something else than text. */
const RESERVED = /^(true|false|yes|no|on|off|y|n|null|~|\.inf|\.nan)$/i;

/** A text as a YAML scalar: as it is where every reader takes it for text, else in double quotes, which are JSON's. */
export const scalar = (text: string): string => {
  const plain = /^[A-Za-z_/~][A-Za-z0-9_./@~+-]*(:[A-Za-z0-9_/[@][A-Za-z0-9_./:@~+-]*)*$/.test(text) && !RESERVED.test(text);
  const numeric = /^[-+]?(0x[0-9a-f]+|0o?[0-7]+|\d[\d_]*(\.\d*)?(e[-+]?\d+)?|\.\d+)$/i.test(text);
  return plain && !numeric
    ? text
    : JSON.stringify(text)
        .replaceAll('\u007f', '\\u007f')
        .replaceAll('\ufeff', '\\ufeff')
        .replaceAll(/[\u0080-\u009f\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
};

/** IPv4 addresses are text for every YAML reader, and read better without quotes. */
export const address = (text: string): string => (/^\d{1,3}(\.\d{1,3}){3}$/.test(text) ? text : scalar(text));

/** `{ a: 1, b: 2 }` of what is not undefined. */
export const inline = (pairs: Readonly<Record<string, string | undefined>>): string =>
  `{ ${Object.entries(pairs)
    .flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${value}`]))
    .join(', ')} }`;

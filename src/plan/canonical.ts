/** JSON in which equal values give equal text: keys sorted, Sets and Maps as sorted arrays, undefined left out. */
export const canonical = (value: unknown): string => {
  const plain = (v: unknown): unknown => {
    if (v instanceof Set)
      return [...v]
        .map(plain)
        .map((x) => JSON.stringify(x))
        .sort();
    if (v instanceof Map)
      return [...v].map(([k, x]) => [JSON.stringify(plain(k)), plain(x)]).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
    if (Array.isArray(v)) return v.map(plain);
    if (typeof v === 'bigint') return v.toString();
    if (v !== null && typeof v === 'object') {
      const entries = Object.entries(v as Record<string, unknown>).filter(([, x]) => x !== undefined);
      return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, x]) => [k, plain(x)]));
    }
    return v;
  };
  return JSON.stringify(plain(value));
};

const FACTOR: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 };
const BINARY = ['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

/** Bytes of a Kubernetes quantity such as 10Gi, 1.5G or 1e9; null where there is none. */
export const bytesOf = (text: string | undefined): number | null => {
  const [, number, unit = ''] = /^([0-9.]+(?:[eE][+-]?[0-9]+)?)(|[kMGTPE]|[KMGTPE]i)$/.exec(text ?? '') ?? [];
  if (number === undefined) return null;
  return Number(number) * (FACTOR[unit] ?? 1024 ** (BINARY.indexOf(unit) + 1));
};

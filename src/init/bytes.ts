const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes for a person, rounded down: what is promised has to be there. */
export const sizeText = (bytes: number): string => {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const n = bytes / 1024 ** power;
  const digits = power === 0 || n >= 100 ? 0 : 1;
  return `${(Math.floor(n * 10 ** digits) / 10 ** digits).toFixed(digits)} ${UNITS[power]}`;
};

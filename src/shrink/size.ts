export const KIB = 2 ** 10;
export const MIB = 2 ** 20;
export const GIB = 2 ** 30;

/** Every size of a plan in one unit, so that two of them can be compared: GiB with two decimals; what is smaller than 10 MiB in KiB. */
export const sizeText = (bytes: number): string =>
  bytes < 10 * MIB ? `${Math.floor(bytes / KIB)} KiB` : `${(bytes / GIB).toFixed(2)} GiB`;

export const down = (n: number, step: number): number => Math.floor(n / step) * step;
export const up = (n: number, step: number): number => Math.ceil(n / step) * step;

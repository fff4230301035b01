const UNITS: Readonly<Record<string, number>> = { K: 1, M: 2, G: 3, T: 4, P: 5 };

/** A number and a unit; K and KiB both mean 1024, as lvcreate(8), mkfs.xfs(8) and resize2fs(8) read them. */
export const SIZE_PATTERN = /^[0-9]+(\.[0-9]+)? ?[KMGTP](iB)?$/;

/** Bytes, or null when the text is no size, is zero, or is no whole number of bytes. */
export const parseSize = (text: string): number | null => {
  if (!SIZE_PATTERN.test(text)) return null;
  const bytes = Number.parseFloat(text) * 1024 ** (UNITS[text.replace(/[0-9. ]/g, '').charAt(0)] ?? 0);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : null;
};

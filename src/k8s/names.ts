/** FNV-1a, 32 bits, as eight hexadecimal digits: keeps names apart that would be the same when cut or cleaned. */
const checksum = (text: string): string => {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
};

const cut = (text: string, max: number): string => text.slice(0, max - 9).replace(/[^a-z0-9]+$/, '');

/** A name of up to `max` characters that is a DNS subdomain already, cut where it is longer. */
export const shorten = (text: string, max = 253): string => (text.length <= max ? text : `${cut(text, max)}-${checksum(text)}`);

/** Any text as a DNS label that begins with a letter: what Kubernetes takes for every kind of name and for labels. */
export const dnsLabel = (text: string, max = 63): string => {
  if (text.length <= max && /^[a-z]([a-z0-9-]*[a-z0-9])?$/.test(text)) return text;
  const plain = text.toLowerCase().replaceAll(/[^a-z0-9]/g, '-');
  return `${cut(/^[a-z]/.test(plain) ? plain : `x${plain}`, max)}-${checksum(text)}`;
};

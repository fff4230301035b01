/** Bytes that stand for themselves in a unit name, systemd.unit(5). */
const PLAIN = /[A-Za-z0-9:_.]/;

/**
 * What `systemd-escape --path` prints: the name that a .mount or .automount unit must have for this path.
 * Throws on a relative path and on `..`, which systemd refuses as well.
 */
export const escapePath = (path: string): string => {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  if (!path.startsWith('/') || parts.includes('..')) throw new TypeError(`not an absolute path without "..": ${path}`);
  if (parts.length === 0) return '-';
  const bytes = [...Buffer.from(parts.join('/'))];
  return bytes
    .map((byte, i) => {
      const char = String.fromCharCode(byte);
      if (char === '/') return '-';
      return PLAIN.test(char) && !(i === 0 && char === '.') ? char : `\\x${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
};

/** A value in a unit file: `%` begins a specifier there, systemd.unit(5). */
export const unitValue = (text: string): string => text.replaceAll('%', '%%');

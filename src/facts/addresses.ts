import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

export interface Address {
  /** '' when only the address is known. */
  interface: string;
  family: 'inet' | 'inet6';
  address: string;
  /** Length of the network's prefix; null when only the address is known. */
  prefix: number | null;
  scope: string;
}

export interface Addresses {
  hostname: string;
  /** Loopback and link-local ones are in it; see `scope`. */
  addresses: readonly Address[];
}

const scopeOf = (address: string): string => {
  if (/^127\.|^::1$/.test(address)) return 'host';
  return /^169\.254\.|^fe[89ab]/i.test(address) ? 'link' : 'global';
};

/** `ip` is not on every minimal image; `hostname -I` is then, without loopback. */
export const addresses: Fact<Addresses> = {
  id: 'addresses',
  read: sh`
    cat /proc/sys/kernel/hostname
    ip -o addr show || { echo; hostname -I; }`,
  parse: ({ stdout }) => {
    const [hostname = '', ...lines] = stdout.split('\n');
    const found: Address[] = [];
    for (const line of lines) {
      const [, name = '', family, address = '', prefix = '', scope = ''] =
        /^\d+: +(\S+) +(inet6?) ([0-9a-f.:]+)(?: peer [0-9a-f.:]+)?\/(\d+).*? scope (\S+)/i.exec(line) ?? [];
      if (family === 'inet' || family === 'inet6') found.push({ interface: name, family, address, prefix: Number(prefix), scope });
      else if (/^[0-9a-f.:]+( [0-9a-f.:]+)* *$/i.test(line)) {
        for (const word of line.split(' ').filter(Boolean)) {
          found.push({ interface: '', family: word.includes(':') ? 'inet6' : 'inet', address: word, prefix: null, scope: scopeOf(word) });
        }
      }
    }
    return { hostname, addresses: found };
  },
};

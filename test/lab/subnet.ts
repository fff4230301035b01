import { run } from './run.ts';

const number = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

interface Range {
  first: number;
  last: number;
}

const range = (cidr: string): Range => {
  const [address = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(number(address) / size) * size;
  return { first, last: first + size - 1 };
};

/** What the host already reaches by a route of its own, the default route apart. */
const routed = async (): Promise<Range[]> => {
  const { stdout } = await run('ip', ['-4', '-o', 'route', 'show', 'table', 'all']);
  return stdout
    .split('\n')
    .map((line) => line.replace(/^(local|broadcast|unreachable|blackhole|throw|prohibit) /, '').split(' ', 1)[0] ?? '')
    .filter((to) => /^\d+\.\d+\.\d+\.\d+(\/\d+)?$/.test(to))
    .map(range);
};

/** The networks 10.192.0.0/24 to 10.255.255.0/24, from `seed` on, without those that the host knows. */
export async function* freeSubnets(seed: number, bits: 16 | 24): AsyncGenerator<string> {
  const taken = await routed();
  const count = bits === 24 ? 64 * 256 : 64;
  for (let i = 0; i < count; i++) {
    const at = (seed + i) % count;
    const [second, third] = bits === 24 ? [192 + Math.floor(at / 256), at % 256] : [192 + at, 0];
    const own = range(`10.${second}.${third}.0/${bits}`);
    if (!taken.some(({ first, last }) => first <= own.last && own.first <= last)) {
      yield bits === 24 ? `10.${second}.${third}` : `10.${second}`;
    }
  }
}

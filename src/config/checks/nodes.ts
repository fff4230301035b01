import { isIPv6 } from 'node:net';
import type { Draft, Fail } from '../draft.ts';

/** One spelling for one address: IPv6 has many. */
const canonical = (address: string): string => {
  if (!isIPv6(address)) return address.toLowerCase();
  const [ip = '', zone = ''] = address.split('%');
  return `${new URL(`http://[${ip}]/`).hostname}${zone}`;
};

/** Names and addresses: every node is one machine, and is told apart from the others. */
export const checkNodes = ({ nodes, ssh }: Draft, fail: Fail): void => {
  const seen = new Map<string, string>();
  /** Says so when the same thing was there before, of an earlier node. */
  const once = (what: string, value: string, path: (string | number)[], message: (first: string) => string, suggestion: string): void => {
    const first = seen.get(`${what}\0${value}`);
    if (first === undefined) seen.set(`${what}\0${value}`, `nodes[${String(path[1])}]`);
    else fail(path, message(first), { suggestion });
  };

  nodes.forEach((node, i) => {
    if (node === null) return;
    const port = node.ssh?.port ?? ssh.port ?? 22;
    once(
      'name',
      node.name.toLowerCase(),
      ['nodes', i, 'name'],
      (first) => `${first} has the name ${node.name} too`,
      'names of nodes differ in more than upper and lower case',
    );
    // Without the port, which is wrong there, nothing can be said of the address.
    if (node.ssh !== null)
      once(
        'address',
        `${canonical(node.address)} ${port}`,
        ['nodes', i, 'address'],
        (first) => `${first} is reached at ${node.address}, port ${port}, too`,
        'give each node its own address, or its own port under ssh: { port: ... }',
      );
  });
};

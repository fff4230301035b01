import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandRange, type HostWish, hostWord, parseHosts } from '../../src/init/hosts.ts';

const words = (text: string): string[] | string => {
  const parsed = parseHosts(text);
  return parsed.ok ? parsed.hosts.map(hostWord) : parsed.why;
};

describe('ranges', () => {
  it.each([
    ['node[1-3]', ['node1', 'node2', 'node3']],
    ['node[08-11].example.com', ['node08.example.com', 'node09.example.com', 'node10.example.com', 'node11.example.com']],
    ['n[1,3,5-6]', ['n1', 'n3', 'n5', 'n6']],
    ['r[1-2]n[1-2]', ['r1n1', 'r1n2', 'r2n1', 'r2n2']],
    ['192.0.2.[9-11]', ['192.0.2.9', '192.0.2.10', '192.0.2.11']],
    ['web', ['web']],
  ])('%s', (text, expected) => expect(expandRange(text)).toEqual(expected));

  it.each(['node[1-', 'node]', 'node[3-1]', 'node[a-c]', 'node[]', 'node[1-99999]', 'a[1-100]b[1-100]'])('%s is none', (text) =>
    expect(expandRange(text)).toBeNull(),
  );
});

describe('what a person types', () => {
  it.each([
    ['node-1 node-2, node-3', ['node-1', 'node-2', 'node-3']],
    ['node-[1-3]=192.0.2.[11-13]', ['node-1=192.0.2.11', 'node-2=192.0.2.12', 'node-3=192.0.2.13']],
    ['ops@web1:2222', ['ops@web1:2222']],
    ['a=[2001:db8::1]:2222 b=2001:db8::2', ['a=[2001:db8::1]:2222', 'b=2001:db8::2']],
    ['192.0.2.11 node-1 node-1.example.com\n192.0.2.12\tnode-2   # second', ['node-1=192.0.2.11', 'node-2=192.0.2.12']],
    ['- node-1\n- node-2\n', ['node-1', 'node-2']],
    ['node-1 192.0.2.11\r\nnode-2 192.0.2.12', ['node-1=192.0.2.11', 'node-2=192.0.2.12']],
    ['# only these\n192.0.2.11 192.0.2.12', ['192.0.2.11', '192.0.2.12']],
    ['n[1,3] n7', ['n1', 'n3', 'n7']],
  ])('%j', (text, expected) => expect(words(text)).toEqual(expected));

  it.each([
    ['', 'at least one host'],
    ['   # nothing', 'at least one host'],
    ['a=b=c', 'a=b=c: a host is NAME, ADDRESS or NAME=ADDRESS'],
    ['n[1-3]=192.0.2.[1-2]', 'n[1-3]=192.0.2.[1-2]: 3 names for 2 addresses'],
    ['web:99999', 'web:99999: an address is HOST, USER@HOST, HOST:PORT or [IPv6]:PORT'],
    ['node[1', 'node[1: a range is such as node[1-3] or node[1,3,5-7], at most 1000 hosts'],
    ['a=192.0.2.1 A=192.0.2.2', 'the name a is there twice'],
    ['a=192.0.2.1 b=192.0.2.1', 'the host 192.0.2.1 port default is there twice'],
  ])('%j is not taken', (text, why) => expect(words(text)).toBe(why));

  it('reads back what it writes', () => {
    const label = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/);
    const host: fc.Arbitrary<HostWish> = fc.record({
      name: label,
      address: fc.oneof(label, fc.ipV4(), fc.constantFrom('2001:db8::1', 'fe80::2', '::3')),
      user: fc.option(fc.constantFrom('root', 'ops', 'a.b')),
      port: fc.option(fc.integer({ min: 1, max: 65535 })),
    });
    fc.assert(
      fc.property(fc.uniqueArray(host, { minLength: 1, maxLength: 5, selector: (h) => h.name }), (hosts) => {
        fc.pre(new Set(hosts.map((h) => `${h.address} ${h.port}`)).size === hosts.length);
        const back = parseHosts(hosts.map(hostWord).join('\n'));
        expect(back).toEqual({ ok: true, hosts });
      }),
    );
  });
});

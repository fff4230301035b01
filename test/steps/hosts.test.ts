import { describe, expect, it } from 'vitest';
import { cloudInitHosts } from '../../src/facts/cloud-init.ts';
import { Sh } from '../../src/sh.ts';
import { hosts, resolves } from '../../src/steps/hosts.ts';
import { bookworm, cluster, file, node, reasons, run } from './answers.ts';

const nodes = [node('node-1', { storage: '10.0.0.11' }), node('node-2', { storage: '10.0.0.12', roles: ['client'] })];
const want = { cluster: 'prod', own: 'node-1', nodes: nodes.map(({ name, storage }) => ({ name, storage })) };
const block = '# BEGIN glusterctl prod\n10.0.0.11 node-1\n10.0.0.12 node-2\n# END glusterctl prod\n';

type Is = Parameters<typeof hosts.plan>[1];
const facts = (text: string | null, more: Partial<Is> = {}): Is => ({
  file: file(text),
  found: new Map(),
  os: bookworm,
  cloudInit: 'no',
  debianTemplate: file(null),
  elTemplate: file(null),
  ...more,
});

describe('hosts', () => {
  it('goes to every node, clients included, unless names are left to the user', () => {
    expect(hosts.jobs(cluster({ nodes }))).toEqual([
      { node: 'node-1', want },
      { node: 'node-2', want: { ...want, own: 'node-2' } },
    ]);
    expect(hosts.jobs(cluster({ nodes, hosts: 'leave' }))).toEqual([]);
  });

  it('shows what it writes, and has nothing to do when it stands there', () => {
    const [change] = hosts.plan(want, facts('127.0.0.1 localhost\n127.0.1.1 node-1\n'));
    expect(change).toMatchObject({
      id: 'file:/etc/hosts',
      risk: 'safe',
      diff: { path: '/etc/hosts', before: '127.0.0.1 localhost\n127.0.1.1 node-1\n', after: `127.0.0.1 localhost\n${block}` },
    });
    expect(hosts.plan(want, facts(`127.0.0.1 localhost\n${block}`))).toEqual([]);
  });

  it('makes the file where there is none, with localhost in it', () => {
    expect(hosts.plan(want, facts(null))[0]?.diff?.after).toBe(`127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n${block}`);
  });

  it('keeps the full name of the node first', () => {
    expect(hosts.plan(want, facts('127.0.1.1 node-1.example.com node-1\n'))[0]?.diff?.after).toContain(
      '\n10.0.0.11 node-1.example.com node-1\n',
    );
  });

  it('refuses a storage address at which the others reach nobody, or another node', () => {
    const at = (...storage: string[]) => ({ ...want, nodes: storage.map((one, i) => ({ name: `node-${i + 1}`, storage: one })) });
    expect(reasons(() => hosts.plan(at('10.0.0.11', '127.0.0.1'), facts(null)))[0]).toMatch(
      /cannot reach node-2 at 127.0.0.1.*add storage:/,
    );
    expect(reasons(() => hosts.plan(at('10.0.0.11', 'local'), facts(null)))[0]).toMatch(/cannot reach node-2 at local/);
    expect(reasons(() => hosts.plan(at('10.0.0.11', '10.0.0.11'), facts(null)))[0]).toMatch(
      /node-2 has the storage address 10.0.0.11, and so has node-1/,
    );
    expect(hosts.plan(at('127.0.0.1'), facts(null))).toHaveLength(1);
  });

  it('asks the node for addresses of storage names, and refuses what leads nowhere or to two places', () => {
    const named = { ...want, nodes: [want.nodes[0] ?? { name: '', storage: '' }, { name: 'node-2', storage: 'n2.storage.test' }] };
    expect(hosts.facts(named).found.read.text).toContain('n2.storage.test');
    const found = (...list: string[]) => facts(block, { found: new Map([['n2.storage.test', list]]) });
    expect(hosts.plan(named, found('10.0.0.12', 'fd00::12'))).toEqual([]);
    expect(hosts.plan(named, found('fd00::12'))[0]?.diff?.after).toContain('\nfd00::12 node-2\n');
    expect(reasons(() => hosts.plan(named, found('127.0.1.1')))[0]).toMatch(/^n2.storage.test leads to no address.*storage:/);
    expect(reasons(() => hosts.plan(named, found('10.0.0.12', '10.0.0.13')))[0]).toMatch(/leads to 10.0.0.12 and 10.0.0.13/);
  });

  it('writes nothing for names that are their own storage names', () => {
    const named = { ...want, nodes: [{ name: 'n1.test', storage: 'n1.test' }] };
    expect(hosts.plan({ ...named, own: 'n1.test' }, facts(''))[0]?.diff?.after).toBe('# BEGIN glusterctl prod\n# END glusterctl prod\n');
  });

  it('says every line that leads a name elsewhere, at once', () => {
    const text = '192.0.2.11 node-1\n192.0.2.12 node-2\n';
    expect(reasons(() => hosts.plan(want, facts(text)))).toEqual([
      expect.stringContaining('/etc/hosts leads node-1 to 192.0.2.11 (line 1), cluster.yaml to 10.0.0.11'),
      expect.stringContaining('/etc/hosts leads node-2 to 192.0.2.12 (line 2), cluster.yaml to 10.0.0.12'),
    ]);
    expect(reasons(() => hosts.plan(want, facts('# BEGIN glusterctl prod\n')))[0]).toContain('it begins in line 1');
  });

  it('is verified by what the C library says, not by the file alone', () => {
    const change = hosts.plan(want, facts(null))[0];
    expect(change?.verify.text).toContain(resolves([{ address: '10.0.0.11', names: ['node-1'] }]).text.split('\n')[1]);
    const at = (address: string) => run(Sh.raw(`sleep() { :; }\n${resolves([{ address, names: ['localhost'] }]).text}`));
    expect(at('127.0.0.1')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(at('192.0.2.77')).toMatchObject({ code: 1, stderr: expect.stringMatching(/^localhost leads to .*, not to 192.0.2.77/) });
  });
});

describe('cloud-init', () => {
  const template = '## template:jinja\n127.0.1.1 {{fqdn}} {{hostname}}\n127.0.0.1 localhost\n';

  it('that makes the file at every boot gets the block into its template', () => {
    const changes = hosts.plan(want, facts('127.0.0.1 localhost\n', { cloudInit: 'rewritten', debianTemplate: file(template) }));
    expect(changes[1]).toMatchObject({
      diff: { path: '/etc/cloud/templates/hosts.debian.tmpl', after: `## template:jinja\n127.0.0.1 localhost\n${block}` },
    });
    const done = facts(`127.0.0.1 localhost\n${block}`, { cloudInit: 'rewritten', debianTemplate: file(changes[1]?.diff?.after ?? '') });
    expect(hosts.plan(want, done)).toEqual([]);
  });

  it('that leaves the file alone has its template left alone', () => {
    expect(hosts.plan(want, facts(block, { debianTemplate: file(template) }))).toEqual([]);
  });

  it('that puts the name on 127.0.1.1 at every boot is said', () => {
    expect(reasons(() => hosts.plan(want, facts('', { cloudInit: 'localhost' })))[0]).toMatch(/at every boot.*manage_etc_hosts/);
  });

  it.each([
    ['', 'no'],
    ['true\n', 'rewritten'],
    ['"True" # as the image has it\n', 'rewritten'],
    ['template\n', 'rewritten'],
    ['localhost\n', 'localhost'],
    ['false\n', 'no'],
  ])('is read from its configuration: %j', (stdout, expected) => {
    expect(cloudInitHosts.parse({ stdout, code: 0 })).toBe(expected);
  });
});

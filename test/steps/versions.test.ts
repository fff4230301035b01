import { describe, expect, it } from 'vitest';
import { versions } from '../../src/steps/versions.ts';
import { cluster, node, reasons } from './answers.ts';

const is = (version: string | null, opVersion: number | null = null) => ({
  program: { version, server: version !== null, client: version !== null, glusterd2: false },
  opVersion,
});
const want = (version: string, clients: string[] = []) => ({ version, servers: ['a', 'b'], clients });

describe('versions', () => {
  it('sees all nodes of the cluster, servers and clients', () => {
    expect(
      versions.jobs(cluster({ nodes: [node('a'), node('b', { roles: ['server', 'client'] }), node('c', { roles: ['client'] })] })),
    ).toEqual([{ nodes: ['a', 'b', 'c'], want: { version: '10.3', servers: ['a', 'b'], clients: ['c'] } }]);
  });

  it('has nothing to say of bare nodes, nor of a pool that runs what is wanted', () => {
    for (const all of [
      { a: is(null), b: is(null) },
      { a: is('10.3', 100000), b: is('10.3', 100000) },
    ]) {
      expect(versions.plan(want('10.3'), all)).toEqual([]);
      expect(versions.notes?.(want('10.3'), all)).toEqual([]);
    }
  });

  it('refuses a series that does not know the op-version of the pool', () => {
    const all = { a: is('11.1', 110000), b: is(null) };
    expect(reasons(() => versions.plan(want('10.3'), all))).toEqual([
      expect.stringMatching(
        /^GlusterFS 10.3 cannot join in its pool any more \| the pool runs at op-version 110000, and 10.3 knows none above 100000/,
      ),
    ]);
    expect(versions.plan(want('10'), { a: is('11.1', 100000), b: is('11.1', 100000) })).toEqual([]);
  });

  it('refuses an upgrade that is not documented, and names the way', () => {
    expect(reasons(() => versions.plan(want('11'), { a: is('7.9', 70200), b: is('7.9', 70200) }))).toEqual([
      expect.stringMatching(/^GlusterFS 7.9 cannot be upgraded to 11 in one step.*write version: "10" first/),
      expect.stringMatching(/^GlusterFS 7.9/),
    ]);
    expect(versions.plan(want('10'), { a: is('9.6', 90000), b: is('9.6', 90000) })).toEqual([]);
  });

  it('says when the op-version may be raised', () => {
    expect(versions.notes?.(want('10.3'), { a: is('10.3', 90000), b: is('10.3', 90000) })).toEqual([
      'the pool runs at op-version 90000; when all servers and clients have 10, it may be raised: gluster volume set all cluster.op-version 100000',
    ]);
  });

  it('says that releases differ inside the series, and that a client is newer than a server', () => {
    const all = { a: is('10.1', 100000), b: is('10.3', 100000), c: is('10.5') };
    expect(versions.notes?.(want('10', ['c']), all)).toEqual([
      'the servers have different releases of 10, 10.1 to 10.3: what their sources offer',
      'c: a client should not be newer than the servers, the oldest of which has 10.1',
    ]);
    expect(versions.notes?.(want('10', ['c']), { a: is('10.3', 100000), b: is('10.3', 100000), c: is('10.1') })).toEqual([]);
  });

  it('reminds of the order of servers and clients at an upgrade', () => {
    const all = { a: is('9.6', 90000), b: is('9.6', 90000), c: is('9.6') };
    expect(versions.notes?.(want('10', ['c']), all)[0]).toMatch(/^servers are upgraded ahead of clients/);
    expect(versions.notes?.(want('11', ['c']), all).at(-1)).toMatch(/^a, b, c: more than one series behind 11/);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCluster } from '../../src/config/load.ts';
import { Journal } from '../../src/journal/journal.ts';
import type { Host } from '../../src/model/host.ts';
import type { PlannedChange } from '../../src/model/plan.ts';
import type { RunContext } from '../../src/run/context.ts';
import { performStage } from '../../src/run/perform.ts';
import { type Sh, sh } from '../../src/sh.ts';
import { openHost } from '../../src/transport/index.ts';
import { type Lab, type LabNode, openLab } from '../lab/index.ts';

let lab: Lab;
let node: LabNode;
let dir: string;
let old: Host;

const login = (): Host => {
  const { nodes } = loadCluster({ text: lab.clusterYaml(), file: 'cluster.yaml', baseDir: dir, home: dir });
  const [one] = nodes;
  if (!one) throw new Error('no node');
  return openHost(one, { cluster: 'guard', stateDir: dir, home: dir, agentSocket: null, env: {}, ask: null });
};

beforeAll(async () => {
  lab = await openLab({ name: 'fwguard', nodes: 1 });
  node = lab.node('node-1');
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-guard-'));
  const { code, stderr } = await node.exec(
    '(apt-get -qq update && apt-get -qq -y --no-install-recommends install nftables) </dev/null >/dev/null 2>&1',
    { timeoutMs: 300_000 },
  );
  if (code !== 0) throw new Error(stderr);
  old = login();
});
afterAll(async () => {
  await old?.close();
  rmSync(dir, { recursive: true, force: true });
  await lab?.down();
});

const context = (): RunContext => {
  const first = { verb: 'apply', cluster: 'guard', file: 'x', baseDir: '/', by: 'me', glusterctl: '0', nodes: ['node-1'], planned: 1 };
  const never = new AbortController().signal;
  return {
    hosts: new Map([['node-1', old]]),
    afresh: login,
    journal: Journal.create(join(mkdtempSync(join(dir, 'run-')), 'journal'), { t: 'run', v: 1, run: 'r1', ...first }),
    emit: () => {},
    interruption: { asked: null },
    lost: never,
    cut: never,
    concurrency: 1,
    log: '',
  };
};

/** Shuts SSH for who comes new; a connection that is there goes on, as with every firewall that knows connections. */
const shutting = (rule: Sh): PlannedChange => ({
  key: 'node-1/toy/cut',
  node: 'node-1',
  step: 'toy',
  stage: 'toy',
  id: 'cut',
  title: 'filter what comes in',
  risk: 'safe',
  do: sh`
    set -eu
    nft add table inet toy
    nft add chain inet toy input '{ type filter hook input priority 0; policy accept; }'
    nft add rule inet toy input ct state established,related accept
    nft add rule inet toy input ${rule}`,
  undo: sh`! nft list table inet toy >/dev/null 2>&1 || nft delete table inet toy`,
  verify: sh`nft list table inet toy >/dev/null`,
  guard: { seconds: 12 },
});

const table = async (): Promise<boolean> => (await node.exec('nft list table inet toy')).code === 0;
const timers = async (): Promise<string> =>
  (await node.exec("systemctl list-units --all --plain --no-legend 'glusterctl-guard-*'; ls /run/glusterctl.guard 2>/dev/null")).stdout;

describe('a change that is guarded', () => {
  it('and cuts SSH is taken back by the node itself; the run fails, and says so', async () => {
    await old.run('true');
    const { done, failures } = await performStage(context(), [shutting(sh`tcp dport 22 drop`)], true);
    expect(done).toBe(0);
    expect(failures).toMatchObject([{ node: 'node-1', what: 'filter what comes in failed' }]);
    expect(failures[0]?.why).toMatch(/a new login failed: .*\nso the node has taken the change back by itself$/s);
    expect([await table(), await timers()]).toEqual([false, '']);
    const again = login();
    expect((await again.run('echo in')).stdout).toBe('in\n');
    await again.close();
  });

  it('and cuts the connection of the run as well is taken back too', async () => {
    const hard = shutting(sh`tcp dport 25 drop`);
    const cut = {
      ...hard,
      do: sh`
      ${hard.do}
      nft insert rule inet toy input tcp dport 22 reject with tcp reset`,
    };
    const { done, failures } = await performStage(context(), [cut], true);
    expect([done, failures.length]).toEqual([0, 1]);
    await expect.poll(table, { timeout: 40_000, interval: 1000 }).toBe(false);
    expect((await old.run('echo in')).stdout).toBe('in\n');
  });

  it('and lets a new login in stays', async () => {
    expect(await performStage(context(), [shutting(sh`tcp dport 25 drop`)], true)).toEqual({ done: 1, failures: [] });
    expect(await timers()).toBe('');
    await new Promise((resolve) => setTimeout(resolve, 13_000));
    expect(await table()).toBe(true);
  });
});

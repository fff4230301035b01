import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CheckReport } from '../../src/checks/report.ts';
import { nodeState, stateDiff } from '../helpers/node-state.ts';
import { openScene, type Scene } from '../helpers/scene.ts';
import type { LabNode } from '../lab/index.ts';

/** Each node has a firewall of another make, shut but for SSH, as their makers recommend it. */
const FIREWALLS: Readonly<Record<string, { packages: string; shut: string; rules: string }>> = {
  'node-1': {
    packages: 'ufw iptables',
    shut: 'ufw allow 22/tcp && ufw allow from 198.51.100.7 to any port 24007 proto tcp && ufw --force enable && systemctl start ufw',
    rules: 'iptables-save | sed "/^[#:]/d"; ip6tables-save | sed "/^[#:]/d"',
  },
  'node-2': {
    packages: 'firewalld',
    shut: 'systemctl start firewalld && firewall-cmd -q --zone=public --add-port=8080/tcp',
    rules: 'firewall-cmd --list-all-zones; firewall-cmd --permanent --list-all-zones; ls -A /etc/firewalld/zones',
  },
  'node-3': {
    packages: 'nftables',
    shut: `printf '%s\\n' '#!/usr/sbin/nft -f' 'flush ruleset' 'table inet filter {' ' chain input {' \
      'type filter hook input priority filter; policy accept;' 'iif lo accept' 'ct state established,related accept' 'tcp dport 22 accept' \
      'meta l4proto icmp accept' 'meta l4proto ipv6-icmp accept' 'counter reject with icmpx admin-prohibited' ' }' '}' >/etc/nftables.conf
      systemctl enable -q --now nftables && nft add table inet others && nft add chain inet others input '{ type filter hook input priority 10; }'`,
    rules: 'nft -s list ruleset',
  },
};

let scene: Scene;
const before = new Map<string, string>();

const must = async (node: LabNode, script: string): Promise<string> => {
  const { code, stdout, stderr } = await node.exec(script, { timeoutMs: 300_000 });
  if (code !== 0) throw new Error(`${node.name}: ${stderr}`);
  return stdout;
};

const stateOf = async (node: LabNode): Promise<string> =>
  `${await nodeState(node)}\n${await must(node, FIREWALLS[node.name]?.rules ?? '')}`;

beforeAll(async () => {
  scene = await openScene({ name: 'fw', nodes: 3 });
  scene.write(scene.lab.clusterYaml());
  await Promise.all(
    scene.lab.nodes.map(async (node) => {
      const { packages = '', shut = '' } = FIREWALLS[node.name] ?? {};
      await must(
        node,
        `apt-get -qq update </dev/null && DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install ${packages} </dev/null >/dev/null 2>&1`,
      );
      await must(node, shut);
      before.set(node.name, await stateOf(node));
    }),
  );
});
afterAll(() => scene?.close());

const reach = (from: string, to: string, port: number): Promise<number> =>
  scene.lab
    .node(from)
    .exec(`timeout 3 bash -c 'exec 3<>/dev/tcp/${scene.lab.node(to).address}/${port}'`)
    .then(({ code }) => code);

/** Faults of the ports as `check` names them. */
const ports = async (): Promise<{ exit: number | null; faults: string[] }> => {
  const { stdout, code } = await scene.run(['check', '--json']);
  const { faults }: CheckReport = JSON.parse(stdout);
  const named = faults.filter(({ id }) => id === 'glusterd-port' || id === 'brick-ports');
  return { exit: code, faults: named.map(({ id, node, severity, next }) => `${severity} ${node} ${id}: ${next}`).sort() };
};

describe('ufw, firewalld and nftables', () => {
  it('are shut, which check names, with what will open them; without apply to open them it would stop a run', async () => {
    const opens = ['ufw', 'firewalld', 'nftables'].flatMap((by, i) =>
      ['brick-ports', 'glusterd-port'].map((id) => `warn node-${i + 1} ${id}: glusterctl apply opens it in ${by}`),
    );
    expect(await ports()).toEqual({ exit: 0, faults: opens.sort() });
    scene.write(`${scene.lab.clusterYaml()}firewall: leave\n`);
    const left = await ports();
    expect([left.exit, left.faults.length, left.faults.every((line) => line.startsWith('stop'))]).toEqual([7, 6, true]);
    scene.write(scene.lab.clusterYaml());
    for (const node of scene.lab.nodes) expect(stateDiff(before.get(node.name) ?? '', await stateOf(node)), node.name).toEqual([]);
  });

  it('are opened for the nodes of the file, so that the pool forms and a volume starts', async () => {
    const { code, stderr, stdout } = await scene.run(['apply', '--yes']);
    expect([code, code === 0 ? '' : stdout + stderr]).toEqual([0, '']);
    for (const from of ['node-1', 'node-2', 'node-3'])
      for (const to of ['node-1', 'node-2', 'node-3']) expect([from, to, await reach(from, to, 24007)]).toEqual([from, to, 0]);
    const status = await scene.run(['status', '--json']);
    expect(JSON.parse(status.stdout)).toMatchObject({ healthy: true });
    expect(await ports()).toEqual({ exit: 0, faults: [] });
  });

  it('let nobody else in, and stay on', async () => {
    for (const node of scene.lab.nodes) {
      // An address of the node next door that is not in the file.
      await must(node, `ip addr add ${node.address.replace(/\d+$/, (n) => `${Number(n) + 100}`)}/24 dev eth0`);
    }
    const other = scene.lab.node('node-1').address.replace(/\d+$/, '101');
    for (const to of ['node-2', 'node-3']) {
      const { address } = scene.lab.node(to);
      const script = `perl -MIO::Socket::INET -e 'exit(IO::Socket::INET->new(PeerAddr => "${address}", PeerPort => 24007, LocalAddr => "${other}", Timeout => 2) ? 0 : 1)'`;
      expect((await scene.lab.node('node-1').exec(script)).code, to).toBe(1);
      expect((await scene.lab.node('node-1').exec(script.replace(other, scene.lab.node('node-1').address))).code, to).toBe(0);
    }
    for (const node of scene.lab.nodes)
      await must(node, "ip addr del $(ip -o addr show dev eth0 | awk '$4 ~ /\\.10[0-9]\\// { print $4 }') dev eth0");
    expect((await scene.lab.node('node-1').exec('ufw status')).stdout).toContain('Status: active');
    expect((await scene.lab.node('node-2').exec('firewall-cmd --state')).code).toBe(0);
    expect((await scene.lab.node('node-3').exec('nft list ruleset')).stdout).toContain('reject with icmpx admin-prohibited');
  });

  it('have nothing left to be done, also after a reboot', async () => {
    const again = await scene.run(['apply', '--yes', '--json']);
    expect(JSON.parse(again.stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ result: 'converged', changed: 0 });
    await Promise.all(scene.lab.nodes.map((node) => node.reboot()));
    const plan = JSON.parse((await scene.run(['plan', '--json'])).stdout);
    expect(plan.changes.filter((change: { step: string }) => change.step === 'firewall')).toEqual([]);
    expect([
      await reach('node-1', 'node-3', 24007),
      await reach('node-3', 'node-2', 24007),
      await reach('node-2', 'node-1', 24007),
    ]).toEqual([0, 0, 0]);
  });

  it('are exactly what they were after a rollback', async () => {
    // What the reboot has dropped: it was never there for good.
    await must(scene.lab.node('node-2'), 'firewall-cmd -q --zone=public --add-port=8080/tcp');
    await must(
      scene.lab.node('node-3'),
      "nft add table inet others && nft add chain inet others input '{ type filter hook input priority 10; }'",
    );
    const { code, stderr } = await scene.run(['rollback', '--yes']);
    expect(code, stderr).toBe(0);
    for (const node of scene.lab.nodes) expect(stateDiff(before.get(node.name) ?? '', await stateOf(node)), node.name).toEqual([]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firewalld } from '../../src/steps/firewall/firewalld.ts';
import { parseChains, planNftables, withBlock } from '../../src/steps/firewall/nftables.ts';
import { ufw } from '../../src/steps/firewall/ufw.ts';
import { canonical, type Opening } from '../../src/steps/firewall/wish.ts';
import { firewall } from '../../src/steps/firewall.ts';
import { cluster, file, gluster, ids, node, reasons } from './answers.ts';

type Is = Parameters<typeof firewall.plan>[1];

const ufwOf = (...lines: string[]) => ufw.parse({ stdout: `v6 yes\n${lines.join('\n')}\n`, code: 0 });
const firewalldOf = (runtime: string[], permanent: string[], marks: string[] = []) => {
  const list = (rules: string[]) =>
    `public\n  target: default\n  services: ssh\n  rich rules: \n${rules.map((rule) => `\t${rule}`).join('\n')}\n`;
  return firewalld('10.0.0.1').parse({
    stdout: ['public', ...marks, 'RUNTIME', list(runtime), 'PERMANENT', list(permanent)].join('\n'),
    code: 0,
  });
};

const RULESET = `table inet filter {
	chain input {
		type filter hook input priority filter; policy drop;
		ct state established,related accept
		tcp dport 22 accept
	}

	chain output {
		type filter hook output priority filter; policy drop;
	}
}
table inet open {
	chain input {
		type filter hook input priority 10; policy accept;
		tcp dport 25 drop
	}
}
table ip filter {
	chain INPUT {
		type filter hook input priority filter; policy drop;
	}
}
table ip6 late {
	chain in6 {
		type filter hook input priority filter; policy accept;
		tcp dport 22 accept
		counter reject with icmpv6 admin-prohibited
	}
}
`;

const is = (active: Is['firewall']['active'], more: Partial<Is> = {}): Is => ({
  firewall: { active, at: active === null ? [] : [active], installed: [], foreignRules: false },
  found: new Map(),
  inUse: new Set(),
  firewalld: firewalldOf([], []),
  record: file(null),
  ufw: ufwOf(),
  chains: parseChains(RULESET),
  conf: file('# mine\n'),
  confEl: file(null),
  ...more,
});

const want = { cluster: 'prod', own: '10.0.0.1', sources: ['10.0.0.1', '10.0.0.2'], maxPort: null };
const only = (answers: Is, wish = want) => {
  const [change] = firewall.plan(wish, answers);
  if (!change) throw new Error('nothing is planned');
  return change;
};

describe('the step firewall', () => {
  it('opens ports on servers, to all nodes by their storage address, and does nothing with firewall: leave', () => {
    const nodes = [node('a', { storage: '10.0.0.1' }), node('b', { storage: '10.0.0.2', roles: ['client'] })];
    const jobs = firewall.jobs(cluster({ nodes, firewall: 'manage', gluster: gluster({ maxPort: 49400 }) }));
    expect(jobs).toEqual([{ node: 'a', want: { cluster: 'prod', own: '10.0.0.1', sources: ['10.0.0.1', '10.0.0.2'], maxPort: 49400 } }]);
    expect(firewall.jobs(cluster({ nodes, firewall: 'leave' }))).toEqual([]);
  });

  it('does nothing where no firewall is at work, and says so where one is that it does not know', () => {
    expect(firewall.plan(want, is(null))).toEqual([]);
    expect(firewall.plan(want, is('iptables'))).toEqual([]);
    expect(firewall.notes?.(want, is('iptables'))).toHaveLength(1);
    expect(firewall.notes?.(want, is('ufw'))).toEqual([]);
  });

  it('never loads, stops, or empties a firewall, and is taken back when SSH is cut', () => {
    for (const active of ['ufw', 'firewalld', 'nftables'] as const) {
      const change = only(is(active));
      expect(change.guard, active).toEqual({ seconds: 60 });
      const text = `${change.do.text}${change.undo}`;
      expect(text, active).not.toMatch(/reload|disable|enable|systemctl|flush|--complete|policy accept|0\.0\.0\.0\/0 any any/);
      expect(change.title).toContain('let 10.0.0.1, 10.0.0.2 reach');
    }
  });

  it('finds the addresses of names, and says which name leads to none', () => {
    const wish = { ...want, sources: ['10.0.0.1', 'b.example'] };
    expect(only(is('ufw', { found: new Map([['b.example', ['127.0.0.1', '10.0.0.9']]]) }), wish).do.text).toContain('10.0.0.9');
    expect(reasons(() => firewall.plan(wish, is('ufw', { found: new Map([['b.example', ['127.0.0.1']]]) })))).toEqual([
      expect.stringContaining('b.example leads to no address that the firewall could let in'),
    ]);
  });

  it('narrows the range by maxPort, but not below a brick that still runs', () => {
    expect(only(is('ufw'), { ...want, maxPort: 49400 } as never).do.text).toContain('24007,49152:49400');
    expect(only(is('ufw', { inUse: new Set([51000]) }), { ...want, maxPort: 49400 } as never).do.text).toContain('24007,49152:51000');
  });
});

describe('ufw', () => {
  const mark = Buffer.from('glusterctl prod').toString('hex');
  const rule = (from: string, ports = '24007,49152:60999', comment = ` comment=${mark}`) =>
    `allow tcp ${ports} 0.0.0.0/0 any ${from} in${comment}`;

  it('has nothing to do when its rules are there, whoever made them', () => {
    expect(firewall.plan(want, is('ufw', { ufw: ufwOf(rule('10.0.0.1'), rule('10.0.0.2', undefined, '')) }))).toEqual([]);
  });

  it('takes its own rules away when they are no longer wanted, and nobody else’s', () => {
    const change = only(is('ufw', { ufw: ufwOf(rule('10.0.0.1'), rule('10.0.0.2'), rule('10.0.0.7'), rule('10.0.0.8', undefined, '')) }));
    expect(change.do.text).toContain('each forbid 10.0.0.7 24007,49152:60999\n');
    expect(change.do.text).not.toContain('10.0.0.8');
    expect(change.undo.toString()).toContain('each allow 10.0.0.7 24007,49152:60999');
  });

  it('is refused for IPv6 when it lets none in', () => {
    const wish = { ...want, sources: ['fd00::1'] };
    expect(only(is('ufw'), wish).do.text).toContain('fd00::1');
    expect(reasons(() => firewall.plan(wish, is('ufw', { ufw: { rules: [], v6: false } })))).toEqual([
      expect.stringContaining('ufw lets no IPv6 in'),
    ]);
  });

  it('reads rules with networks and any source', () => {
    expect(ufwOf('allow tcp 22 ::/0 any ::/0 in', 'allow any 24007 0.0.0.0/0 any 10.0.0.1 in').rules).toEqual([
      { from: '::/0', ports: '22', comment: '' },
    ]);
  });
});

describe('firewalld', () => {
  const rules = (...from: string[]) =>
    from.flatMap((a) =>
      ['24007', '49152-60999'].map((port) => `rule family="ipv4" source address="${a}" port port="${port}" protocol="tcp" accept`),
    );
  const record = (list: string[]) => file(list.map((rule) => `public\t${rule}\n`).join(''));

  it('has nothing to do when its rules are there, now and for good', () => {
    const both = rules('10.0.0.1', '10.0.0.2');
    expect(firewall.plan(want, is('firewalld', { firewalld: firewalldOf(both, both), record: record(both) }))).toEqual([]);
    expect(firewall.plan(want, is('firewalld', { firewalld: { ...firewalldOf([], []), open: true } }))).toEqual([]);
  });

  it('adds only what is missing, and removes it again, wherever it was missing', () => {
    const [a, b] = [rules('10.0.0.1'), rules('10.0.0.2')];
    const changes = firewall.plan(want, is('firewalld', { firewalld: firewalldOf(a, [...a, ...b]) }));
    expect(ids(changes)).toEqual(['firewalld']);
    expect(changes[0]?.do.text).not.toContain('--permanent');
    expect(changes[0]?.do.text).toContain('10.0.0.2');
    expect(changes[0]?.do.text).not.toContain('10.0.0.1');
  });

  it('takes away what it made for a node that has left, but no rule that was there before', () => {
    const [a, b, c] = [rules('10.0.0.1'), rules('10.0.0.2'), rules('10.0.0.3')];
    const all = [...a, ...b, ...c];
    const [change, note] = firewall.plan(want, is('firewalld', { firewalld: firewalldOf(all, all), record: record([...b, ...c]) }));
    expect(change?.do.text).toContain('--remove-rich-rule=rule family="ipv4" source address="10.0.0.3"');
    expect(change?.do.text).not.toMatch(/10\.0\.0\.[12]"/);
    expect(note?.diff?.after).toBe(b.map((rule) => `public\t${rule}\n`).join(''));
  });

  it('removes the file of a zone that had none, only when the zone is as it was', () => {
    expect(only(is('firewalld')).undo.toString()).toMatch(
      /if \[ "\$\(firewall-cmd --permanent --zone=public --list-all\)" = '[^']*' \]; then rm -f -- \/etc/,
    );
    expect(only(is('firewalld', { firewalld: firewalldOf([], [], ['file', 'spare']) })).undo.toString()).not.toContain('rm -f');
  });
});

describe('nftables', () => {
  const opening: Opening = { mark: 'glusterctl prod', v4: ['10.0.0.2'], v6: [], last: 60999 };
  const conf = { path: '/etc/nftables.conf', state: file('flush ruleset\n') };

  it('sees which chains are shut: by policy, or by a last rule that takes all; not those of iptables', () => {
    expect(parseChains(RULESET).map(({ family, table, name, closed }) => [family, table, name, closed])).toEqual([
      ['inet', 'filter', 'input', true],
      ['inet', 'open', 'input', false],
      ['ip6', 'late', 'in6', true],
    ]);
  });

  it('puts its rules at the head of these chains, and into the file in a block of its own', () => {
    const [change] = planNftables({ ...opening, v6: ['fd00::2'] }, parseChains(RULESET), conf);
    expect(change?.diff?.after).toBe(`flush ruleset
# BEGIN glusterctl prod
insert rule inet filter input ip saddr { 127.0.0.1, 10.0.0.2 } tcp dport { 24007, 49152-60999 } accept comment "glusterctl prod"
insert rule inet filter input ip6 saddr { ::1, fd00::2 } tcp dport { 24007, 49152-60999 } accept comment "glusterctl prod"
insert rule ip6 late in6 ip6 saddr { ::1, fd00::2 } tcp dport { 24007, 49152-60999 } accept comment "glusterctl prod"
# END glusterctl prod
`);
  });

  it('knows its rules again however nft prints them', () => {
    const shown = 'ip saddr { 10.0.0.2, 127.0.0.1 } tcp dport { 24007, 49152-60999 } accept comment "glusterctl prod"';
    const chains = parseChains(RULESET.replace('\t\ttcp dport 22 accept\n\t}', `\t\ttcp dport 22 accept\n\t\t${shown}\n\t}`)).filter(
      ({ table }) => table === 'filter',
    );
    const [planned] = planNftables(opening, chains, conf);
    const done = { path: conf.path, state: file(planned?.diff?.after ?? '') };
    expect(planNftables(opening, chains, done)).toEqual([]);
    expect(planNftables({ ...opening, v4: ['10.0.0.3'] }, chains, done)).toHaveLength(1);
  });

  it('has nothing to do where nothing is shut', () => {
    expect(
      planNftables(
        opening,
        parseChains(RULESET).filter(({ closed }) => !closed),
        conf,
      ),
    ).toEqual([]);
  });

  it('leaves every other byte of the file alone', () => {
    const line = fc.stringMatching(/^[ -~]{0,40}$/).filter((text) => !text.startsWith('# BEGIN') && !text.startsWith('# END'));
    fc.assert(
      fc.property(fc.array(line), fc.array(line, { minLength: 1 }), fc.array(line, { minLength: 1 }), (lines, one, two) => {
        const text = lines.map((l) => `${l}\n`).join('');
        const first = withBlock(text, 'glusterctl prod', one);
        expect(withBlock(first, 'glusterctl prod', [])).toBe(text);
        expect(withBlock(first, 'glusterctl prod', two)).toBe(withBlock(text, 'glusterctl prod', two));
      }),
    );
  });
});

it('one IPv6 address has one form', () => {
  expect(['2001:db8:0:0::1', '2001:DB8::1', '10.0.0.1', '2001:db8::/32'].map(canonical)).toEqual([
    '2001:db8::1',
    '2001:db8::1',
    '10.0.0.1',
    '2001:db8::/32',
  ]);
});

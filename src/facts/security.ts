import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';
import { unitsSh } from './units.ts';

export interface Firewall {
  /** Which one is in charge; null where none is. firewalld wins over ufw over nftables, as they would overwrite each other. */
  active: 'firewalld' | 'ufw' | 'nftables' | 'iptables' | null;
  /** All that are: more than one is a mistake. */
  at: readonly string[];
  /** Those that are installed. */
  installed: readonly string[];
  /** Rules that glusterctl does not manage are there: something filters, but no known service loads it. */
  foreignRules: boolean;
}

export const firewall: Fact<Firewall> = {
  id: 'firewall',
  read: sh`
    command -v firewall-cmd >/dev/null && echo has=firewalld
    command -v ufw >/dev/null && echo has=ufw
    command -v nft >/dev/null && echo has=nftables
    command -v iptables >/dev/null && echo has=iptables
    grep -qi '^ENABLED=yes' /etc/ufw/ufw.conf && echo on=ufw
    ${unitsSh}
    set --
    for unit in firewalld nftables iptables netfilter-persistent; do ! is_unit "$unit.service" || set -- "$@" "$unit.service"; done
    if [ $# -gt 0 ]; then
      # A line for each, in their order.
      for state in $(systemctl is-active "$@"); do
        name=\${1%.service}
        [ "$name" != netfilter-persistent ] || name=iptables
        [ "$state" = active ] && echo "on=$name"
        shift
      done
    fi
    command -v nft >/dev/null && nft -s list ruleset | grep -q -E -e 'hook input .*policy drop' -e '^[[:space:]]*(counter )?(drop|reject)' && echo rules=yes
    command -v iptables >/dev/null && iptables -S | grep -q -e '^-A .*-j DROP' -e '^-A .*-j REJECT' -e '^-P INPUT DROP' && echo rules=yes
    :`,
  parse: ({ stdout }) => {
    const on = (name: string) => new RegExp(`^on=${name}$`, 'm').test(stdout);
    const at = (['firewalld', 'ufw', 'nftables', 'iptables'] as const).filter(on);
    const active = at[0] ?? null;
    return {
      active,
      at,
      installed: [...stdout.matchAll(/^has=(.+)$/gm)].map((m) => m[1] ?? ''),
      foreignRules: active === null && /^rules=yes$/m.test(stdout),
    };
  },
};

export interface Selinux {
  /** absent: the kernel has none, or it is switched off. */
  mode: 'enforcing' | 'permissive' | 'absent';
  /** What /etc/selinux/config says for the next boot; null where there is none. */
  configured: string | null;
}

export const selinux: Fact<Selinux> = {
  id: 'selinux',
  read: sh`
    if [ -e /sys/fs/selinux/enforce ]; then cat /sys/fs/selinux/enforce; fi
    echo
    [ ! -e /etc/selinux/config ] || sed -n 's/^SELINUX=//p' /etc/selinux/config`,
  parse: ({ stdout }) => {
    const [enforce = '', ...rest] = stdout.split('\n');
    const configured =
      rest
        .map((l) => l.trim())
        .filter(Boolean)
        .at(-1) ?? null;
    return { mode: enforce === '1' ? 'enforcing' : enforce === '0' ? 'permissive' : 'absent', configured };
  },
};

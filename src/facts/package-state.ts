import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

export interface PackageState {
  /** Who holds the lock of apt, dpkg, dnf or yum now, such as `1234 (unattended-upgr)`; null where nobody does. */
  lockedBy: string | null;
  /** dpkg or rpm was stopped in the middle of its work. */
  interrupted: boolean;
  /** Packages are fetched through a proxy, so that a connection made without it tells nothing. */
  proxy: boolean;
}

const LOCKS = [
  '/var/lib/dpkg/lock-frontend',
  '/var/lib/dpkg/lock',
  '/var/lib/apt/lists/lock',
  '/var/lib/rpm/.rpm.lock',
  '/usr/lib/sysimage/rpm/.rpm.lock',
];
const PIDS = ['/var/run/yum.pid', '/var/cache/dnf/metadata_lock.pid', '/var/lib/dnf/rpmdb_lock.pid'];

/** Locks come and go: for preflight, not for plans. */
export const packageState: Fact<PackageState> = {
  id: 'package-state',
  read: sh`
    for f in ${LOCKS}; do
      i=$(stat -c %i -- "$f") && awk -v i="$i" '$2 == "POSIX" && $4 == "WRITE" { split($6, at, ":"); if (at[3] == i) print $5 }' /proc/locks
    done | while read -r p; do echo "pid $p $(cat "/proc/$p/comm")"; done
    for f in ${PIDS}; do
      [ -s "$f" ] && p=$(cat "$f") && [ -d "/proc/$p" ] && echo "pid $p $(cat "/proc/$p/comm")"
    done
    if command -v dpkg-query >/dev/null; then
      [ -n "$(ls /var/lib/dpkg/updates)" ] && echo interrupted
      dpkg-query -W -f='\${db:Status-Status}\n' | grep -q -e '^half-' -e '^unpacked' -e '^triggers-' && echo interrupted
    fi
    ls /var/lib/yum/transaction-all.* >/dev/null && echo interrupted
    { apt-config dump Acquire::http::Proxy; apt-config dump Acquire::https::Proxy; grep -h '^proxy *=' /etc/yum.conf /etc/dnf/dnf.conf; } | grep -q '[:/]' && echo proxy
    :`,
  parse: ({ stdout }) => {
    const [, pid, name] = /^pid (\d+) ?(.*)$/m.exec(stdout) ?? [];
    return {
      lockedBy: pid === undefined ? null : name ? `${pid} (${name})` : pid,
      interrupted: /^interrupted$/m.test(stdout),
      proxy: /^proxy$/m.test(stdout),
    };
  },
};

import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

/** What several checks want to know, and no step. */
export interface HostState {
  /** Bytes of a packet, by interface. */
  mtu: ReadonlyMap<string, number>;
  /** Filesystems of which less than a twentieth of the inodes is free. */
  fewInodes: readonly string[];
  /** As `systemctl is-system-running` has it: running, degraded, starting, maintenance... '' without systemd. */
  system: string;
  /** semanage is there. */
  semanage: boolean;
  /** /dev/fuse is there; without it nothing is mounted, whatever modules are loaded. */
  fuse: boolean;
  /** A name server is set. */
  nameServer: boolean;
}

export const hostState: Fact<HostState> = {
  id: 'host-state',
  read: sh`
    for f in /sys/class/net/*/mtu; do i=\${f%/mtu}; echo "mtu \${i##*/} $(cat "$f")"; done
    df -P -i -l | awk 'NR > 1 && $2 > 0 && $4 * 20 < $2 { print "inodes", $6 }'
    echo "system $(systemctl is-system-running)"
    command -v semanage >/dev/null && echo semanage
    [ -c /dev/fuse ] && echo fuse
    grep -q '^nameserver' /etc/resolv.conf && echo nameserver
    :`,
  parse: ({ stdout }) => ({
    mtu: new Map([...stdout.matchAll(/^mtu (\S+) (\d+)$/gm)].map(([, name = '', mtu]) => [name, Number(mtu)])),
    fewInodes: [...stdout.matchAll(/^inodes (.+)$/gm)].map(([, target = '']) => target),
    system: /^system (.*)$/m.exec(stdout)?.[1] ?? '',
    semanage: /^semanage$/m.test(stdout),
    fuse: /^fuse$/m.test(stdout),
    nameServer: /^nameserver$/m.test(stdout),
  }),
};

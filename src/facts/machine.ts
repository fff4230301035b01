import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

export interface Machine {
  /** `uname -r` */
  kernel: string;
  /** As systemd-detect-virt(1) names it: none, kvm, vmware, lxc, docker... 'unknown' when nothing tells. */
  virtualisation: string;
  /** A container shares its kernel: no module can be loaded and no clock be set from inside. */
  container: boolean;
  /** Bytes of RAM. */
  memory: number;
  cpus: number;
  /** Program that runs as process 1: systemd, or what it is called. */
  init: string;
  /** /etc/machine-id; '' when there is none. The same on two nodes means a cloned image. */
  machineId: string;
  /** Changes with every boot, and only then. */
  bootId: string;
}

/** How many are in a list like `0-3,6`, as the kernel writes it. */
const countOf = (list: string): number =>
  [...list.matchAll(/(\d+)(?:-(\d+))?/g)].reduce((sum, [, first, last = first]) => sum + Number(last) - Number(first) + 1, 0);

/**
 * Each line is KEY VALUE. /run/systemd/container is systemd's own note (systemd-detect-virt(1)); without it the program is asked. Where systemd-detect-virt is not there, what containers leave behind is looked for; a
 * hypervisor without it shows in the CPU flags only.
 */
export const machine: Fact<Machine> = {
  id: 'machine',
  read: sh`
    read -r said </proc/sys/kernel/osrelease && echo "kernel $said"
    if [ -s /run/systemd/container ] && read -r c </run/systemd/container; then
      echo "container $c"
    elif command -v systemd-detect-virt >/dev/null; then
      c=$(systemd-detect-virt --container)
      echo "container $c"
      [ "$c" != none ] || echo "vm $(systemd-detect-virt --vm)"
    else
      c=$(tr '\0' '\n' </proc/1/environ | sed -n 's/^container=//p')
      [ -n "$c" ] || { [ -e /.dockerenv ] && c=docker; } || { [ -e /run/.containerenv ] && c=podman; }
      [ -n "$c" ] && echo "container $c"
      grep -q '^flags.* hypervisor' /proc/cpuinfo && echo 'vm unknown'
    fi
    while read -r key said rest; do
      [ "$key" = MemTotal: ] && echo "memory $said" && break
    done </proc/meminfo
    if read -r said </sys/devices/system/cpu/online; then echo "online $said"; else echo "cpus $(getconf _NPROCESSORS_ONLN)"; fi
    if [ -d /run/systemd/system ]; then echo 'init systemd'; else echo "init $(cat /proc/1/comm)"; fi
    read -r said </etc/machine-id && echo "machineId $said"
    read -r said </proc/sys/kernel/random/boot_id && echo "bootId $said"`,
  parse: ({ stdout }) => {
    const values = new Map(stdout.split('\n').map((line) => [line.split(' ', 1)[0] ?? '', line.slice(line.indexOf(' ') + 1).trim()]));
    const kind = (key: string) => values.get(key)?.replace(/^none$/, '') || undefined;
    return {
      kernel: values.get('kernel') ?? '',
      virtualisation: kind('container') ?? kind('vm') ?? 'none',
      container: kind('container') !== undefined,
      memory: Number(values.get('memory') ?? 0) * 1024,
      cpus: countOf(values.get('online') ?? '') || Number(values.get('cpus') || 1),
      init: values.get('init') ?? '',
      machineId: /^[0-9a-f]{32}$/.exec(values.get('machineId') ?? '')?.[0] ?? '',
      bootId: values.get('bootId') ?? '',
    };
  },
};

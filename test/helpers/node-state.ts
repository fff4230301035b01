import type { LabNode } from '../lab/index.ts';

/**
 * What a node is, as text that can be compared: every file with content, mode and owner; packages with
 * versions, holds and marks; units; users; mounts. Left out is what changes by itself: logs, caches, /run. A CRC finds
 * what changes by mistake as well as a SHA would, in an eighth of the time.
 */
const SCRIPT = String.raw`
cd /
own() {
  find . -xdev \( -path ./proc -o -path ./sys -o -path ./dev -o -path ./run -o -path ./tmp -o -path ./var/tmp -o -path ./var/log -o -path ./var/cache \
    -o -path ./var/lib/systemd -o -path ./root -o -path ./var/lib/apt -o -path ./var/lib/ucf -o -path ./var/lib/dpkg -o -path ./var/lib/rpm -o -path ./var/lib/dnf -o -path ./etc/resolv.conf \
    -o -path ./etc/.updated -o -path ./var/.updated -o -path './etc/*-' -o -path ./usr/share -o -path ./usr/lib/x86_64-linux-gnu/perl-base \) -prune -o "$@"
}
own -printf '%p %m %U:%G %y %l\n' | LC_ALL=C sort
own -type f -print0 | xargs -0 cksum | LC_ALL=C sort -k3
echo '--- packages'
if command -v rpm >/dev/null; then
  rpm -qa --qf '%{NEVRA}\n' | LC_ALL=C sort
else
  dpkg-query -W -f '\${db:Status-Abbrev} \${Package} \${Version}\n' | LC_ALL=C sort
  apt-mark showhold | sort
  apt-mark showmanual | sort
fi
echo '--- units'
systemctl list-unit-files --no-legend --no-pager | LC_ALL=C sort
systemctl list-units --all --type=service,mount,automount --no-legend --no-pager --plain | awk '{print $1, $3}' | grep -v -E '^(user@|user-|session-|ssh@|apt-daily|dpkg-db|systemd-tmpfiles-clean|e2scrub|logrotate|man-db|systemd-hostnamed|systemd-timedated|fstrim|modprobe@)' | LC_ALL=C sort
echo '--- mounts'
awk '{print $2, $3}' /proc/mounts | grep -v -E '^/run/(user|credentials)' | LC_ALL=C sort
`;

export const nodeState = async (node: LabNode): Promise<string> => {
  const { stdout, stderr, code } = await node.exec(SCRIPT.replaceAll('\\$', '$'), { timeoutMs: 120_000 });
  if (code !== 0) throw new Error(`${node.name}: ${stderr}`);
  return stdout;
};

/** Lines that are in one state and not in the other; [] when they are equal. */
export const stateDiff = (before: string, after: string): string[] => {
  const [a, b] = [new Set(before.split('\n')), new Set(after.split('\n'))];
  return [
    ...[...a].filter((line) => !b.has(line)).map((line) => `- ${line}`),
    ...[...b].filter((line) => !a.has(line)).map((line) => `+ ${line}`),
  ];
};

import { parseMounts } from '../../facts/mounts.ts';
import type { Fact } from '../../model/fact.ts';
import { sh } from '../../sh.ts';
import { brickUnitFile, brickUnitName } from './mount-unit.ts';

/** The mount point of a disk. What is below a mount is not looked at. */
export interface BrickMount {
  systemd: boolean;
  kind: 'none' | 'empty' | 'full' | 'other' | 'mounted';
  /** Directories that have to be made, the mount point first. */
  missing: readonly string[];
  /** chattr +i is set on the directory itself; null: its filesystem has no such flag, or something is mounted there. */
  immutable: boolean | null;
  /** `major:minor` of what is mounted there; null: nothing is. */
  device: string | null;
  /** Text of our unit; null where there is none. */
  unit: string | null;
  enabled: boolean;
  fstab: boolean;
  /** SELinux type of what is mounted there; '' where SELinux is off or nothing is mounted. */
  label: string;
}

const brickMountScript = (mount: string) => sh`
  p=${mount}
  [ ! -d /run/systemd/system ] || echo systemd
  [ "$(systemctl is-enabled -- ${brickUnitName(mount)})" != enabled ] || echo enabled
  ! awk '$2 == p { f = 1 } END { exit !f }' p="$p" /etc/fstab || echo fstab
  if awk '$5 == p { f = 1 } END { exit !f }' p="$p" /proc/self/mountinfo; then
    echo mounted
    [ ! -e /sys/fs/selinux/enforce ] || echo "label $(stat -c %C -- "$p" | cut -d : -f 3)"
  elif [ ! -e "$p" ] && [ ! -L "$p" ]; then
    echo none
    a=$p
    while [ ! -e "$a" ]; do echo "missing $a"; a=$(dirname -- "$a"); done
  elif [ ! -d "$p" ]; then echo other
  else
    flags=$(lsattr -d -- "$p") && case \${flags%% *} in *i*) echo immutable ;; *) echo mutable ;; esac
    if [ -n "$(ls -A -- "$p")" ]; then echo full; else echo empty; fi
  fi
  echo =unit
  base64 -w0 -- ${brickUnitFile(mount)} || :
  echo
  echo =mounts
  cat /proc/self/mountinfo`;

const parse = (mount: string, stdout: string): BrickMount => {
  const [head = '', rest = ''] = stdout.split('\n=unit\n');
  const [unit = '', table = ''] = rest.split('\n=mounts\n');
  const lines = head.split('\n');
  const kinds = ['none', 'empty', 'full', 'mounted'] as const;
  const here = parseMounts(table).findLast(({ target }) => target === mount);
  return {
    systemd: lines.includes('systemd'),
    kind: kinds.find((kind) => lines.includes(kind)) ?? 'other',
    missing: lines.flatMap((line) => (line.startsWith('missing ') ? [line.slice(8)] : [])),
    immutable: lines.includes('immutable') ? true : lines.includes('mutable') ? false : null,
    device: here?.device ?? null,
    unit: unit.trim() === '' ? null : Buffer.from(unit.trim(), 'base64').toString('utf8'),
    enabled: lines.includes('enabled'),
    fstab: lines.includes('fstab'),
    label: lines.find((line) => line.startsWith('label '))?.slice(6) ?? '',
  };
};

/** By mount point. */
export const brickMounts = (mounts: readonly string[]): Fact<ReadonlyMap<string, BrickMount>> => {
  const asked = [...new Set(mounts)].sort();
  return {
    id: `brick-mounts:${asked.join(' ')}`,
    read: sh`${asked.map((mount) => sh`(${brickMountScript(mount)}); printf '\n=end\n';`)}`,
    parse: ({ stdout }) => {
      const parts = stdout.split('\n=end\n');
      return new Map(asked.map((mount, i) => [mount, parse(mount, parts[i] ?? '')]));
    },
  };
};

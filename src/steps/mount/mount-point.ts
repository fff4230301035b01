import { parseMounts } from '../../facts/mounts.ts';
import type { Fact } from '../../model/fact.ts';
import { sh } from '../../sh.ts';

/** The place of a client mount. Whether an automount has mounted by now is left out: it changes with every use. */
export interface MountPoint {
  systemd: boolean;
  /** The kernel watches directories for systemd; containers often cannot. */
  autofs: boolean;
  kind: 'none' | 'empty' | 'full' | 'other' | 'mounted';
  /** Directories that have to be made, the mount point first. */
  missing: readonly string[];
  /** An automount watches it. */
  watched: boolean;
  /** What is mounted there and is not the volume, or is it without an automount: `TYPE SOURCE`. */
  mounted: string | null;
  /** The automount unit is enabled. */
  enabled: boolean;
  /** /etc/fstab has a line for it. */
  fstab: boolean;
}

/** `localhost:/gv0` and `node-1:gv0` are the same volume. */
const isVolume = (volume: string, source: string): boolean => source.endsWith(`:/${volume}`) || source.endsWith(`:${volume}`);

/** Nothing below a mount is looked at: that would trigger it, and hang when its servers are away. */
export const mountPoint = (path: string, volume: string, unit: string): Fact<MountPoint> => ({
  id: `mount-point:${path}:${volume}`,
  read: sh`
    p=${path}
    [ ! -d /run/systemd/system ] || echo systemd
    [ ! -e /dev/autofs ] || echo autofs
    [ "$(systemctl is-enabled -- ${unit})" != enabled ] || echo enabled
    ! awk '$2 == p { f = 1 } END { exit !f }' p="$p" /etc/fstab || echo fstab
    if awk '$5 == p { f = 1 } END { exit !f }' p="$p" /proc/self/mountinfo; then
      echo mounted
    elif [ ! -e "$p" ] && [ ! -L "$p" ]; then
      echo none
      a=$p
      while [ ! -e "$a" ]; do echo "missing $a"; a=$(dirname -- "$a"); done
    elif [ ! -d "$p" ]; then echo other
    elif [ -n "$(ls -A -- "$p")" ]; then echo full
    else echo empty; fi
    echo =mounts
    cat /proc/self/mountinfo`,
  parse: ({ stdout }) => {
    const [head = '', table = ''] = stdout.split('\n=mounts\n');
    const lines = head.split('\n');
    const here = parseMounts(table).filter(({ target }) => target === path);
    const watched = here.some(({ fstype }) => fstype === 'autofs');
    const other = here.find(
      ({ fstype, source }) => fstype !== 'autofs' && !(watched && fstype === 'fuse.glusterfs' && isVolume(volume, source)),
    );
    const kinds = ['none', 'empty', 'full', 'mounted'] as const;
    return {
      systemd: lines.includes('systemd'),
      autofs: lines.includes('autofs'),
      kind: kinds.find((kind) => lines.includes(kind)) ?? 'other',
      missing: lines.flatMap((line) => (line.startsWith('missing ') ? [line.slice(8)] : [])),
      watched,
      mounted: other ? `${other.fstype} ${other.source}` : null,
      enabled: lines.includes('enabled'),
      fstab: lines.includes('fstab'),
    };
  },
});

/** The volume is mounted there, but no automount watches it. */
export const isBareMount = (volume: string, { mounted }: MountPoint): boolean =>
  mounted?.startsWith('fuse.glusterfs ') === true && isVolume(volume, mounted);

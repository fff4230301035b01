import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

/** A line of /proc/self/mountinfo, proc(5). */
export interface MountEntry {
  target: string;
  /** Device, `host:/volume` or what the filesystem calls itself. */
  source: string;
  fstype: string;
  /** Options of this mount, then those of the filesystem. */
  options: readonly string[];
  /** Path inside of the filesystem that is mounted; not `/` for bind mounts and subvolumes. */
  root: string;
  /** `major:minor` of the filesystem. */
  device: string;
}

/** Spaces, tabs, newlines and backslashes are octal there. */
const plain = (text: string): string => text.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)));

/** Throws where the text has no mount at all: an empty answer must not pass for "nothing is mounted". */
export const parseMounts = (text: string): MountEntry[] => {
  const found = text.split('\n').flatMap((line): MountEntry[] => {
    const [before = '', after] = line.split(' - ');
    if (after === undefined) return [];
    const [, , device = '', root = '', target = '', options = ''] = before.split(' ');
    const [fstype = '', source = '', superOptions = ''] = after.split(' ');
    const all = [...new Set([...options.split(','), ...superOptions.split(',')])].filter(Boolean);
    return [{ target: plain(target), source: plain(source), fstype, options: all, root: plain(root), device }];
  });
  if (found.length === 0) throw new Error('no mount in /proc/self/mountinfo');
  return found;
};

export const mounts: Fact<readonly MountEntry[]> = {
  id: 'mounts',
  read: sh`cat /proc/self/mountinfo`,
  parse: ({ stdout }) => parseMounts(stdout),
};

export interface Covering {
  /** The path with all symlinks followed, as far as it exists. */
  path: string;
  mount: MountEntry;
  /** On the root filesystem: by device number, as glusterd 10.3 judges it, so a bind mount of a folder of it is, too. */
  onRoot: boolean;
  /** The path itself is where something is mounted. */
  isMountPoint: boolean;
}

/** Of several mounts at one place the last one is what is seen. */
export const covering = (path: string, all: readonly MountEntry[]): Covering => {
  const holds = (m: MountEntry) => m.target === '/' || path === m.target || path.startsWith(`${m.target}/`);
  const mount = all.filter(holds).reduce((best, m) => (m.target.length >= best.target.length ? m : best));
  const root = all.filter((m) => m.target === '/').at(-1);
  return { path, mount, onRoot: mount.device === root?.device, isMountPoint: mount.target === path };
};

/** Which mount a path is on; the path need not exist. */
export const mountOf = (path: string): Fact<Covering> => ({
  id: `mount:${path}`,
  read: sh`
    readlink -m -- ${path} || printf '%s\n' ${path}
    cat /proc/self/mountinfo`,
  parse: ({ stdout }) => {
    const end = stdout.indexOf('\n');
    return covering(stdout.slice(0, end), parseMounts(stdout.slice(end + 1)));
  },
});

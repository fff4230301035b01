import { describe, expect, it } from 'vitest';
import { covering, mountOf, mounts, parseMounts } from '../../src/facts/mounts.ts';
import { askHere } from './here.ts';

const TEXT = String.raw`22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro
25 22 0:5 / /dev rw,nosuid shared:2 - devtmpfs udev rw,size=1g
40 22 253:2 / /data/brick1 rw,noatime shared:9 - xfs /dev/mapper/vg-brick1 rw,inode64,nouuid
41 22 8:1 /srv/bound /data/bound rw,relatime shared:1 - ext4 /dev/sda1 rw
42 22 8:17 / /mnt/with\040space\134 rw - ext4 /dev/sdb1 rw
43 40 253:3 / /data/brick1/old rw - xfs /dev/mapper/vg-a rw
44 43 253:4 / /data/brick1/old rw - xfs /dev/mapper/vg-b rw
45 22 0:40 / /mnt/gv0 rw - fuse.glusterfs node-1:/gv0 rw,user_id=0`;

describe('mounts', () => {
  const all = parseMounts(TEXT);

  it('have target, source, type and options, unescaped', () => {
    expect(all.find((m) => m.device === '8:17')).toMatchObject({ target: '/mnt/with space\\', source: '/dev/sdb1', fstype: 'ext4' });
    expect(all.find((m) => m.target === '/data/brick1')?.options).toEqual(['rw', 'noatime', 'inode64', 'nouuid']);
    expect(all.find((m) => m.target === '/mnt/gv0')).toMatchObject({ fstype: 'fuse.glusterfs', source: 'node-1:/gv0' });
  });

  it.each([
    ['/data/brick1/gv0', '/dev/mapper/vg-brick1', false, false],
    ['/data/brick1', '/dev/mapper/vg-brick1', false, true],
    ['/data/brick10', '/dev/sda1', true, false],
    ['/srv/gv0', '/dev/sda1', true, false],
    ['/', '/dev/sda1', true, true],
    ['/data/bound/gv0', '/dev/sda1', true, false],
    ['/data/brick1/old/x', '/dev/mapper/vg-b', false, false],
  ])('%s is on %s', (path, source, onRoot, isMountPoint) => {
    expect(covering(path, all)).toMatchObject({ mount: { source }, onRoot, isMountPoint });
  });

  it('are never taken for none when they cannot be read', () => {
    expect(() => mounts.parse({ stdout: '', code: 1 })).toThrow(/mountinfo/);
  });

  it('are those of this machine, for paths that do not exist as well', () => {
    const { here, proc } = askHere({ here: mountOf('/no/such/../such/path'), proc: mountOf('/proc/self') });
    expect(here).toMatchObject({ path: '/no/such/path', onRoot: true });
    expect(proc.mount.fstype).toBe('proc');
  });
});

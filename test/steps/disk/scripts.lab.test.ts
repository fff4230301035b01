import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { classify } from '../../../src/facts/disks.ts';
import type { Change } from '../../../src/model/step.ts';
import { doScript, undoScript } from '../../../src/run/script.ts';
import { sh } from '../../../src/sh.ts';
import type { Choice } from '../../../src/steps/disk/choose.ts';
import { guard } from '../../../src/steps/disk/guard.ts';
import { wipeChange } from '../../../src/steps/disk/wipe.ts';
import { diskXfs } from '../../../src/steps/disk-xfs.ts';
import { blank } from '../../facts/block-graphs.ts';
import { type OwnMounts, openMounts } from '../../helpers/own-mounts.ts';

/** Real loop devices with real signatures, mounts and holders: the scripts that look and write, under dash, as root. */

const SIZE = 400 * 2 ** 20;
let dir: string;
let loop: string;
let mounts: OwnMounts;

const must = (command: string, ...args: string[]): string => {
  const [program, ...words] = mounts.enter(command, ...args);
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
};

const attach = (name: string): string => {
  const path = join(dir, name);
  writeFileSync(path, '');
  truncateSync(path, SIZE);
  // With a scan for partitions: the kernel may still know those of whatever was on this loop device before.
  return must('losetup', '--find', '--partscan', '--show', path);
};

/** /var/lib, where the records are, is the test's, in a mount namespace of its own. */
const run = (script: string): { code: number; stdout: string; stderr: string } => {
  const input = `mount --bind ${dir}/state /var/lib || exit 99\n${script}\n`;
  const [program, ...words] = mounts.enter('unshare', '--mount', '--propagation', 'slave', 'dash', '-s');
  const { status, stdout, stderr } = spawnSync(program, words, {
    input,
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C' },
  });
  return { code: status ?? 255, stdout, stderr };
};

beforeAll(async () => {
  mounts = await openMounts();
});
afterAll(() => mounts?.close());
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-loop-'));
  mkdirSync(join(dir, 'state'));
  mkdirSync(join(dir, 'mnt'));
  loop = attach('disk');
});
afterEach(() => {
  const [program, ...words] = mounts.enter('umount', '-q', join(dir, 'mnt'));
  spawnSync(program, words);
  for (const line of must('losetup', '--list', '--noheadings', '-O', 'NAME,BACK-FILE').split('\n')) {
    const [name = '', file = ''] = line.trim().split(/\s+/);
    if (file.startsWith(dir)) must('losetup', '--detach', name);
  }
  rmSync(dir, { recursive: true, force: true });
});

const look = (size = SIZE) =>
  run(
    sh`
  set -eu
  ${guard}
  find_disk NAME ${loop.slice(5)} any ${size}
  blank`.text,
  );

const device = (over = {}) => blank(loop.slice(5), { type: 'disk', size: SIZE, serial: '', idSerial: '', ...over });
const signature = (type: string) => ({ signatures: [{ type, label: '', uuid: '' }] });

describe('the last look before a disk is written to', () => {
  it('takes a blank one of the right size', () => {
    expect(look()).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(look(SIZE + 1).stderr).toContain(`has ${SIZE} bytes, and had ${SIZE + 1} when this was planned`);
  });

  it.each([
    ['ext4', ['mke2fs', '-q', '-t', 'ext4']],
    ['xfs', ['mkfs.xfs', '-q']],
    ['swap', ['mkswap', '-q']],
    ['LVM2_member', ['pvcreate', '-qq', '--config', 'devices{use_devicesfile=0}']],
  ])('sees that it carries %s by now', (_, [command = '', ...args]) => {
    must(command, ...args, loop);
    const { code, stderr } = look();
    expect([code, stderr]).toEqual([1, expect.stringContaining(`${loop} is not blank any more`)]);
  });

  it('sees a partition table', () => {
    spawnSync('sfdisk', ['-q', '--no-reread', '--no-tell-kernel', loop], { input: 'label: gpt\n,10M\n' });
    expect(look().stderr).toContain('is not blank any more');
  });

  it('sees that it is mounted, used by a loop device, or read-only', () => {
    must('mkfs.xfs', '-q', loop);
    must('mount', loop, join(dir, 'mnt'));
    expect(look().stderr).toBe(`${loop} is mounted on ${join(dir, 'mnt')}\n`);
    must('umount', join(dir, 'mnt'));
    must('wipefs', '-q', '-a', loop);
    const second = must('losetup', '--find', '--show', loop);
    expect(look().stderr).toBe(`${loop} is used by a loop device\n`);
    must('losetup', '--detach', second);
    must('blockdev', '--setro', loop);
    expect(look().stderr).toBe(`${loop} is read-only\n`);
    must('blockdev', '--setrw', loop);
    expect(look().code).toBe(0);
  });

  it('is refused the exclusive open by whoever holds the device, even where nothing else shows it', () => {
    const holder = `import fcntl, os, subprocess, sys
fd = os.open(sys.argv[1], os.O_RDWR | os.O_EXCL)
print(subprocess.run(['wipefs', '-n', '-a', sys.argv[1]], capture_output=True, text=True).stderr)`;
    expect(must('python3', '-c', holder, loop)).toContain('Device or resource busy');
  });

  it('writes nothing, whatever it finds', () => {
    must('mke2fs', '-q', '-t', 'ext4', '-L', 'keep', loop);
    const sum = must('sha256sum', join(dir, 'disk'));
    look();
    expect(must('sha256sum', join(dir, 'disk'))).toBe(sum);
  });
});

describe('wiping', () => {
  const wipe = (over: object): Change => {
    const [disk] = classify({ devices: [device(over)], unknown: [] });
    if (!disk) throw new Error('no disk');
    return wipeChange({ device: disk, identity: { property: 'NAME', value: disk.name } } as Choice, 'all', [disk]);
  };

  it('takes away what was agreed to', () => {
    must('mke2fs', '-q', '-t', 'ext4', loop);
    expect(run(doScript(wipe(signature('ext4')))).code).toBe(0);
    expect(must('wipefs', '-n', loop)).toBe('');
  });

  it('stops where something else is there by now, or another filesystem of the same kind', () => {
    must('mkswap', '-q', loop);
    const { code, stderr } = run(doScript(wipe(signature('ext4'))));
    expect([code, stderr]).toEqual([1, expect.stringMatching(/was not there when its loss was agreed to:\npartition 0: swap /)]);
    const other = wipe({ signatures: [{ type: 'swap', label: '', uuid: '00000000-0000-0000-0000-000000000001' }] });
    expect(run(doScript(other)).code).toBe(1);
    expect(must('blkid', '-p', '-o', 'value', '-s', 'TYPE', loop)).toBe('swap');
  });

  it('stops where it is mounted by now', () => {
    must('mke2fs', '-q', '-t', 'ext4', loop);
    must('mount', loop, join(dir, 'mnt'));
    expect(run(doScript(wipe(signature('ext4')))).stderr).toContain('is mounted on');
    expect(must('findmnt', '-n', '-o', 'FSTYPE', join(dir, 'mnt'))).toBe('ext4');
  });
});

describe('a filesystem without LVM', () => {
  const plan = (): Change => {
    const want = {
      cluster: 'c',
      node: 'n',
      disks: [
        { select: { by: 'device' as const, value: loop }, link: null, use: 'xfs' as const, mount: '/data/b', raid: null, wipe: false },
      ],
    };
    const disks = classify({ devices: [blank('sdx', { size: SIZE, serial: '', idSerial: '' })], unknown: [] }).map((d) => ({
      ...d,
      name: loop.slice(5),
      path: loop,
      usable: true,
      reasons: [],
    }));
    const [change] = diskXfs.plan(want, { disks, records: new Map(), links: new Map(), names: new Map() });
    if (!change) throw new Error('nothing is planned');
    return change;
  };
  const perform = () => run(doScript(plan()));
  const undo = () => {
    const { undo: script, verify } = plan();
    if (script === 'nothing') throw new Error('no undo');
    return run(undoScript({ undo: script, verify }));
  };
  const uuid = () => must('blkid', '-p', '-o', 'value', '-s', 'UUID', loop);
  const inside = (script: string) => {
    must('mount', loop, join(dir, 'mnt'));
    must('sh', '-ec', `cd ${join(dir, 'mnt')}; ${script}`);
    must('umount', join(dir, 'mnt'));
  };

  it('is made once, and taken away without a trace', () => {
    expect(perform()).toMatchObject({ code: 0 });
    const first = uuid();
    expect(must('xfs_db', '-r', '-c', 'sb 0', '-c', 'p inodesize dirblklog', loop)).toMatch(/inodesize = 512\ndirblklog = 1/);
    expect(perform()).toMatchObject({ code: 0 });
    expect(uuid()).toBe(first);
    expect(undo()).toMatchObject({ code: 0 });
    expect(must('wipefs', '-n', loop)).toBe('');
    expect(must('find', join(dir, 'state'), '-mindepth', '1')).toBe('');
    expect(undo().code).toBe(0);
  });

  it('is made anew where mkfs was cut off, and only then', () => {
    mkdirSync(join(dir, 'state/glusterctl/disks'), { recursive: true });
    const id = '11111111-2222-3333-4444-555555555555';
    must('mkfs.xfs', '-q', '-m', `uuid=${id}`, loop);
    writeFileSync(join(dir, 'state/glusterctl/disks/data,b'), `disk NAME ${loop.slice(5)}\nuuid ${id}\n`);
    expect(perform()).toMatchObject({ code: 0 });
    expect(uuid()).toBe(id);
    expect(undo()).toMatchObject({ code: 0 });
    must('mkfs.xfs', '-q', loop);
    const other = uuid();
    expect(perform().stderr).toContain('is not blank any more');
    expect(uuid()).toBe(other);
  });

  it.each([
    ['a file', 'echo precious >file'],
    ['a file in a brick', 'mkdir -p gv0/.glusterfs; echo precious >gv0/file'],
    ['a directory in a brick', 'mkdir -p gv0/.glusterfs gv0/dir'],
    ['a file that only .glusterfs still knows', 'mkdir -p gv0/.glusterfs/ab/cd; echo precious >gv0/.glusterfs/ab/cd/abcd1234'],
    ['a shard', 'mkdir -p gv0/.glusterfs gv0/.shard; echo precious >gv0/.shard/x.1'],
    ['a link', 'ln -s /etc link'],
    ['a file with a newline in its name', 'mkdir gv0; touch "gv0/a\nb"'],
  ])('stays when it holds %s', (_, script) => {
    expect(perform()).toMatchObject({ code: 0 });
    inside(script);
    const { code, stderr } = undo();
    expect([code, stderr]).toEqual([1, expect.stringContaining(`the filesystem on ${loop} carries data and stays; on it:`)]);
    expect(uuid()).not.toBe('');
  });

  it("goes when nothing but Gluster's own empty metadata is on it", () => {
    expect(perform()).toMatchObject({ code: 0 });
    inside(`mkdir -p gv0/.glusterfs/00/00 gv0/.glusterfs/indices/xattrop gv0/.shard/.remove_me gv0/.trashcan/internal_op gv0/.glusterfs-anonymous-inode-1
      ln -s ../../.. gv0/.glusterfs/00/00/00000000-0000-0000-0000-000000000001; echo 1 >gv0/.glusterfs/health_check; touch gv0/.glusterfs/indices/xattrop/xattrop-1`);
    expect(undo()).toMatchObject({ code: 0, stderr: '' });
    expect(must('wipefs', '-n', loop)).toBe('');
  });

  it('stays when it cannot be looked into, is mounted, or is another one by now', () => {
    expect(perform()).toMatchObject({ code: 0 });
    must('mount', loop, join(dir, 'mnt'));
    expect(undo().stderr).toContain(`${loop} is in use and stays`);
    must('umount', join(dir, 'mnt'));
    must('dd', 'if=/dev/zero', `of=${loop}`, 'bs=512', 'seek=1', 'count=2000', 'conv=notrunc', 'status=none');
    expect(undo().stderr).toContain('cannot be mounted to look whether it is empty; it stays');
    must('mke2fs', '-q', '-F', '-t', 'ext4', loop);
    expect(undo().stderr).toContain('carries ext4, which was not made here, and stays');
  });
});

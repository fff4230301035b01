import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Change } from '../../src/model/change.ts';
import { sh } from '../../src/sh.ts';
import { deeds, type Place, type Start } from '../../src/shrink/deeds.ts';
import { parseExt } from '../../src/shrink/filesystem.ts';
import { isDone, type Layout, needsLive, planLayout } from '../../src/shrink/layout.ts';
import { GIB, MIB } from '../../src/shrink/size.ts';
import { parseTable } from '../../src/shrink/table.ts';
import { type OwnMounts, openMounts } from '../helpers/own-mounts.ts';

/** A real block device with partitions that the kernel knows, laid out as on a droplet: vda2 before vda1. */
let dir: string;
let disk: string;
const SECTORS = (3 * GIB) / 512;
const LIMITS = { room: 64 * MIB, share: 0.1, below: 16 * MIB, least: 256 * MIB };
const WISH = { rootSize: GIB, label: 'gluster', type: 'lvm' as const };
const place: Place = { partuuid: '', uuid: '', length: SECTORS, disk: '/dev/vda', serial: 'none' };

let mounts: OwnMounts;

const shell = (script: string): { code: number; out: string } => {
  const [program, ...words] = mounts.enter('dash', '-c', script);
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  return { code: status ?? 255, out: `${stdout}${stderr}` };
};
const must = (script: string): string => {
  const { code, out } = shell(script);
  if (code !== 0) throw new Error(`exit ${code} of ${script}\n${out}`);
  return out;
};
const only = (script: string): string => {
  const [program, ...words] = mounts.enter('dash', '-c', script);
  return spawnSync(program, words, { encoding: 'utf8' }).stdout;
};

/** Growing a mounted ext4 needs CAP_SYS_RESOURCE (24), which root lacks in some containers: there it is unmounted for that moment. */
const MAY_GROW = ((BigInt(`0x${/^CapEff:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0'}`) >> 24n) & 1n) === 1n;

/** What `locate` does, without udev's names. */
const where = () => sh`
  fail() { printf '%s\n' "$@" >&2; exit 1; }
  disk=${disk} root=${`${disk}p1`}
  reread() { partx -u "$disk"; }
  resize2fs() {
    m=$(sed -n "s,^$root \([^ ]*\) .*,\1,p" /proc/mounts)
    if [ -z "$m" ] || [ ${MAY_GROW ? 1 : 0} = 1 ]; then command resize2fs "$@"; return; fi
    umount "$m"
    e2fsck -f -p "$root"
    command resize2fs "$@"
    mount "$root" "$m"
  }`;

const see = (): { layout: Layout; start: Start } => {
  const table = parseTable(only(`sfdisk --json ${disk}`), { sectors: SECTORS, sector: 512 });
  const ext = parseExt(only(`dumpe2fs -h ${disk}p1 2>/dev/null`), only(`resize2fs -P ${disk}p1 2>/dev/null`));
  if (!table || !ext) throw new Error('not understood');
  const { layout, reasons } = planLayout(table, 1, ext, WISH, 0, LIMITS);
  if (!layout) throw new Error(JSON.stringify(reasons));
  const { partitions } = table;
  return { layout, start: { rootSize: partitions.find((p) => p.number === 1)?.size ?? 0, blocks: ext.blocks, partitions } };
};
const changesOf = ({ layout, start }: ReturnType<typeof see>): Change[] => deeds(layout, place, start, where);
const perform = (change: Change): void => {
  must(change.do.text);
  must(change.verify.text);
};
const undo = (changes: readonly Change[]): void => {
  for (const change of changes.toReversed()) {
    if (change.undo === 'nothing') continue;
    must(change.undo.text);
    // A rollback believes an undo only when the change is no longer in effect.
    expect(shell(change.verify.text).code, change.id).not.toBe(0);
  }
};
const mounted = (work: () => void): void => {
  must(`mount ${disk}p1 ${dir}/m`);
  try {
    must(`sha256sum --quiet -c ${dir}/m/sum`);
    work();
    must(`sha256sum --quiet -c ${dir}/m/sum`);
  } finally {
    must(`umount ${dir}/m`);
  }
};

beforeAll(async () => {
  mounts = await openMounts();
});
afterAll(() => mounts?.close());

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-deeds-'));
  mkdirSync(join(dir, 'm'));
  must(`truncate -s ${3 * GIB} ${dir}/disk`);
  must(
    `printf 'label: gpt\\n${dir}/disk2: start=2048,size=4096,type=21686148-6449-6E6F-744E-656564454649\\n${dir}/disk1: start=6144\\n' | sfdisk -q ${dir}/disk`,
  );
  disk = must(`losetup -f --show ${dir}/disk`).trim();
  // The kernel may still know the partitions of whatever was on this loop device before.
  shell(`partx -d ${disk}`);
  must(`partx -a ${disk}; mkfs.ext4 -q ${disk}p1; mount ${disk}p1 ${dir}/m
    mkdir ${dir}/m/etc; : >${dir}/m/etc/fstab; head -c 150M /dev/urandom >${dir}/m/large; sha256sum ${dir}/m/large >${dir}/m/sum; umount ${dir}/m`);
});

afterEach(() => {
  shell(`umount ${dir}/m; partx -d ${disk}; losetup -d ${disk}`);
  rmSync(dir, { recursive: true });
});

test('cut, used, and undone while root is mounted: the table and the filesystem are what they were', () => {
  const before = must(`sfdisk --dump ${disk}`);
  const seen = see();
  const changes = changesOf(seen);
  expect(changes.map(({ id }) => id)).toEqual(['check', 'filesystem', 'partition', 'create', 'fill', 'proof']);
  changes.forEach(perform);
  expect(isDone(see().layout)).toBe(true);
  expect(Number(must(`blockdev --getsize64 ${disk}p1`))).toBe(GIB);
  const fresh = `${disk}p${seen.layout.fresh.number}`;
  expect(Number(must(`blockdev --getsize64 ${fresh}`))).toBeGreaterThan(2 * GIB - 8 * MIB);
  expect(must(`wipefs -n ${fresh}`)).toBe('');
  mounted(() => {});

  const create = changes.find(({ id }) => id === 'create') as Change;
  must(`mkfs.ext4 -q ${fresh}`);
  const refused = shell(String(create.undo));
  expect(refused.code).not.toBe(0);
  expect(refused.out).toMatch(/carries something and stays/);
  must(`wipefs -q -a ${fresh}`);

  mounted(() => undo(changes));
  expect(must(`sfdisk --dump ${disk}`)).toBe(before);
  expect(see().start.blocks).toBe(seen.start.blocks);
  must(`e2fsck -f -n ${disk}p1`);
}, 300_000);

test.each([1, 2, 3, 4, 5])(
  'cut off after %i deeds: the system mounts its root, and a second run finishes',
  (n) => {
    const first = see();
    changesOf(first).slice(0, n).forEach(perform);
    mounted(() => {});
    const rest = see();
    expect(rest.layout.fresh).toEqual(first.layout.fresh);
    const go = () => changesOf(rest).forEach(perform);
    // What is left after the table has been changed needs no reboot: it is done on the mounted root.
    if (needsLive(rest.layout)) go();
    else mounted(go);
    expect(n >= 3).toBe(!needsLive(rest.layout));
    expect(isDone(see().layout)).toBe(true);
    must(`e2fsck -f -n ${disk}p1`);
    mounted(() => {});
  },
  300_000,
);

test('a mounted root is never shrunk', () => {
  const changes = changesOf(see());
  mounted(() => {
    for (const id of ['check', 'filesystem', 'proof']) {
      const { code, out } = shell(changes.find((c) => c.id === id)?.do.text ?? '');
      expect(code).not.toBe(0);
      expect(out).toContain('is mounted');
    }
    // Nor is its partition while the filesystem is larger.
    expect(shell(changes.find((c) => c.id === 'partition')?.do.text ?? '').out).toContain('larger than the partition would be');
  });
}, 300_000);

test('what lay in that place of the disk before is not taken for a filesystem on the new partition', () => {
  const { layout } = see();
  const changes = changesOf(see());
  const at = changes.findIndex(({ id }) => id === 'create');
  changes.slice(0, at).forEach(perform);
  must(
    `truncate -s 400M ${dir}/old; mkfs.xfs -q ${dir}/old; dd if=${dir}/old of=${disk} bs=1M count=8 seek=${layout.fresh.start * 512} oflag=seek_bytes conv=notrunc status=none`,
  );
  changes.slice(at).forEach(perform);
  expect(must(`wipefs -n ${disk}p${layout.fresh.number}`)).toBe('');
}, 300_000);

test('a table that another has changed since the plan was made is not written to', () => {
  const before = see();
  const changes = changesOf(before);
  must(`sfdisk --quiet --no-reread --delete ${disk} 2; partx -d --nr 2 ${disk}`);
  const dump = must(`sfdisk --dump ${disk}`);
  for (const { id, do: deed } of changes)
    expect(shell(deed.text), id).toMatchObject({ code: 1, out: expect.stringContaining('is not the one that was planned with') });
  expect(must(`sfdisk --dump ${disk}`)).toBe(dump);
  expect(see().start.blocks).toBe(before.start.blocks);
}, 300_000);

import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { sh } from '../../src/sh.ts';
import { deeds, type Place } from '../../src/shrink/deeds.ts';
import { parseExt } from '../../src/shrink/filesystem.ts';
import { isDone, type Layout, type Limits, planLayout, type Wish } from '../../src/shrink/layout.ts';
import { MIB } from '../../src/shrink/size.ts';
import { endOf, parseTable, type Table } from '../../src/shrink/table.ts';

/** Small, as the disks are; `below` is more than the largest group's tables here, which are 2.2 MiB with blocks of 2 KiB. */
const LIMITS: Limits = { room: 2 * MIB, share: 0.02, below: 4 * MIB, least: 4 * MIB };

const run = (words: readonly string[], input?: string): string => {
  const [program = '', ...rest] = words;
  const done = spawnSync(program, rest, { input, encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
  if (done.status !== 0) throw new Error(`${words.join(' ')}: exit ${done.status}\n${done.stderr}${done.stdout}`);
  return done.stdout;
};
const script = (text: string): void => void run(['dash'], text);

type Label = 'gpt' | 'dos';

/** Sectors, in the order on the disk; `order` gives their numbers. */
const casesOf = (...labels: readonly Label[]) =>
  fc
    .record({
      label: fc.constantFrom(...labels),
      blockSize: fc.constantFrom(1024, 2048, 4096, 8192, 16384, 32768, 65536),
      rootMiB: fc.integer({ min: 56, max: 128 }),
      /** Where root begins is no multiple of 1 MiB on old disks: 63. */
      crooked: fc.integer({ min: 0, max: 2047 }),
      before: fc.array(fc.record({ gap: fc.integer({ min: 0, max: 5000 }), size: fc.integer({ min: 64, max: 9000 }) }), { maxLength: 2 }),
      after: fc.option(fc.record({ gap: fc.integer({ min: 0, max: 400_000 }), size: fc.integer({ min: 64, max: 9000 }) })),
      tail: fc.integer({ min: 0, max: 300_000 }),
      shuffle: fc.array(fc.nat(), { minLength: 4, maxLength: 4 }),
      /** Of the room between the least and the whole. */
      share: fc.double({ min: 0.1, max: 0.85, noNaN: true }),
      fileKiB: fc.integer({ min: 1, max: 12_000 }),
      type: fc.constantFrom('linux' as const, 'lvm' as const),
      old: fc.boolean(),
    })
    .map((any) => {
      // A journal has at least 1024 blocks, and mke2fs wants it to be less than half of the filesystem.
      const c = { ...any, rootMiB: Math.max(any.rootMiB, (4096 * any.blockSize) / MIB) };
      const spans: { start: number; size: number; root: boolean }[] = [];
      let at = 2048;
      for (const { gap, size } of c.before) {
        at += gap;
        spans.push({ start: at, size, root: false });
        at += size;
      }
      at += c.crooked;
      spans.push({ start: at, size: (c.rootMiB * MIB) / 512, root: true });
      at += (c.rootMiB * MIB) / 512;
      if (c.after) {
        at += c.after.gap;
        spans.push({ start: at, size: c.after.size, root: false });
        at += c.after.size;
      }
      const numbers = spans
        .map((_, i) => ({ i, by: c.shuffle[i] ?? 0 }))
        .sort((a, b) => a.by - b.by)
        .map(({ i }) => i);
      const holes = c.label === 'gpt' ? (c.shuffle[0] ?? 0) % 3 : 0;
      return {
        ...c,
        sectors: at + c.tail + 4096,
        spans: spans.map((span, i) => ({ ...span, number: numbers.indexOf(i) + 1 + (numbers.indexOf(i) > 0 ? holes : 0) })),
      };
    });

type Case = ReturnType<typeof casesOf> extends fc.Arbitrary<infer T> ? T : never;

const edges = (file: string): string => {
  const { size } = statSync(file);
  const [head, tail] = [Buffer.alloc(MIB), Buffer.alloc(33 * 512)];
  const fd = openSync(file, 'r');
  readSync(fd, head, 0, MIB, 0);
  readSync(fd, tail, 0, tail.length, size - tail.length);
  closeSync(fd);
  return createHash('sha256').update(head).update(tail).digest('hex');
};

const build = (dir: string, c: Case): { disk: string; root: string; number: number; sum: string } => {
  const disk = join(dir, 'disk');
  const files = join(dir, 'files');
  mkdirSync(join(files, 'etc'), { recursive: true });
  writeFileSync(join(files, 'etc/fstab'), '# root\n');
  writeFileSync(join(files, 'large'), randomBytes(c.fileKiB * 1024));
  writeFileSync(disk, '');
  truncateSync(disk, c.sectors * 512);
  const rows = [...c.spans].sort((a, b) => a.number - b.number);
  // sfdisk takes a number out of the name that a line begins with.
  run(
    ['sfdisk', '-q', disk],
    [`label: ${c.label}`, ...rows.map((r) => `${disk}${r.number} : start=${r.start}, size=${r.size}`), ''].join('\n'),
  );
  const span = c.spans.find((s) => s.root) as Case['spans'][number];
  const root = `${disk}?offset=${span.start * 512}`;
  const blocks = Math.floor((span.size * 512) / c.blockSize);
  const features = c.old ? ['-O', '^64bit,^metadata_csum,^flex_bg'] : [];
  const journal = Math.max(4, (1024 * c.blockSize) / MIB);
  const options = [
    '-b',
    String(c.blockSize),
    '-J',
    `size=${journal}`,
    '-E',
    `offset=${span.start * 512},nodiscard`,
    '-d',
    files,
    ...features,
  ];
  run(['mke2fs', '-F', '-q', '-t', 'ext4', ...options, disk, `${blocks}`]);
  return {
    disk,
    root,
    number: span.number,
    sum: createHash('sha256')
      .update(readFileSync(join(files, 'large')))
      .digest('hex'),
  };
};

const see = (disk: string, root: string, c: Case) => {
  const table = parseTable(run(['sfdisk', '--json', disk]), { sectors: c.sectors, sector: 512 });
  const ext = parseExt(run(['dumpe2fs', '-h', root]), run(['resize2fs', '-P', root]));
  if (!table || !ext) throw new Error('what the tools say was not understood');
  return { table, ext };
};

const overlaps = ({ partitions, end }: Table): boolean => {
  const sorted = [...partitions].sort((a, b) => a.start - b.start);
  return sorted.some((p, i) => endOf(p) > (sorted[i + 1]?.start ?? end));
};

/**
 * An image is no block device: no kernel to be told, no mount; e2fsprogs finds the filesystem by its offset. resize2fs cuts a
 * file to the filesystem's length, so it gets the bytes of the partition as a file of their own, which are put back then.
 */
const where =
  (disk: string, { start, size }: { start: number; size: number }) =>
  () =>
    sh`
  fail() { printf '%s\n' "$@" >&2; exit 1; }
  root=${`${disk}?offset=${start * 512}`} disk=${disk}
  resize2fs() {
    dd if="$disk" of="$disk.fs" bs=1M skip=${start * 512} count=${size * 512} iflag=skip_bytes,count_bytes conv=sparse status=none
    command resize2fs "$disk.fs" "$2" || return
    fallocate --punch-hole --offset ${start * 512} --length ${size * 512} "$disk"
    dd if="$disk.fs" of="$disk" bs=1M seek=${start * 512} oflag=seek_bytes conv=sparse,notrunc status=none
    rm "$disk.fs"
  }
  reread() { :; }
  partx() { :; }
  wipefs() { :; }
  mount() { mkdir "$4/etc" && : >"$4/etc/fstab"; }
  umount() { rm -r "$1/etc"; }`;

const sumOf = (dir: string, root: string): string => {
  run(['debugfs', '-R', `dump /large ${join(dir, 'out')}`, root]);
  return createHash('sha256')
    .update(readFileSync(join(dir, 'out')))
    .digest('hex');
};

const place: Place = { partuuid: '', uuid: '', length: 0, disk: '/dev/vda', serial: 'none' };

/** `at`: after which deed, of those that there are, a second run is planned. */
const check = (c: Case, at: number): 'cut' | 'refused' => {
  const dir = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'glusterctl-shrink-'));
  try {
    const { disk, root, number, sum } = build(dir, c);
    const { table, ext } = see(disk, root, c);
    const was = edges(disk);
    const dump = run(['sfdisk', '-d', disk]);
    const rootWas = table.partitions.find((p) => p.number === number);
    if (!rootWas) throw new Error('the root is gone');
    const least = ext.minimum * ext.blockSize;
    const wish: Wish = { rootSize: Math.floor(least + (rootWas.size * 512 - least) * c.share), label: 'gluster', type: c.type };
    const planned = planLayout(table, number, ext, wish, 0, LIMITS);
    if (planned.layout === undefined) {
      expect(planned.reasons.length).toBeGreaterThan(0);
      for (const reason of planned.reasons) expect(reason.what).not.toBe('');
      return 'refused';
    }
    const layout: Layout = planned.layout;
    const changes = deeds(
      layout,
      place,
      { rootSize: rootWas.size, blocks: ext.blocks, partitions: table.partitions },
      where(disk, rootWas),
    );
    changes.forEach((change, i) => {
      script(`(${change.do.text}\n)\nc=$?\n[ $c = 0 ] || exit $c\n${change.verify.text}`);
      if (i !== at % changes.length) return;
      // Whatever has been done so far, a second run wants the same end.
      const now = see(disk, root, c);
      const again = planLayout(now.table, number, now.ext, wish, 0, LIMITS);
      expect(again.reasons, `after ${change.id}`).toBeUndefined();
      expect({ ...again.layout?.root, ...again.layout?.fresh }, `after ${change.id} (${i})`).toEqual({ ...layout.root, ...layout.fresh });
      expect(overlaps(now.table)).toBe(false);
    });
    const after = see(disk, root, c);
    const done = planLayout(after.table, number, after.ext, wish, 0, LIMITS);
    expect(done.layout && isDone(done.layout)).toBe(true);
    const fresh = after.table.partitions.find((p) => p.start === layout.fresh.start);
    expect(fresh).toMatchObject({ number: layout.fresh.number, size: layout.fresh.size });
    expect(fresh?.name ?? null).toBe(c.label === 'gpt' ? 'gluster' : null);
    expect((fresh?.start ?? 1) % 2048).toBe(0);
    // Root keeps what tells it from others.
    const rootIs = after.table.partitions.find((p) => p.number === number);
    expect(rootIs).toEqual({ ...rootWas, size: layout.root.size });
    for (const p of table.partitions) if (p.number !== number) expect(after.table.partitions).toContainEqual(p);
    expect(after.ext.blocks * after.ext.blockSize).toBeLessThanOrEqual((rootIs?.size ?? 0) * 512);
    run(['e2fsck', '-f', '-n', root]);
    expect(sumOf(dir, root)).toBe(sum);

    for (const change of changes.toReversed()) if (change.undo !== 'nothing') script(change.undo.text);
    expect(run(['sfdisk', '-d', disk])).toBe(dump);
    expect(edges(disk)).toBe(was);
    run(['e2fsck', '-f', '-n', root]);
    expect(sumOf(dir, root)).toBe(sum);
    expect(see(disk, root, c).ext.blocks).toBe(ext.blocks);
    return 'cut';
  } finally {
    rmSync(dir, { recursive: true });
  }
};

/** Tables of this kind, or of both. */
export const holds = (runs: number, label: Label | null): void => {
  const seen = { cut: 0, refused: 0 };
  const cases = label === null ? casesOf('gpt', 'dos') : casesOf(label);
  fc.assert(
    fc.property(cases, fc.nat(), (c, at) => {
      seen[check(c, at)] += 1;
    }),
    { numRuns: runs, endOnFailure: true },
  );
  expect(seen.cut).toBeGreaterThan(runs / 3);
  process.stdout.write(`${label ?? 'both'}: ${JSON.stringify(seen)}\n`);
};

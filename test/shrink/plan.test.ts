import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { Seen } from '../../src/shrink/facts.ts';
import { entry, imagePath, networkOption } from '../../src/shrink/grml.ts';
import { liveFaults, rootFaults, warnings } from '../../src/shrink/judge.ts';
import { planLayout } from '../../src/shrink/layout.ts';
import { GRML } from '../../src/shrink/names.ts';
import { planShrink, type ShrinkPlan } from '../../src/shrink/plan.ts';
import { GIB, MIB } from '../../src/shrink/size.ts';
import type { Table } from '../../src/shrink/table.ts';
import { paint } from '../../src/ui/paint.ts';
import { bar, checklistText, shrinkText } from '../../src/ui/shrink-text.ts';
import { is, node, part, seen, ubuntu } from './scene.ts';

const options = (rootSize = 10 * GIB) => ({
  node: node(rootSize),
  image: { name: 'grml.iso', size: 500 * MIB, sha256: 'a'.repeat(64) },
  bootOptions: '',
  console: false,
});
const planned = (more: Partial<Seen> = {}, rootSize?: number): ShrinkPlan => {
  const { plan, reasons } = planShrink(is(more), options(rootSize));
  if (plan === null) throw new Error(JSON.stringify(reasons));
  return plan;
};

describe('the layout', () => {
  test('numbers that are not in the order of the disk: root ends on 1 MiB, the new partition takes all that follows', () => {
    const { layout, legs } = planned();
    expect(layout.root).toEqual({ number: 1, start: 2099200, size: 20971520 });
    expect(layout.fresh).toMatchObject({ number: 2, start: 23070720, size: 29356032 });
    expect(layout.fresh.start + layout.fresh.size).toBeLessThanOrEqual(ubuntu.end);
    expect(ubuntu.end - layout.fresh.start - layout.fresh.size).toBeLessThan(2048);
    expect(legs.map((leg) => leg.id)).toEqual(['prepare', 'boot', 'live', 'after']);
    expect(legs[2]?.changes.map((c) => c.id)).toEqual(['check', 'filesystem', 'partition', 'create', 'fill', 'proof']);
  });

  test('a root that is too full is refused with the numbers, in one unit, and the least that would do', () => {
    const { plan, reasons } = planShrink(is(), options(4 * GIB));
    expect(plan).toBeNull();
    expect(reasons[0]?.what).toBe('root is too full for 4.00 GiB');
    expect(reasons[0]?.why).toBe(
      "resize2fs estimates at least 3.43 GiB, the live system's image needs 0.49 GiB; with room to live, at least 4.48 GiB",
    );
    expect(reasons[0]?.next).toBe('free space on it, or write rootSize: 4592MiB or more');
    expect(planned({}, 4592 * MIB).layout.root.size * 512).toBe(4592 * MIB);
  });

  test('nothing would be left for the new partition', () => {
    expect(planShrink(is(), options(24 * GIB)).reasons[0]?.what).toBe('nothing would be left for the new partition');
    expect(planShrink(is(), options(Math.floor(23.5 * GIB))).reasons[0]?.what).toMatch(/^only 0\.\d\d GiB would be left/);
  });

  test('MBR: no free number, a logical root', () => {
    const dos: Table = {
      label: 'dos',
      sector: 512,
      end: 52428800,
      partitions: [part(1, 2048, 50000000), part(2, 50004096, 2048), part(3, 50006144, 2048), part(4, 50008192, 2048)],
    };
    const wish = { rootSize: 10 * GIB, label: 'x', type: 'linux' as const };
    const ext = { ...(seen.ext as NonNullable<Seen['ext']>), blocks: 6250000 };
    expect(planLayout(dos, 1, ext, wish).reasons?.map((r) => r.what)).toEqual(['the MBR table has no free number for another partition']);
    expect(planLayout({ ...dos, partitions: [part(5, 4096, 50000000)] }, 5, ext, wish).reasons?.[0]?.what).toMatch(/logical/);
  });

  test('a partition of that name elsewhere is never taken for ours', () => {
    const table = { ...ubuntu, partitions: [...ubuntu.partitions, part(17, 1024, 1000, 'gluster')] };
    expect(planShrink(is({ table }), options()).reasons[0]?.what).toBe(
      'there is a partition "gluster" already: number 17, from sector 1024',
    );
  });

  test('cut off between table and new partition: the rest is done while the node runs', () => {
    const table = { ...ubuntu, partitions: [part(1, 2099200, 20971520), ...ubuntu.partitions.slice(1)] };
    const ext = { ...(seen.ext as NonNullable<Seen['ext']>), blocks: 2605056 };
    const { legs } = planned({ table, ext });
    expect(legs.map((leg) => [leg.id, leg.changes.map((c) => c.id).filter((id) => !id.startsWith('file:'))])).toEqual([
      ['online', ['create', 'fill', 'settled', 'there']],
    ]);
    const done = { ...table, partitions: [...table.partitions, part(2, 23070720, 29356032, 'gluster')] };
    expect(planned({ table: done, ext: { ...ext, blocks: 2621440 } }).legs).toEqual([]);
  });
});

describe('what cannot be shrunk', () => {
  test.each([
    ['xfs', { root: { ...seen.root, fstype: 'xfs' } }, 'the root filesystem is xfs', 'attach a second disk'],
    ['btrfs', { root: { ...seen.root, fstype: 'btrfs' } }, 'the root filesystem is btrfs', 'btrfs filesystem resize'],
    ['LVM', { root: { ...seen.root, type: 'lvm' } }, 'root is on LVM', 'free extents'],
    ['LUKS', { root: { ...seen.root, type: 'crypt' } }, 'root is encrypted', 'second disk'],
    ['RAID', { root: { ...seen.root, type: 'raid1' } }, 'root is on a RAID array', 'second disk'],
    ['a whole disk', { root: { ...seen.root, type: 'disk' } }, 'is not a partition', 'second disk'],
    [
      'another disk',
      { disk: { ...seen.disk, wished: '/dev/vdb' } },
      'root is on /dev/vda, the file says /dev/vdb',
      'partition.disk: /dev/vda',
    ],
    ['a disk that was grown', { disk: { ...seen.disk, length: 90000000 } }, 'backup of the GPT is not at the end', 'sgdisk'],
  ] satisfies [string, Partial<Seen>, string, string][])('%s', (_, more, what, next) => {
    const [fault, ...others] = rootFaults({ ...seen, ...more });
    expect(others).toEqual([]);
    expect(fault?.what).toContain(what);
    expect(fault?.next).toContain(next);
  });

  test('what keeps a node from the live system, all at once', () => {
    const bad = {
      ...seen,
      memory: 900 * MIB,
      free: 100 * MIB,
      os: ['rocky', 'rhel'],
      grub: { ...seen.grub, filesystem: 'lvm' },
      login: { ...seen.login, keys: false },
      network: { ...seen.network, physical: false },
    };
    const whats = liveFaults(bad, 500 * MIB, { console: false, ownIp: false }).map((f) => f.what);
    expect(whats).toHaveLength(6);
    expect(whats[0]).toBe('0.88 GiB of memory are too little for the live system');
    // A console lets the boot loader be a risk; ip= the network.
    expect(liveFaults(bad, 500 * MIB, { console: true, ownIp: true })).toHaveLength(4);
    expect(liveFaults(seen, 500 * MIB, { console: false, ownIp: false })).toEqual([]);
  });

  test('a Kubernetes node gets a loud warning', () => {
    expect(warnings({ ...seen, kubelet: true })[0]).toContain('THIS IS A KUBERNETES NODE');
    expect(warnings(seen)).toEqual([]);
  });
});

describe('what is shown', () => {
  test('a bar to scale, in which nothing is too small to be seen', () => {
    const plan = planned();
    const [before, after] = [bar(plan.before, plan), bar(plan.after, plan)];
    expect(before).toHaveLength(66);
    expect(before).toMatch(/^\[o+#+=+\]$/);
    expect(after).toMatch(/^\[o+#+=+\++\]$/);
    const cells = after.match(/\+/g)?.length ?? 0;
    expect(Math.abs(cells / 64 - plan.layout.fresh.size / plan.sectors)).toBeLessThan(1 / 64);
  });

  test('the plan names each command, each power cut, the copies and the time', () => {
    const plan = planned();
    const text = shrinkText(plan, true, paint(false));
    expect(text).toContain('resize2fs "$root"');
    expect(text).toContain('sfdisk --quiet --no-reread --wipe never -N 1 "$disk"');
    expect(text.match(/if the power fails:/g)).toHaveLength(4);
    expect(text).toContain('Copied to this machine first');
    expect(text).toMatch(/About \d+ min, two reboots/);
  });

  test('the checklist shrinks the filesystem before the table and has every number', () => {
    const lines = checklistText(planned()).split('\n');
    const at = (text: string) => lines.findIndex((line) => line.includes(text));
    expect(at('resize2fs /dev/vda1 2605056')).toBeGreaterThan(at('e2fsck -f -y /dev/vda1'));
    expect(at("echo ', 20971520' | sfdisk --no-reread -N 1 /dev/vda")).toBeGreaterThan(at('resize2fs /dev/vda1 2605056'));
    expect(at('start=23070720, size=29356032')).toBeGreaterThan(at("echo ', 20971520'"));
    expect(at('resize2fs /dev/vda1 2621440')).toBeGreaterThan(at('start=23070720'));
  });
});

describe('the way through GRML', () => {
  test('every script is read by dash without a fault', () => {
    for (const leg of [...planned().legs]) {
      for (const change of leg.changes) {
        for (const script of [change.do, change.undo, change.verify]) {
          if (script === 'nothing') continue;
          const { status, stderr } = spawnSync('dash', ['-n'], { input: script.text, encoding: 'utf8' });
          expect({ id: change.id, status, stderr }).toEqual({ id: change.id, status: 0, stderr: '' });
        }
      }
    }
  });

  test('the address of the node, in the form of the kernel', () => {
    const fixed = { network: { ...seen.network, dynamic: false, place: 1 } };
    expect(networkOption(fixed, 'web1')).toBe('ip=192.0.2.7::192.0.2.1:255.255.240.0:web1:eth1:none');
    expect(networkOption(seen, 'web1')).toBe('');
  });

  test.each([
    [
      'grml-rescueboot 0.5',
      'menuentry "Grml Rescue System (grml-small-2025.05-amd64.iso)" {',
      'Grml Rescue System (grml-small-2025.05-amd64.iso)',
    ],
    [
      '0.6',
      "\tmenuentry 'grml-small 2025.05 (grml-small-2025.05-amd64.iso)' --class grml {",
      'grml-small 2025.05 (grml-small-2025.05-amd64.iso)',
    ],
    ['another image', 'menuentry "Grml Rescue System (other.iso)" {', ''],
  ])('the entry of the boot menu: %s', (_, line, title) => {
    const script = entry(imagePath('grml-small-2025.05-amd64.iso')).text.replace('/boot/grub/grub.cfg', '-');
    expect(script).not.toContain('/boot/grub/grub.cfg');
    const piped = `printf '%s\\n' ${JSON.stringify(line).replaceAll('\\t', '	')} >"$t"; ${script.replace(' - ', ' "$t" ')}; printf %s "$e"`;
    const { stdout, stderr } = spawnSync('dash', ['-c', `t=$(mktemp); ${piped}; rm "$t"`], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: title, stderr: '' });
  });

  test('a name that grml-rescueboot cannot cope with gets one that it can', () => {
    expect(imagePath('my grml.ISO')).toBe(`${GRML.folder}/my_grml.iso`);
  });
});

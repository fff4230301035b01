import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, expect } from 'vitest';
import { GIB } from '../../src/shrink/size.ts';
import { buildLiveIso, GRML } from '../lab/vm/grml.ts';
import { openVms, type VmLab, type VmNode } from '../lab/vm/index.ts';
import { type Desk, openDesk } from './desk.ts';
import { errorsOf, eventsOf, type Line } from './events.ts';
import type { CliResult } from './process.ts';

const MINUTES = 60_000;
/** A whole way to the live system and back; emulated, among busy neighbours. Milliseconds. */
export const WAY = 25 * MINUTES;

export const CONFIRM = ['--confirm', 'node-1', '--confirm', 'node-1:none'];
export const EXECUTE = ['node', 'shrink', 'node-1', '--execute', '--json', ...CONFIRM];

interface Wish {
  user?: 'root' | 'ops';
  rootSize?: string;
  sha256?: string;
}

interface Planned {
  legs: { id: string; changes: { id: string; do: string; verify: string }[] }[];
}

/**
 * A machine whose root fills its disk, with files whose checksums are known; every test of the file begins with it as
 * it was at first. Each file has a machine of its own, so that two files run side by side.
 */
export class Shrinking {
  readonly lab: VmLab;
  readonly node: VmNode;
  readonly desk: Desk;
  readonly iso: { path: string; sha256: string };
  /** The table before, as `sfdisk --dump` prints it. */
  readonly table: string;

  private constructor(lab: VmLab, desk: Desk, iso: { path: string; sha256: string }, table: string) {
    this.lab = lab;
    this.node = lab.node('node-1');
    this.desk = desk;
    this.iso = iso;
    this.table = table;
  }

  static async open(name: string): Promise<Shrinking> {
    const iso = await buildLiveIso();
    const lab = await openVms({ name, image: 'gluster', memory: GRML.memory });
    const node = lab.node('node-1');
    await node.must(
      `mkdir -p /etc/cloud/cloud.cfg.d
      head -c 400000000 /dev/urandom >/root/large
      sha256sum /root/large >/root/sum
      cp -a /usr/share/doc /root/small
      find /root/small -type f -exec sha256sum {} + >/root/sums
      sync`,
      { timeout: 5 * MINUTES },
    );
    const table = await node.must('sfdisk --dump /dev/vda');
    await lab.snapshot('fresh');
    return new Shrinking(lab, openDesk(), iso, table);
  }

  async close(): Promise<void> {
    this.desk.close();
    await this.lab.down();
  }

  /** Writes the cluster file. */
  write({ user = 'root', rootSize = '3GiB', sha256 = this.iso.sha256 }: Wish = {}): void {
    this.desk.write(
      this.lab.clusterYaml({
        user,
        node: () => ({
          partition: { disk: '/dev/vda', rootSize, label: 'gluster', link: 'gluster-disk' },
          disks: [{ device: '/dev/disk/gluster-disk', use: 'thin', mount: '/data/brick1' }],
        }),
        rest: {
          time: 'leave',
          firewall: 'leave',
          grml: { iso: this.iso.path, sha256 },
          volumes: [{ name: 'gv0', type: 'distribute', bricks: ['node-1:/data/brick1/gv0'] }],
        },
      }),
    );
  }

  async plan(): Promise<Planned> {
    return JSON.parse(await this.desk.must(['node', 'shrink', 'node-1', '--json']));
  }

  /** The normal system runs, and every file is as it was. */
  async expectIntact(): Promise<void> {
    await this.node.must('test ! -e /etc/grml_version');
    expect(
      await this.node.must('sha256sum --quiet -c /root/sum && sha256sum --quiet -c /root/sums && echo all there', {
        timeout: 5 * MINUTES,
      }),
    ).toBe('all there\n');
  }

  async expectTableAsBefore(): Promise<void> {
    expect(await this.node.must('sfdisk --dump /dev/vda')).toBe(this.table);
  }

  /** The partition is there, root has what it should, and nothing of the way is left. */
  async expectCut(): Promise<void> {
    const { node } = this;
    await this.expectIntact();
    const json = JSON.parse(await node.must('sfdisk --json /dev/vda')).partitiontable as {
      partitions: { node: string; start: number; size: number; name?: string }[];
    };
    const root = json.partitions.find((p) => p.node === '/dev/vda1');
    const fresh = json.partitions.find((p) => p.name === 'gluster');
    expect((root?.size ?? 0) * 512).toBe(3 * GIB);
    expect(fresh?.start).toBe((root?.start ?? 0) + (root?.size ?? 0));
    expect((fresh?.size ?? 0) * 512).toBeGreaterThan(2.9 * GIB);
    const blocks = Number(await node.must(`dumpe2fs -h /dev/vda1 2>/dev/null | sed -n 's/^Block count: *//p'`));
    expect(blocks * 4096).toBe(3 * GIB);
    expect((await node.must('readlink -f /dev/disk/by-partlabel/gluster')).trim()).toBe(fresh?.node);
    expect(await node.must(`wipefs -n ${fresh?.node}`)).toBe('');
    expect(
      await node.must('ls -d /boot/grml /etc/default/grml-rescueboot 2>/dev/null || true; grep -ci grml /boot/grub/grub.cfg || true'),
    ).toBe('0\n');
    expect(await node.must('grub-editenv - list | grep next_entry= || true')).toMatch(/^(next_entry=\n)?$/);
    expect(await node.must('cat /etc/cloud/cloud.cfg.d/99-glusterctl-nogrow.cfg')).toContain('mode: "off"');
  }

  /** Runs it to its end; gives what it said. */
  async finish(): Promise<Line[]> {
    const done = await this.desk.run(EXECUTE);
    const events = eventsOf(done);
    expect(errorsOf(events)).toBe('');
    expect(done.code).toBe(0);
    await this.expectCut();
    expect((await this.plan()).legs).toEqual([]);
    return events;
  }

  /** Runs it until it says that a change begins, then does `deed` with the process that runs it. */
  async until(id: string, deed: (child: ChildProcess) => Promise<void>): Promise<CliResult> {
    let child: ChildProcess | null = null;
    let said = '';
    let doing: Promise<void> | null = null;
    const begun = new RegExp(`"type":"change.started"[^\\n]*"id":"${id}"`);
    const done = await this.desk.run(EXECUTE, {
      onStart: (started) => {
        child = started;
      },
      onOutput: (text) => {
        said += text;
        if (doing === null && begun.test(said)) doing = deed(child as unknown as ChildProcess);
      },
    });
    expect(doing, said.slice(-2000)).not.toBeNull();
    await doing;
    return done;
  }

  /** Into the live system by the command itself, which is killed there; gives what it had planned. */
  async strand(): Promise<Planned> {
    const planned = await this.plan();
    const { code } = await this.until('check', async (child) => {
      child.kill('SIGKILL');
    });
    expect(code).toBeNull();
    await this.node.must('test -e /etc/grml_version');
    return planned;
  }
}

/** One machine for the tests of a file, which are to be written below this. */
export const useShrinking = (name: string): (() => Shrinking) => {
  let shrinking: Shrinking;
  beforeAll(async () => {
    shrinking = await Shrinking.open(name);
  });
  afterAll(async () => {
    await shrinking?.close();
  }, MINUTES);
  beforeEach(async () => {
    await shrinking.lab.restore('fresh');
    shrinking.write();
  }, 5 * MINUTES);
  return () => shrinking;
};

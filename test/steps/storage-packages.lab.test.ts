import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Change } from '../../src/model/step.ts';
import { RECORDS } from '../../src/steps/package/records.ts';
import { debsThere, installDebs, removeDebs } from '../../src/steps/package/tools-apt.ts';
import { installRpms, removeRpms, rpmsThere } from '../../src/steps/package/tools-rpm.ts';
import { storagePackages } from '../../src/steps/storage-packages.ts';
import { type Lab, type LabNode, openLab } from '../lab/index.ts';
import { apply, cutUnpacking, perform, photograph, planOn, takeBack, undoAll } from './on-node.ts';

const want = { kinds: ['lvm', 'xfs'] };

let lab: Lab;
let node: LabNode;

beforeAll(async () => {
  lab = await openLab({ name: 'steps-storage', nodes: 2, families: { 'node-2': 'el9' }, say: () => {} });
  node = lab.node('node-1');
});
afterAll(() => lab?.down());

describe('storage-packages on a node', () => {
  // First: node-1 has no LVM yet.
  it.each([
    ['node-1', { names: ['lsof'], install: installDebs, remove: removeDebs, there: debsThere }],
    ['node-2', { names: ['lab-tools'], install: installRpms, remove: removeRpms, there: rpmsThere }],
  ])("leaves LVM's settings on %s where it brought other tools only", async (name, { names, install, remove, there }) => {
    const one = lab.node(name);
    const tools = { record: `${RECORDS}/storage-1`, names };
    const change: Change = {
      id: 'tools',
      title: 'tools',
      risk: 'safe',
      do: install(tools),
      undo: remove(tools),
      verify: there(tools),
    };
    expect((await one.exec('[ ! -e /etc/lvm ]')).code).toBe(0);
    const done = await perform(one, change);
    expect(done.code, done.stdout + done.stderr).toBe(0);
    await one.exec('mkdir /etc/lvm && echo own >/etc/lvm/lvm.conf');
    const back = await takeBack(one, change);
    expect(back.code, back.stdout + back.stderr).toBe(0);
    expect((await one.exec('cat /etc/lvm/lvm.conf && rm -r /etc/lvm')).stdout).toBe('own\n');
  });

  it('installs what is missing, once, and takes it away without a trace', async () => {
    const before = await photograph(node);
    const changes = await apply(node, storagePackages, want);
    expect((await node.exec('vgs && command -v thin_check && command -v mkfs.xfs')).code).toBe(0);
    expect(await planOn(node, storagePackages, want)).toEqual([]);
    await undoAll(node, changes);
    expect(await photograph(node)).toEqual(before);
  });

  it('goes on where it was cut off, and undoes that too', async () => {
    const before = await photograph(node);
    const [change] = await planOn(node, storagePackages, want);
    if (!change) throw new Error('nothing is planned');
    const cut = perform(node, change);
    await node.exec('until pgrep -x dpkg >/dev/null; do sleep 0.1; done; pkill -9 -x dpkg; pkill -9 -x apt-get; true');
    expect((await cut).code).not.toBe(0);
    const again = await perform(node, change);
    expect(again.code, again.stderr + again.stdout).toBe(0);
    const back = await takeBack(node, change);
    expect(back.code, back.stderr + back.stdout).toBe(0);
    expect((await node.exec('dpkg --audit')).stdout).toBe('');
    expect(await photograph(node)).toEqual(before);
  });

  it.each(['libdevmapper-event', 'liblvm2cmd', 'dmeventd', 'lvm2_'])(
    'goes on where dpkg was cut off unpacking %s, with or without it',
    async (name) => {
      const [change] = await planOn(node, storagePackages, want);
      if (!change) throw new Error('nothing is planned');
      const before = await photograph(node);
      for (const on of [true, false]) {
        const mend = await cutUnpacking(node, name);
        expect((await perform(node, change)).code).not.toBe(0);
        expect((await node.exec(`dpkg-query -W -f='\${db:Status-Eflag}\\n'`)).stdout).toContain('reinstreq');
        await mend();
        if (on) expect(await perform(node, change)).toMatchObject({ code: 0 });
        const back = await takeBack(node, change);
        expect(back.code, back.stderr + back.stdout).toBe(0);
        expect((await node.exec('dpkg --audit')).stdout).toBe('');
        expect(await photograph(node)).toEqual(before);
      }
    },
  );

  it('leaves what something else needs by now, and says so', async () => {
    const [change] = await planOn(node, storagePackages, want);
    if (!change) throw new Error('nothing is planned');
    expect((await perform(node, change)).code).toBe(0);
    const made =
      await node.exec(`mkdir -p /tmp/d/DEBIAN && printf 'Package: needs-lvm\\nVersion: 1\\nArchitecture: all\\nDepends: lvm2\\nMaintainer: x <x@example.org>\\nDescription: x\\n' >/tmp/d/DEBIAN/control
      dpkg-deb -b /tmp/d /tmp/x.deb >/dev/null && dpkg -i /tmp/x.deb`);
    expect(made.code).toBe(0);
    const back = await takeBack(node, change);
    expect([back.code, back.stderr]).toEqual([121, expect.stringContaining('left installed, because something else needs them by now:')]);
    expect((await node.exec('command -v vgs')).code).toBe(0);
    expect((await node.exec('command -v thin_check')).code).not.toBe(0);
  });
});

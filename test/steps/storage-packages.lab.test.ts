import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storagePackages } from '../../src/steps/storage-packages.ts';
import { type Lab, type LabNode, openLab } from '../lab/index.ts';
import { apply, perform, photograph, planOn, takeBack, undoAll } from './on-node.ts';

const want = { kinds: ['lvm', 'xfs'] };

let lab: Lab;
let node: LabNode;

beforeAll(async () => {
  lab = await openLab({ name: 'steps-storage', nodes: 1, say: () => {} });
  node = lab.node('node-1');
});
afterAll(() => lab?.down());

describe('storage-packages on a node', () => {
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
    expect((await perform(node, change)).code).toBe(0);
    expect((await takeBack(node, change)).code).toBe(0);
    expect((await node.exec('dpkg --audit')).stdout).toBe('');
    expect(await photograph(node)).toEqual(before);
  });

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

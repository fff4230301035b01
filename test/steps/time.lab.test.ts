import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { time } from '../../src/steps/time.ts';
import { type Lab, openLab } from '../lab/index.ts';
import { ask, perform, photograph, takeBack } from './on-node.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab({ name: 'fwtime', nodes: ['debian', 'rocky'], families: { rocky: 'el9' } });
  await Promise.all(lab.nodes.map((node) => node.ready()));
});
afterAll(() => lab?.down());

describe.each([
  { name: 'debian', unit: 'chrony' },
  { name: 'rocky', unit: 'chronyd' },
])('a $name node on which nothing keeps the time', ({ name, unit }) => {
  // The lab's nodes are containers, in which chronyd runs with -x and leaves the clock alone: only that it is one is not told.
  const plan = async () => {
    const is = (await ask(lab.node(name), time.facts({}))) as Parameters<typeof time.plan>[1];
    return time.plan({}, { ...is, machine: { ...is.machine, container: false } });
  };

  it('gets chrony, running and at every boot; the undo takes all of it away', async () => {
    const node = lab.node(name);
    expect(time.plan({}, (await ask(node, time.facts({}))) as never)).toEqual([]);
    // Debian brings systemd-timesyncd along, which never starts in a container.
    await node.exec('! command -v apt-get || apt-get -qq -y purge systemd-timesyncd </dev/null');
    const before = await photograph(node);
    const changes = await plan();
    expect(changes.map(({ id }) => id)).toEqual(['chrony', 'keep']);
    for (const change of changes) {
      const { code, stderr } = await perform(node, change);
      expect(code, stderr).toBe(0);
    }
    expect(await plan()).toEqual([]);
    expect(
      (await node.exec(`systemctl is-active ${unit}; systemctl is-enabled ${unit}; chronyc -n tracking >/dev/null && echo answers`)).stdout,
    ).toBe('active\nenabled\nanswers\n');
    await node.reboot();
    expect(await plan()).toEqual([]);
    for (const change of [...changes].reverse()) {
      const { code, stderr } = await takeBack(node, change);
      expect(code, stderr).toBe(0);
    }
    expect(await photograph(node)).toEqual(before);
    expect((await plan()).map(({ id }) => id)).toEqual(['chrony', 'keep']);
  });
});

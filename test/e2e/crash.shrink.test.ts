import { expect, test } from 'vitest';
import { errorsOf, eventsOf } from '../helpers/events.ts';
import { useShrinking, WAY } from '../helpers/shrinking.ts';

const MINUTES = 60_000;
const use = useShrinking('shrink-crash');

test(
  'power cuts while the live system is prepared and while it boots: a second run finishes',
  async () => {
    const shrinking = use();
    const { node } = shrinking;
    await shrinking.until('menu', async (child) => {
      child.kill('SIGKILL');
      await node.powerCut();
    });
    await node.start();
    await shrinking.expectIntact();
    await shrinking.expectTableAsBefore();

    const cut = await shrinking.until('arm', async (child) => {
      const before = (await node.bootId()) as string;
      while ((await node.bootId()) === before) await new Promise((resolve) => setTimeout(resolve, 200));
      child.kill('SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, 15_000));
      await node.powerCut();
    });
    expect(cut.code).toBeNull();
    await node.start();
    await shrinking.expectIntact();
    await shrinking.expectTableAsBefore();
    await shrinking.finish();
  },
  2 * WAY,
);

test(
  'a node whose power fails under its eyes: it says in which state the node is, and what to do',
  async () => {
    const shrinking = use();
    const { node } = shrinking;
    const done = await shrinking.until('filesystem', async () => {
      await node.powerCut();
      await node.start();
    });
    const events = eventsOf(done);
    expect(done.code).toBe(5);
    expect(errorsOf(events)).toMatch(/the node has rebooted by itself, and is in its normal system/);
    expect(errorsOf(events)).toMatch(
      /left to do: [\s\S]*next: run the same again: it finishes what is left. Or undo what was done: glusterctl rollback/,
    );
    await shrinking.expectIntact();
    await shrinking.finish();
  },
  2 * WAY,
);

test(
  'nobody at work in the live system: the node boots back by itself, and is booted back by a second run',
  async () => {
    const shrinking = use();
    const { lab, node } = shrinking;
    await shrinking.strand();
    const before = (await node.bootId()) as string;
    await node.must('systemctl is-active glusterctl-dead-man');
    await lab.snapshot('live');
    // The same watch, for seconds instead of minutes.
    await node.must(
      `systemctl stop glusterctl-dead-man
      sed -i 's/-lt [0-9]*/-lt 20/' /run/glusterctl.dead-man
      systemd-run --quiet --unit=short sh /run/glusterctl.dead-man watch`,
    );
    await node.waitForLogin(before, 5 * MINUTES);
    await shrinking.expectIntact();
    await lab.restore('live');
    const events = await shrinking.finish();
    expect(events.flatMap(({ type, text }) => (type === 'note' ? [String(text)] : [])).join('\n')).toMatch(
      /is in the live system of an earlier run/,
    );
  },
  2 * WAY,
);

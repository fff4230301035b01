import { expect, test } from 'vitest';
import { doScript } from '../../src/run/script.ts';
import { Sh } from '../../src/sh.ts';
import { useShrinking, WAY } from '../helpers/shrinking.ts';

const MINUTES = 60_000;
const use = useShrinking('shrink-disk');

test(
  'power cuts in every phase on the disk: the node boots, the data is there, a second run finishes',
  async () => {
    const shrinking = use();
    const { lab, node } = shrinking;
    const { legs } = await shrinking.strand();
    const changes = legs.find(({ id }) => id === 'live')?.changes ?? [];
    expect(changes.map(({ id }) => id)).toEqual(['check', 'filesystem', 'partition', 'create', 'fill', 'proof']);
    const script = (change: (typeof changes)[number]): string => doScript({ do: Sh.raw(change.do), verify: Sh.raw(change.verify) });
    await lab.snapshot('live');
    // The last first: what is cut late needs no second way to the live system.
    for (const [i, change] of [...changes.entries()].reverse()) {
      await lab.restore('live');
      for (const before of changes.slice(0, i)) await node.must(script(before), { timeout: 5 * MINUTES });
      const running = node.exec(script(change), { timeout: 5 * MINUTES }).catch(() => null);
      // The shrinking itself takes seconds: somewhere in the middle of it.
      await new Promise((resolve) => setTimeout(resolve, change.id === 'filesystem' ? 4000 : 1200));
      await node.powerCut();
      await running;
      await node.start();
      await shrinking.expectIntact();
      const left = (await shrinking.plan()).legs as { id: string; changes: { id: string }[] }[];
      process.stdout.write(`cut in ${change.id}: left ${left.map((leg) => leg.id).join(', ')}\n`);
      const whole = ['prepare', 'boot', 'live', 'after'];
      expect([whole, ['online'], ['after']]).toContainEqual(left.map((leg) => leg.id));
      // Until the table has been written only the live system can go on; then never again.
      if (change.id === 'check' || change.id === 'filesystem') expect(left).toHaveLength(4);
      if (i > 2) expect(left).toHaveLength(1);
      await shrinking.finish();
    }
  },
  4 * WAY,
);

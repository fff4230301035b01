import { afterEach, describe, expect, it } from 'vitest';
import { Locked } from '../../src/errors.ts';
import { lockNode } from '../../src/run/lock.ts';
import { doScript } from '../../src/run/script.ts';
import { sh } from '../../src/sh.ts';
import { type ShHost, shHost } from '../helpers/sh-host.ts';

const open: ShHost[] = [];
const host = (): ShHost => {
  const h = shHost('lock');
  open.push(h);
  return h;
};
afterEach(async () => {
  for (const h of open.splice(0)) await h.close();
});

describe('lockNode', () => {
  it('keeps a second run out and says who holds it', async () => {
    const h = host();
    const first = await lockNode(h, 'ann@desk', () => {});
    const second = lockNode(h, 'bob@desk', () => {});
    await expect(second).rejects.toThrow(Locked);
    await expect(second).rejects.toThrow(/ann@desk since \d{4}-/);
    await first.release();
    await (await lockNode(h, 'bob@desk', () => {})).release();
  }, 30_000);

  it('dies with its connection (voice 23)', async () => {
    const h = host();
    const first = await lockNode(h, 'ann', () => {});
    await first.release();
    const next = await lockNode(h, 'bob', () => {});
    expect(next.lost.aborted).toBe(false);
    await next.release();
  });

  it('waits for a script that a killed run has left at work, and says so', async () => {
    const h = host();
    const orphan = h.run(doScript({ do: sh`sleep 2; echo done >"$ROOT"/orphan`, verify: sh`true` }));
    await new Promise((resolve) => setTimeout(resolve, 300));
    const said: string[] = [];
    const lock = await lockNode(h, 'ann', (text) => said.push(text));
    expect(said).toEqual([expect.stringContaining('a script of an earlier run is still at work')]);
    expect((await h.run('cat "$ROOT"/orphan')).stdout).toBe('done\n');
    await lock.release();
    await orphan;
  });
});

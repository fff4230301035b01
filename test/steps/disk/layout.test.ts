import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { thinLayout } from '../../../src/steps/disk/layout.ts';

const KIB = 2 ** 10;
const GIB = 2 ** 30;
const TIB = 2 ** 40;

describe('thinLayout', () => {
  it('is what Red Hat Gluster Storage and heketi use', () => {
    expect(thinLayout(4 * TIB, null)).toMatchObject({ alignment: 256 * KIB, extent: 4096 * KIB, chunk: 256 * KIB, stripe: null });
    // RAID 6 of 10 + 2 disks with 128 KiB: whole stripes of 1280 KiB.
    expect(thinLayout(40 * TIB, { level: 6, disks: 12, stripeUnit: 128 * KIB })).toMatchObject({
      alignment: 1280 * KIB,
      extent: 1280 * KIB,
      chunk: 1280 * KIB,
      stripe: { unit: 128 * KIB, width: 10 },
    });
    expect(thinLayout(8 * TIB, { level: 10, disks: 12, stripeUnit: 256 * KIB })).toMatchObject({
      alignment: 1536 * KIB,
      chunk: 256 * KIB,
      stripe: { unit: 256 * KIB, width: 6 },
    });
    expect(thinLayout(8 * TIB, { level: 1, disks: 2, stripeUnit: 64 * KIB })).toMatchObject({ alignment: 256 * KIB, stripe: null });
  });

  it('gives metadata 0.5 % of the disk, and never more than LVM takes', () => {
    expect(thinLayout(100 * GIB, null)?.metadata).toBe(512 * 2 ** 20);
    expect(thinLayout(100 * TIB, null)?.metadata).toBe(15.75 * GIB);
    expect(thinLayout(600 * 2 ** 20, null)?.metadata).toBe(4 * 2 ** 20);
  });

  it('refuses a disk on which mkfs.xfs would find less than 300 MB', () => {
    expect(thinLayout(256 * 2 ** 20, null)).toBeNull();
    expect(thinLayout(512 * 2 ** 20, null)).not.toBeNull();
  });

  it('fits on every disk, with room for the spare and for growth of the metadata, in units that LVM takes', () => {
    const raid = fc.option(
      fc.record({
        level: fc.constantFrom(0, 1, 5, 6, 10),
        disks: fc.integer({ min: 2, max: 12 }).map((n) => n * 2),
        stripeUnit: fc.integer({ min: 1, max: 64 }).map((n) => n * 4 * KIB),
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 2 ** 20, max: 2 ** 38 }), raid, (sectors, array) => {
        const size = sectors * 512;
        const layout = thinLayout(size, array);
        if (layout === null) return;
        const { alignment, extent, chunk, metadata, pool } = layout;
        const start = Math.ceil(2 ** 20 / alignment) * alignment;
        expect(start + pool + 3 * metadata).toBeLessThan(size);
        for (const part of [pool, metadata]) expect(part % extent).toBe(0);
        expect([extent % (128 * KIB), chunk % (64 * KIB), extent % chunk, alignment % 512]).toEqual([0, 0, 0, 0]);
        expect(metadata).toBeGreaterThanOrEqual(2 * 2 ** 20);
        // Nothing large is left unused.
        if (array === null) expect(size - start - pool - 3 * metadata).toBeLessThan(4 * extent);
        if (layout.stripe) expect([alignment % (layout.stripe.unit * layout.stripe.width), extent % alignment]).toEqual([0, 0]);
      }),
      { numRuns: 2000 },
    );
  });
});

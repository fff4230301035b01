import { type Disk, FIRST_SLOT, ROOT_SLOT } from './machine.ts';

/** A disk that is asked for. What is left out: virtio, no serial, the next free slot, a name by its place in the list. */
export interface DiskSpec {
  /** MiB */
  size: number;
  /** At most 20 characters. `#` becomes the node's number, so that one list gives every node serials of its own. */
  serial?: string | null;
  bus?: Disk['bus'];
  name?: string;
  slot?: number;
}

export const toDisks = (specs: readonly DiskSpec[], number: number): Disk[] => {
  const disks = specs.map(({ size, serial, bus = 'virtio', name, slot }, index): Disk => {
    const text = serial?.replaceAll('#', String(number)) ?? null;
    if (text !== null && !/^[A-Za-z0-9_-]{1,20}$/.test(text)) throw new Error(`not a serial for a virtual disk: ${text}`);
    return { size, bus, name: name ?? `disk${index + 1}`, serial: text, slot: slot ?? FIRST_SLOT + index };
  });
  for (const key of ['name', 'slot'] as const)
    if (new Set(disks.map((disk) => disk[key])).size < disks.length) throw new Error(`two disks have the same ${key}`);
  const bad = disks.find(({ slot }) => slot < 4 || slot === ROOT_SLOT || slot > 29);
  if (bad) throw new Error(`disk ${bad.name}: PCI slot ${bad.slot} is not free`);
  return disks;
};

import { z } from 'zod';
import { nodeName, nodePath, unique, word } from './words.ts';

export const volumeName = () =>
  word(/^(?!all$)[A-Za-z0-9_][A-Za-z0-9_-]*$/, 'letters, digits, "_" and "-", not beginning with "-"; not "all"', 128);

/** glusterd keeps a file named after each brick, and a file name ends at 255 characters. */
export const BrickText = word(
  /^[A-Za-z0-9][A-Za-z0-9.-]*:(?!.*\/\.{1,2}(\/|$))(\/[A-Za-z0-9_.+@=-]+)+$/,
  'NODE:/PATH, the path absolute, of letters, digits and "_.+@=-", without ":", "," or ".."',
  240,
);

export const VolumeEntry = z.strictObject({
  name: volumeName().describe('Name of the volume'),
  type: z
    .enum(['distribute', 'replicate', 'arbiter', 'disperse'])
    .describe(
      'distribute: no copies; replicate: N copies; arbiter: 2 copies and a witness; disperse: erasure coded. More bricks than one set: distributed over sets',
    ),
  replica: z
    .union([
      z.int().min(2, 'a whole number, 2 or more').max(16, 'a whole number, at most 16'),
      z.strictObject({
        data: z.int().min(2, '2 to 16').max(16, '2 to 16').describe('Bricks of a set that hold data'),
        redundancy: z.int().min(1, '1 or more').max(15, 'at most 15').describe('Bricks of a set that may be lost'),
      }),
    ])
    .optional()
    .describe('replicate: bricks in a set (default 3); arbiter: 3 (2 data + 1); disperse: { data: 4, redundancy: 2 }'),
  bricks: z
    .array(BrickText)
    .min(1, 'at least one brick; leave the key out to have them placed')
    .optional()
    .describe("NODE:/PATH in gluster's order, a set after the other; left out: placed over zones on the disks' mounts"),
  options: z
    .record(
      word(/^[a-z][a-z0-9_-]*(\.[a-z0-9_-]+)+$/, 'an option as `gluster volume set help` writes it, such as network.ping-timeout', 128),
      // gluster takes words that begin with "--" for its own options, wherever they stand (glusterfs 10.3, parse_cmdline).
      word(/^(?!--)[!-~]([ -~]*[!-~])?$/, 'text in quotes: printable ASCII, not beginning with "--", without a blank at either end', 4000),
    )
    .default({})
    .describe('Volume options, values in quotes'),
  group: word(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'the name of a profile such as virt', 64)
    .optional()
    .describe('Profile of options that comes with GlusterFS, such as virt'),
  start: z.boolean().default(true).describe('Start the volume'),
  allow: unique(z.array(z.enum(['replica-2', 'root-partition', 'same-node'])))
    .default([])
    .describe(
      'Risks taken knowingly. replica-2: two copies without a witness; root-partition: bricks on the root filesystem; same-node: bricks of a set on one node or all in one zone',
    ),
});
export type VolumeInput = z.output<typeof VolumeEntry>;

export const MountEntry = z.strictObject({
  volume: volumeName().describe('A volume of this file'),
  path: nodePath().describe('Where it is mounted'),
  nodes: unique(z.array(nodeName()).min(1, 'at least one node; leave the key out for all clients'))
    .optional()
    .describe('Nodes with role client; left out: all of them'),
});
export type MountInput = z.output<typeof MountEntry>;

import { z } from 'zod';
import { SshSection } from './ssh.ts';
import { address, devicePath, label, nodeName, nodePath, size, unique, word } from './words.ts';

const count = (least: number) => z.int().min(least, `a whole number, ${least} or more`).max(1000, 'a whole number, at most 1000');

/** A symlink under /dev/disk; no colon, which heketi and lvm refuse in device names. */
const link = () =>
  word(
    /^(?!by-)[A-Za-z0-9][A-Za-z0-9._-]*$/,
    'letters, digits, ".", "_" and "-" (no colon, no "/"), the first a letter or digit, not beginning with "by-"',
    64,
  );

const serial = () => word(/^[!-,.-~]([ -~]*[!-~])?$/, 'printable ASCII, not beginning with "-", without a blank at either end', 128);

const Match = z
  .strictObject({
    minSize: size().optional().describe('Not smaller than this'),
    maxSize: size().optional().describe('Not larger than this'),
    model: serial().optional().describe('Model as `glusterctl facts` shows it'),
    rotational: z.boolean().optional().describe('true: hard disks; false: solid state'),
    limit: count(1).optional().describe('Take at most this many; left out: one with a mount or link, else all that fit'),
  })
  .refine((match) => Object.keys(match).length > 0, {
    message: 'at least one of minSize, maxSize, model, rotational, limit',
    params: { allowed: true },
  })
  .meta({ minProperties: 1 });

export const SELECTORS = ['device', 'serial', 'wwn', 'path', 'match'] as const;

export const DiskEntry = z
  .strictObject({
    device: devicePath().optional().describe('The disk by its device name; serial, wwn and path are safer, names move between boots'),
    serial: serial().optional().describe('The disk by its serial number'),
    wwn: word(/^[A-Za-z0-9][A-Za-z0-9._:-]*$/, 'a WWN as lsblk shows it, such as 0x5000c500a1b2c3d4', 128)
      .optional()
      .describe('The disk by its world wide name'),
    path: word(/^(\/dev\/disk\/by-path\/)?[A-Za-z0-9][A-Za-z0-9_.+@=:-]*$/, 'a name of /dev/disk/by-path', 255)
      .optional()
      .describe('The disk by where it is plugged in: a name of /dev/disk/by-path'),
    match: Match.optional().describe('Free disks that fit; never one that carries anything'),
    link: link().optional().describe('Name of the symlink /dev/disk/NAME that leads to the disk after every boot'),
    use: z
      .enum(['thin', 'xfs', 'heketi', 'none'])
      .describe('thin: LVM thin pool and XFS, snapshots possible; xfs: XFS alone; heketi: left raw for Heketi; none: link only'),
    mount: nodePath().optional().describe('Where the filesystem is mounted; needed with use thin and xfs'),
    raid: z
      .strictObject({
        level: z.union([z.literal(0), z.literal(1), z.literal(5), z.literal(6), z.literal(10)]).describe('RAID level of the array'),
        disks: count(1).describe('Disks in the array, parity included'),
        stripeUnit: size().describe('Chunk that is written to one disk before the next, such as 128K'),
      })
      .optional()
      .describe('Layout of the RAID array behind the disk, to align LVM and XFS to it'),
    wipe: z.boolean().default(false).describe("Allow what is on the disk to be lost; the disk's serial is asked for all the same"),
  })
  .meta({ oneOf: SELECTORS.map((key) => ({ required: [key] })) });
export type DiskInput = z.output<typeof DiskEntry>;

const Partition = z.strictObject({
  disk: devicePath().describe('The disk that carries the root filesystem'),
  rootSize: size().describe('What the root filesystem is shrunk to, such as 30GiB'),
  label: label(36).default('gluster').describe('Name of the new partition'),
  link: link().optional().describe('Name of the symlink /dev/disk/NAME that leads to the new partition'),
});

export const NodeEntry = z.strictObject({
  name: nodeName().describe('Peers and bricks are named by it'),
  address: address().describe('Where SSH goes: an IP address, a host name, a name out of ~/.ssh/config, or `local` for this machine'),
  storage: address().optional().describe('IP address on the storage network; left out: address'),
  zone: word(/^[A-Za-z0-9][A-Za-z0-9._:/-]*$/, 'letters, digits and "._:/-", the first a letter or digit', 253)
    .optional()
    .describe('Failure domain such as a rack; left out: the node is its own'),
  roles: unique(z.array(z.enum(['server', 'client'])).min(1, 'at least one of server, client'))
    .default(['server'])
    .describe('server: carries bricks; client: mounts volumes'),
  ssh: SshSection.optional().describe('Overrides the ssh section for this node'),
  disks: z.array(DiskEntry).default([]).describe('Disks for bricks'),
  partition: Partition.optional().describe('A partition cut from the root disk, see `glusterctl node shrink`'),
});
export type NodeInput = z.output<typeof NodeEntry>;

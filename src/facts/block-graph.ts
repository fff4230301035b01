/** What is written on a device, as wipefs(8) and blkid(8) find it. */
export interface Signature {
  /** `ext4`, `LVM2_member`, `gpt`, `PMBR`... */
  type: string;
  label: string;
  uuid: string;
}

/**
 * A block device with all that could be found out about it. `null` means that it could not be, never that it is
 * not so: what decides about data must not be guessed.
 */
export interface BlockDevice {
  /** The kernel's name: sda, nvme0n1p1, dm-0, md127. */
  name: string;
  /** /dev/sda; for device-mapper /dev/mapper/NAME. */
  path: string;
  /** lsblk's word: disk, part, lvm, crypt, mpath, raid1, loop, rom, dm. */
  type: string | null;
  /** Bytes. */
  size: number | null;
  model: string;
  serial: string;
  /** udev's ID_SERIAL, which a udev rule has to match; '' without udev or where the device has none. */
  idSerial: string;
  /** udev's ID_PATH, the place it is plugged in; '' without udev. */
  idPath: string;
  /** What names a partition, an array or a device-mapper device for good, by udev's name for it. */
  ownUuid?: { property: 'ID_PART_ENTRY_UUID' | 'MD_UUID' | 'DM_UUID'; value: string } | undefined;
  wwn: string;
  /** usb, sata, nvme, iscsi...; '' where unknown. */
  transport: string;
  readOnly: boolean | null;
  removable: boolean | null;
  rotational: boolean | null;
  logicalSector: number | null;
  physicalSector: number | null;
  /** Names under /dev/disk/by-id and by-path, whole paths. */
  byId: readonly string[];
  byPath: readonly string[];
  /** Kernel names of what this one is made of: the disk of a partition, the members of an array. */
  parents: readonly string[];
  /** Kernel names of what is made of this one: partitions and holders. */
  children: readonly string[];
  /** Where it is mounted, its filesystem's other members included. */
  mounts: readonly string[];
  /** Swap is on. */
  swap: boolean;
  /** Something else that has it open: a loop device, the log or realtime device of a mounted filesystem. */
  usedBy: readonly string[];
  /** null: neither wipefs nor blkid could read it. */
  signatures: readonly Signature[] | null;
  /** udev or device-mapper say that multipath has claimed it. */
  multipath: boolean;
  /** LVM: the group this physical volume belongs to, '' for none; undefined where it is no physical volume. */
  group?: string | undefined;
  groupTags?: readonly string[] | undefined;
  /** A mounted filesystem on it has a `.glusterfs` folder at this path. */
  brick?: string | undefined;
}

export interface BlockGraph {
  devices: readonly BlockDevice[];
  /** What could not be read although it matters for all devices: mounts, swaps. */
  unknown: readonly string[];
}

import type { BlockDevice } from '../../facts/block-graph.ts';
import { type Sh, sh } from '../../sh.ts';

/**
 * What tells a device from all others on its node, whatever the kernel calls it after the next boot: a property that
 * udev has for it, or, where nothing better is to be had, the place it is plugged in (ID_PATH), or its name (NAME).
 */
export interface Identity {
  property: 'ID_SERIAL' | 'ID_PART_ENTRY_UUID' | 'MD_UUID' | 'DM_UUID' | 'ID_PATH' | 'NAME';
  value: string;
}

const isPartition = ({ type }: BlockDevice): boolean => type === 'part';

/** A value that means something else in a udev rule: patterns, alternatives, quotes; udev(7). */
const isPlain = (value: string): boolean => /^[A-Za-z0-9#+.:=@_/ -]+$/.test(value);

/** Partitions inherit ID_SERIAL and ID_PATH of their disk; two disks may report the same serial. */
export const identityOf = (device: BlockDevice, all: readonly BlockDevice[]): Identity => {
  const alone = (key: 'idSerial' | 'idPath') =>
    isPlain(device[key]) && !all.some((d) => d.name !== device.name && !isPartition(d) && d[key] === device[key]);
  if (device.ownUuid && isPlain(device.ownUuid.value)) return device.ownUuid;
  if (!isPartition(device) && alone('idSerial')) return { property: 'ID_SERIAL', value: device.idSerial };
  if (!isPartition(device) && alone('idPath')) return { property: 'ID_PATH', value: device.idPath };
  return { property: 'NAME', value: device.name };
};

export const has = (device: BlockDevice, { property, value }: Identity): boolean => {
  if (property === 'NAME') return device.name === value;
  if (property === 'ID_SERIAL') return !isPartition(device) && device.idSerial === value;
  if (property === 'ID_PATH') return !isPartition(device) && device.idPath === value;
  return device.ownUuid?.property === property && device.ownUuid.value === value;
};

/** `property value`, as a record on the node keeps it. */
export const identityText = ({ property, value }: Identity): string => `${property} ${value}`;

export const parseIdentity = (text: string): Identity | null => {
  const [, property, value] = /^(ID_SERIAL|ID_PART_ENTRY_UUID|MD_UUID|DM_UUID|ID_PATH|NAME) (.+)$/.exec(text) ?? [];
  return property === undefined || value === undefined ? null : { property: property as Identity['property'], value };
};

/** As a person says it: its serial number where it has one. */
export const spoken = (device: BlockDevice): string => `${device.path}${device.serial === '' ? '' : ` (serial ${device.serial})`}`;

/** What is typed to give up what is on it: where it has no serial the place it is plugged in, so that no other disk is meant. */
export const typedSerial = (device: BlockDevice): string => device.serial || device.idPath || device.path;

const KINDS: Readonly<Record<Identity['property'], string>> = {
  ID_SERIAL: 'disk',
  ID_PATH: 'disk',
  MD_UUID: 'disk',
  DM_UUID: 'disk',
  ID_PART_ENTRY_UUID: 'partition',
  NAME: 'any',
};

/** Arguments for `find_disk`: the identity, and the size that the device had when it was planned with, or 0 for any. */
export const findWords = (identity: Identity, size: number | null): Sh =>
  sh`${identity.property} ${identity.value} ${KINDS[identity.property]} ${size ?? 0}`;

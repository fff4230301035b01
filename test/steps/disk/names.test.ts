import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTooLong, thinNames } from '../../../src/steps/disk/group.ts';
import { identityOf } from '../../../src/steps/disk/identity.ts';
import { brickUnit, whatOf } from '../../../src/steps/disk/mount-unit.ts';
import { parseRecord } from '../../../src/steps/disk/record.ts';
import { parseRule, ruleText } from '../../../src/steps/disk/rule.ts';
import { blank } from '../../facts/block-graphs.ts';

const letters = 'abcXYZ019_.+@=-'.split('');
const path = fc
  .array(
    fc.array(fc.constantFrom(...letters), { minLength: 1, maxLength: 6 }).map((l) => l.join('')),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => `/${parts.join('/')}`);

describe('names of LVM', () => {
  it('are such as LVM takes, without "-", and another one for every mount point', () => {
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(path, (mount) => {
        const { group, tags } = thinNames('prod', 'node-1', { mount });
        expect(group).toMatch(/^[A-Za-z0-9+_.]+$/);
        for (const tag of tags) expect(tag).toMatch(/^[A-Za-z0-9_+./=!:#&-]+$/);
        expect(seen.get(group) ?? mount).toBe(mount);
        seen.set(group, mount);
      }),
      { numRuns: 3000 },
    );
    expect(thinNames('prod', 'node-1', { mount: '/data/brick1' }).device).toBe('/dev/mapper/gluster_node_1_data_brick1-brick');
    expect(isTooLong(thinNames('prod', 'node-1', { mount: `/${'x'.repeat(120)}` }))).toBe(true);
  });
});

describe('what a disk is known by', () => {
  const of = (over: object, ...others: object[]) => {
    const device = blank('sda', over);
    return identityOf(device, [device, ...others.map((o, i) => blank(`sd${'bcd'[i]}`, o))]);
  };

  it('is its serial, its place where it has none or shares it, and its name only where nothing else is to be had', () => {
    expect(of({ idSerial: 'S1', idPath: 'pci-1' })).toEqual({ property: 'ID_SERIAL', value: 'S1' });
    expect(of({ idSerial: '', idPath: 'pci-1' })).toEqual({ property: 'ID_PATH', value: 'pci-1' });
    expect(of({ idSerial: 'S1', idPath: 'pci-1' }, { idSerial: 'S1', idPath: 'pci-2' })).toEqual({ property: 'ID_PATH', value: 'pci-1' });
    expect(of({ idSerial: '', idPath: '' })).toEqual({ property: 'NAME', value: 'sda' });
    // What udev would take for a pattern.
    expect(of({ idSerial: 'S[1]*', idPath: 'pci-1' })).toEqual({ property: 'ID_PATH', value: 'pci-1' });
  });

  it("is a partition's own UUID: serial and place are its disk's", () => {
    const ownUuid = { property: 'ID_PART_ENTRY_UUID' as const, value: 'p1' };
    expect(of({ type: 'part', ownUuid, idSerial: 'S1', idPath: 'pci-1' })).toEqual(ownUuid);
    expect(of({ type: 'part', idSerial: 'S1', idPath: 'pci-1' })).toEqual({ property: 'NAME', value: 'sda' });
  });
});

describe('rules of udev', () => {
  it('never go by DEVPATH, and are read back', () => {
    for (const property of ['ID_SERIAL', 'ID_PATH', 'ID_PART_ENTRY_UUID', 'MD_UUID', 'DM_UUID'] as const) {
      const text = ruleText('data', { property, value: 'a:b-c' });
      expect(text).not.toContain('DEVPATH');
      expect(text).toContain(`ENV{DEVTYPE}=="${property === 'ID_PART_ENTRY_UUID' ? 'partition' : 'disk'}", ENV{${property}}=="a:b-c"`);
      expect(parseRule(text)).toEqual({ property, value: 'a:b-c' });
    }
    expect(parseRule('SUBSYSTEM=="block", ENV{ID_SERIAL}=="x", SYMLINK+="disk/data"\n')).toBeNull();
  });
});

describe('records and units', () => {
  it('a record without a disk is none', () => {
    expect(parseRecord('')).toBeNull();
    expect(parseRecord('uuid u\n')).toBeNull();
    expect(parseRecord('disk ID_PATH pci-0000:00:12.0\nmade /etc/lvm/backup\nuuid u-1\nformatted xfs\n')).toEqual({
      identity: { property: 'ID_PATH', value: 'pci-0000:00:12.0' },
      uuid: 'u-1',
      formatted: true,
    });
  });

  it('a unit that somebody has changed is not taken for ours', () => {
    expect(whatOf('/data/b', brickUnit('/data/b', '/dev/x'))).toBe('/dev/x');
    expect(whatOf('/data/b', brickUnit('/data/b'))).toBeNull();
    expect(whatOf('/data/b', brickUnit('/data/b', '/dev/x').replace('nofail', 'ro'))).toBeNull();
  });
});

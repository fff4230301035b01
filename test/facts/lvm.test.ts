import { describe, expect, it } from 'vitest';
import { lvmTree } from '../../src/facts/lvm.ts';

/** As lvm2 2.03.16 reports a thin stack. */
const OUT = `  {
      "report": [
          {
              "pv": [
                  {"pv_name":"/dev/vdb", "vg_name":"gl_brick1", "pv_uuid":"aaaa", "pv_size":"10733223936", "pv_free":"54525952", "pe_start":"262144"}
              ]
          }
      ]
  }
=
  {"report": [{"vg": [{"vg_name":"gl_brick1", "vg_uuid":"bbbb", "vg_size":"10733223936", "vg_free":"54525952", "vg_extent_size":"4194304", "vg_tags":"glusterctl,x"}]}]}
=
  {"report": [{"lv": [
    {"vg_name":"gl_brick1", "lv_name":"pool", "lv_dm_path":"/dev/mapper/gl_brick1-pool", "lv_uuid":"c", "lv_size":"10619977728", "lv_attr":"twi-aotz--", "segtype":"thin-pool", "pool_lv":"", "origin":"", "chunk_size":"262144", "lv_metadata_size":"54525952", "lv_profile":"glusterctl", "lv_tags":""},
    {"vg_name":"gl_brick1", "lv_name":"brick", "lv_dm_path":"/dev/mapper/gl_brick1-brick", "lv_uuid":"d", "lv_size":"10619977728", "lv_attr":"Vwi-aotz--", "segtype":"thin", "pool_lv":"pool", "origin":"", "chunk_size":"0", "lv_metadata_size":"", "lv_profile":"", "lv_tags":"brick1"}
  ]}]}
`;

describe('LVM', () => {
  it('is read as one tree', () => {
    const tree = lvmTree.parse({ stdout: OUT, code: 0 });
    expect(tree?.pvs).toEqual([{ path: '/dev/vdb', group: 'gl_brick1', uuid: 'aaaa', size: 10733223936, free: 54525952, start: 262144 }]);
    expect(tree?.vgs[0]).toMatchObject({ name: 'gl_brick1', extent: 4194304, tags: ['glusterctl', 'x'] });
    expect(tree?.lvs.map((l) => [l.name, l.segment, l.pool, l.chunk, l.metadataSize, l.tags])).toEqual([
      ['pool', 'thin-pool', '', 262144, 54525952, []],
      ['brick', 'thin', 'pool', null, null, ['brick1']],
    ]);
  });

  it('is null where it is not installed, and an error where it does not answer', () => {
    expect(lvmTree.parse({ stdout: '', code: 3 })).toBeNull();
    expect(() => lvmTree.parse({ stdout: '', code: 4 })).toThrow(/LVM/);
  });
});

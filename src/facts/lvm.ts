import type { Fact } from '../model/fact.ts';
import { sh } from '../sh.ts';

/** Sizes in bytes. */
export interface PhysicalVolume {
  path: string;
  group: string;
  uuid: string;
  size: number;
  free: number;
  /** Where data starts: what --dataalignment gave. */
  start: number;
}

export interface VolumeGroup {
  name: string;
  uuid: string;
  size: number;
  free: number;
  extent: number;
  tags: readonly string[];
}

export interface LogicalVolume {
  group: string;
  name: string;
  /** As the kernel names it, `/dev/mapper/...`. */
  path: string;
  uuid: string;
  size: number;
  /** `lv_attr`, lvs(8): V is thin, t a thin pool, the fifth letter a is active. */
  attributes: string;
  /** thin, thin-pool, linear, striped... */
  segment: string;
  pool: string;
  /** Of a snapshot or clone. */
  origin: string;
  chunk: number | null;
  metadataSize: number | null;
  profile: string;
  tags: readonly string[];
}

export interface LvmTree {
  pvs: readonly PhysicalVolume[];
  vgs: readonly VolumeGroup[];
  lvs: readonly LogicalVolume[];
}

type Row = Readonly<Record<string, string>>;

const report = (text: string, key: string): Row[] => {
  const document = JSON.parse(text) as { report?: Record<string, Row[]>[] };
  return (document.report ?? []).flatMap((part) => part[key] ?? []);
};

const number = (value: string | undefined): number | null => (value === undefined || value === '' ? null : Number(value));
const list = (value: string | undefined): string[] => (value ?? '').split(',').filter(Boolean);

const parse = (stdout: string): LvmTree => {
  const [pvs = '', vgs = '', lvs = ''] = stdout.split(/^=\n/m);
  return {
    pvs: report(pvs, 'pv').map((r) => ({
      path: r.pv_name ?? '',
      group: r.vg_name ?? '',
      uuid: r.pv_uuid ?? '',
      size: number(r.pv_size) ?? 0,
      free: number(r.pv_free) ?? 0,
      start: number(r.pe_start) ?? 0,
    })),
    vgs: report(vgs, 'vg').map((r) => ({
      name: r.vg_name ?? '',
      uuid: r.vg_uuid ?? '',
      size: number(r.vg_size) ?? 0,
      free: number(r.vg_free) ?? 0,
      extent: number(r.vg_extent_size) ?? 0,
      tags: list(r.vg_tags),
    })),
    lvs: report(lvs, 'lv').map((r) => ({
      group: r.vg_name ?? '',
      name: r.lv_name ?? '',
      path: r.lv_dm_path ?? '',
      uuid: r.lv_uuid ?? '',
      size: number(r.lv_size) ?? 0,
      attributes: r.lv_attr ?? '',
      segment: r.segtype ?? '',
      pool: r.pool_lv ?? '',
      origin: r.origin ?? '',
      chunk: number(r.chunk_size) || null,
      metadataSize: number(r.lv_metadata_size),
      profile: r.lv_profile ?? '',
      tags: list(r.lv_tags),
    })),
  };
};

const NO_LVM = 3;

/** vgs also writes a group's metadata below /etc/lvm, where they are not written yet; who only asks leaves nothing there. */
export const ONLY_ASK = 'backup { backup=0 archive=0 }';

/** All of LVM on the node; null where LVM is not installed. Throws where it is and gave no readable answer. */
export const lvmTree: Fact<LvmTree | null> = {
  id: 'lvm',
  read: sh`
    command -v lvs >/dev/null || exit ${NO_LVM}
    o='--reportformat json --units b --nosuffix'
    pvs $o -o pv_name,vg_name,pv_uuid,pv_size,pv_free,pe_start || exit 4
    echo =
    vgs $o --config ${ONLY_ASK} -o vg_name,vg_uuid,vg_size,vg_free,vg_extent_size,vg_tags || exit 4
    echo =
    lvs $o -o vg_name,lv_name,lv_dm_path,lv_uuid,lv_size,lv_attr,segtype,pool_lv,origin,chunk_size,lv_metadata_size,lv_profile,lv_tags || exit 4`,
  parse: ({ stdout, code }) => {
    if (code === NO_LVM) return null;
    if (code !== 0) throw new Error(`LVM gave no answer (pvs, vgs, lvs: exit ${code})`);
    return parse(stdout);
  },
};

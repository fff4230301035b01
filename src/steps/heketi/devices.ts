import type { Report } from '../../errors.ts';
import type { HeketiState } from '../../facts/heketi.ts';
import { ordered, type Topology, zoneNumbers } from '../../heketi/topology.ts';
import { type Choice, choose, isHeketi, type Seen } from '../disk/choose.ts';
import { spoken } from '../disk/identity.ts';
import type { WantDisks } from '../disk/wish.ts';

/** A server of the file, as the topology has it. */
export interface Giver {
  name: string;
  storage: string;
  zone: string;
  disks: WantDisks['disks'];
}

interface Device {
  node: string;
  name: string;
  /** Heketi has it already. */
  there: boolean;
}

/** Names that udev keeps through reboots and that Heketi takes (api.deviceNameRe), best first; a colon is trouble in LVM. */
const STABLE = [/\/wwn-/, /\/nvme-(eui|nvme)\./, /\/nvme-/, /\/scsi-/, /\/ata-/, /\/virtio-/, /\/(dm|md)-(name|uuid)-/, /\/usb-/];

export const stableName = ({ disk, device }: Pick<Choice, 'disk' | 'device'>): string | null => {
  if (disk.link !== null) return `/dev/disk/${disk.link}`;
  const names = device.byId.filter((name) => /^\/[A-Za-z0-9_./-]+$/.test(name)).sort();
  return STABLE.flatMap((kind) => names.filter((name) => kind.test(name)))[0] ?? null;
};

const unnamed = (node: string, choice: Choice): Report => ({
  check: 'heketi-device',
  node,
  what: `${spoken(choice.device)} has no name that stays and that Heketi takes`,
  why: 'Heketi finds a device by its name, and sdb may be another disk after the next boot',
  next: 'give the disk a link: in cluster.yaml',
});

const leftover = (node: string, { device }: Choice): Report => ({
  check: 'heketi-device',
  node,
  what: `${spoken(device)} carries the group ${device.group ?? ''} of a Heketi that is not this one`,
  why: 'this Heketi does not know it, and would not take it',
  next: `if nothing of it is needed: vgremove ${device.group ?? ''} and pvremove ${device.path} on the node`,
});

export interface Wanted {
  topology: Topology;
  devices: readonly Device[];
  faults: readonly Report[];
}

/**
 * What Heketi is to know, from what the nodes are. A device that Heketi has laid its group vg_ID on keeps the name that Heketi has
 * for it; faults of single entries are left to the step disk-raw. While Heketi does not answer, nothing can be said of those.
 * `state` null: Heketi is not glusterctl's, so that devices that it has by now are named like others.
 */
export const wanted = (cluster: string, givers: readonly Giver[], seen: ReadonlyMap<string, Seen>, state: HeketiState | null): Wanted => {
  const there = state?.nodes ?? [];
  const blind = state !== null && state.nodes === null && state.data;
  const faults: Report[] = [];
  const devicesOf = ({ name: node, disks }: Giver): Device[] => {
    const facts = seen.get(node);
    if (facts === undefined) return [];
    const { chosen } = choose({ cluster, node, disks }, facts);
    return chosen.flatMap((choice): Device[] => {
      if (choice.disk.use !== 'heketi') return [];
      const mine = there.find(({ manage }) => manage === node)?.devices ?? [];
      if (state !== null && isHeketi(choice.device)) {
        const name = mine.find(({ id }) => `vg_${id}` === choice.device.group)?.name;
        if (name !== undefined) return [{ node, name, there: true }];
        if (!blind) faults.push(leftover(node, choice));
        return [];
      }
      const name = stableName(choice);
      if (name === null) {
        faults.push(unnamed(node, choice));
        return [];
      }
      return [{ node, name, there: mine.some((device) => device.name === name) }];
    });
  };
  const zones = zoneNumbers(givers, there);
  const devices = givers.flatMap(devicesOf);
  const nodes = givers.map(({ name, storage, zone }) => ({
    node: { hostnames: { manage: [name], storage: [storage] }, zone: zones.get(zone) ?? 1 },
    devices: devices.filter(({ node }) => node === name).map((device) => device.name),
  }));
  return { topology: ordered({ clusters: [{ nodes }] }), devices, faults };
};
